/** An account that has all it takes, of which tests take something away. */
import assert from 'node:assert/strict';
import { type Checked, checkAccount } from '../../infra/console/account/checks.ts';
import type { Account, Network } from '../../infra/console/account/ports.ts';
import { accountStatements, serviceStatements, suffixOf } from '../../infra/key_policy.ts';
import { checkSettings, type Settings } from '../../infra/settings.ts';
import { NETWORK } from '../judges/variants.ts';
import config from '../shop.config.ts';
import { ACCOUNT, POLICY } from './topic_policy.ts';

export const SOUND = { state: 'Enabled', usage: 'ENCRYPT_DECRYPT', spec: 'SYMMETRIC_DEFAULT' };
const HOLDER = { partition: 'aws', region: 'eu-central-1', account: ACCOUNT, suffix: suffixOf('aws') };
/** As `npx crossfade key-policy` prints them, where alarms notify a topic. */
export const STATEMENTS = [accountStatements, serviceStatements].flatMap((of) =>
  of({ ...HOLDER, notifies: true }),
);
export const SUBNET = NETWORK.subnetIds[0] as string;
export const CLOSED: Network = { endpoints: [], subnetsWithoutNat: [SUBNET], missing: [] };
const FINE: Account = {
  concurrency: async () => ({ limit: 1000, unreserved: 1000 }),
  isDeployed: async () => false,
  highThroughput: async () => false,
  bootstrap: async () => 21,
  secretProblem: async () => null,
  secretKey: async () => null,
  tokenKeys: async () => ['EC', 'RSA'],
  network: async () => CLOSED,
  ...{ number: async () => ACCOUNT, apiRate: async () => 10_000, inFlight: async () => 120_000 },
  ...{ deployerBoundary: async () => null, hasPolicy: async () => true },
  topic: async () => ({ policy: POLICY(), key: null, confirmed: 1 }),
  ...{ region: async () => 'eu-central-1', outputs: async () => null },
  key: async (arn) => ({ arn, ...SOUND }),
  keyPolicy: async () => JSON.stringify({ Statement: STATEMENTS }),
  certificate: async () => ({ status: 'ISSUED', type: 'AMAZON_ISSUED', names: ['*.example.com'] }),
  trustStore: async () => '-----BEGIN CERTIFICATE-----',
  apiLogRole: async () => `arn:aws:iam::${ACCOUNT}:role/api-logs`,
  endpoint: async () => ({ service: 'execute-api', state: 'available' }),
};
/** The states of the checks that are not ok, with what was found. */
export async function odd(
  account: Partial<Account>,
  settings: Settings = config,
): Promise<Record<string, Checked>> {
  const checks = await checkAccount({ ...FINE, ...account }, checkSettings(settings, 'test'));
  return Object.fromEntries(checks.filter(({ state }) => state !== 'ok').map((each) => [each.code, each]));
}

/** That this check alone is wrong. */
export async function refuses(code: string, found: RegExp, account: Partial<Account>, settings?: Settings) {
  const all = await odd(account, settings);
  assert.deepEqual(Object.keys(all), [code]);
  assert.equal(all[code]?.state, 'wrong');
  assert.match(`${all[code]?.found}. ${all[code]?.todo}`, found);
}

export const deployed = (changed: Partial<Settings['deployment']>): Settings => ({
  ...config,
  deployment: { ...config.deployment, ...changed },
});
