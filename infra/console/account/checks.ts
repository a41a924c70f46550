/** What must be so in an AWS account before a deployment, one check each. They only read. */
import { secretNames } from '../../../functions/edge/environment.ts';
import { AUTHORIZERS } from '../../private_settings.ts';
import { CONTROLLERS, OPERATORS, provers } from '../../session_settings.ts';
import type { CheckedSettings } from '../../settings.ts';
import { domain } from './domain_check.ts';
import { neededOf } from './endpoints.ts';
import { type Check, type Found, ok, wrong } from './found.ts';
import { keys as kmsKeys, places, secretsKey } from './key_checks.ts';
import { type Account, CannotLook, type SecretKind } from './ports.ts';
import { issuerWay, privateApi } from './private_api.ts';
import { boundary, inFlight, rate, topic } from './quota_checks.ts';

export interface Checked extends Found {
  /** Stable: for scripts. */
  readonly code: string;
}

/** Concurrent executions that AWS wants left to functions without a share of their own (lambda/latest/dg/configuration-concurrency.html, 2026-11-27). */
const UNRESERVED = 100;
/** The least version of `cdk bootstrap` whose roles the templates of this CDK use. */
const BOOTSTRAP = 6;
/** GetParameters a second that SSM answers without its higher throughput, and names that one call may have. */
const [READS, NAMES] = [40, 10];

/** Containers with a share of their own, together. */
function reserved({ deployment, configuration }: CheckedSettings): number {
  const { api, reconcile, backfill, verify } = deployment.concurrency;
  const front = api + (deployment.private === null ? 0 : AUTHORIZERS);
  return deployment.secrets.couchbase === null
    ? front
    : front + reconcile + backfill + verify + OPERATORS + CONTROLLERS + provers(deployment, configuration);
}

const concurrency: Check = async (account, settings) => {
  const [{ limit, unreserved }, deployed] = [await account.concurrency(), await account.isDeployed()];
  const wanted = reserved(settings);
  // What is deployed already may be ours.
  const left = deployed ? limit - wanted : unreserved - wanted;
  const found = `${limit} concurrent executions, ${limit - unreserved} of them reserved; this deployment reserves ${wanted}`;
  return left >= UNRESERVED
    ? ok(found)
    : wrong(
        `${found}, and AWS wants ${UNRESERVED} left for all other functions`,
        'Raise the quota "Concurrent executions" of Lambda (Service Quotas), or lower deployment.concurrency',
      );
};

const throughput: Check = async (account, { configuration, deployment }) => {
  const { api, reconcile, backfill, verify } = deployment.concurrency;
  const calls = Math.ceil(Object.keys(configuration.collections).length / NAMES);
  const seconds = Math.max(configuration.timing.refresh, 1) / 1000;
  const most = Math.ceil(((api + reconcile + backfill + verify) * calls) / seconds);
  const found = `all containers together read phases up to ${most} times a second`;
  if (most <= READS) return ok(`${found}, and SSM answers ${READS}`);
  if (await account.highThroughput()) return ok(`${found}, and SSM has its higher throughput`);
  return wrong(
    `${found}, and SSM answers ${READS}`,
    'Turn on its higher throughput: aws ssm update-service-setting --setting-id /ssm/parameter-store/high-throughput-enabled ' +
      '--setting-value true; or raise timing.refresh',
  );
};

const bootstrap: Check = async (account) => {
  const version = await account.bootstrap();
  if (version !== null && version >= BOOTSTRAP) return ok(`version ${version}`);
  const found = version === null ? 'the region is not bootstrapped' : `version ${version}, of ${BOOTSTRAP}`;
  return wrong(found, 'npx cdk bootstrap, once per account and region');
};

/** A login of Oracle that may have a secret of its own. */
const ownSecretOf =
  (which: 'oracleWork' | 'oracleControl'): Check =>
  async (account, settings) => {
    const name = settings.deployment.secrets[which];
    if (name === undefined) return ok('none of its own: this login has the secret of the API');
    return secretIn(name, 'oracle')(account, settings);
  };

const secretOf =
  (which: 'couchbase' | 'oracle' | 'oracleOwner'): Check =>
  async (account, settings) => {
    const name = settings.deployment.secrets[which];
    if (name === null) return ok('none is needed: all collections have been retired');
    return secretIn(name, which === 'couchbase' ? 'couchbase' : 'oracle')(account, settings);
  };

/** Without it logs name no key at all, and nothing else fails. */
const salt: Check = async (account, settings) => {
  const { keys } = settings.deployment.secrets;
  return keys === null
    ? ok('none is named: logs have keys as they are')
    : secretIn(keys, 'keys')(account, settings);
};

const secretIn =
  (name: string, kind: SecretKind): Check =>
  async (account, { deployment }) => {
    const problem = await account.secretProblem(name, kind);
    if (problem !== null)
      return wrong(
        problem,
        `See "${kind === 'keys' ? 'Keys in logs' : 'Deploying'}" in infra/README.md for what ${name} has to hold`,
      );
    const keys = await Promise.all(secretNames(name).map((each) => account.secretKey(each)));
    const own = keys.filter((each) => each !== null);
    return own.length === 0
      ? ok(`${name} has all that it needs, and the key of AWS`)
      : secretsKey(account, deployment, name, own);
  };

const tokens: Check = async (account, { deployment }) => {
  const { issuer } = deployment.tokens;
  const kinds = await account.tokenKeys(issuer);
  const found = `${issuer} has ${kinds.length} keys: ${[...new Set(kinds)].join(', ') || 'none'}`;
  return kinds.includes('RSA')
    ? ok(found)
    : wrong(
        found,
        'API Gateway takes tokens that are signed with RSA only: have the issuer sign with RS256, and list the key in its jwks_uri',
      );
};

const network: Check = async (account, settings) => {
  const { deployment } = settings;
  if (deployment.network === null) return ok('the functions are outside of a VPC');
  const { vpcId, subnetIds } = deployment.network;
  const { endpoints, subnetsWithoutNat, missing } = await account.network(vpcId, subnetIds);
  if (missing.length > 0)
    return wrong(`${vpcId} has no ${missing.join(', ')}`, 'Mend deployment.network.subnetIds');
  if (subnetsWithoutNat.length === 0) return ok('every subnet has a way out');
  const lacking = neededOf(settings).filter(({ service }) => !endpoints.includes(service));
  const closed = `${subnetsWithoutNat.join(', ')} have no way out`;
  if (lacking.length === 0) return ok(`${closed}, and ${vpcId} has every endpoint that is needed`);
  return wrong(
    `${closed}, and ${vpcId} has no endpoint for ${lacking.map((each) => `${each.service} (${each.for})`).join(', ')}`,
    `Add an endpoint com.amazonaws.REGION.SERVICE for each, with private DNS and a security group that takes port 443 (for s3 a gateway endpoint), or a NAT gateway`,
  );
};

const CHECKS: Readonly<Record<string, Check>> = {
  CONCURRENCY: concurrency,
  PARAMETER_READS: throughput,
  API_RATE: rate,
  QUEUE_IN_FLIGHT: inFlight,
  BOOTSTRAP: bootstrap,
  SECRET_COUCHBASE: secretOf('couchbase'),
  SECRET_ORACLE: secretOf('oracle'),
  SECRET_ORACLE_WORK: ownSecretOf('oracleWork'),
  SECRET_ORACLE_CONTROL: ownSecretOf('oracleControl'),
  SECRET_ORACLE_OWNER: secretOf('oracleOwner'),
  SECRET_KEYS: salt,
  TOKEN_KEYS: tokens,
  NETWORK: network,
  PERMISSIONS_BOUNDARY: boundary,
  ALARM_TOPIC: topic,
  REGION: places,
  KMS_KEY: kmsKeys,
  DOMAIN: domain,
  PRIVATE_API: privateApi,
  ISSUER_WAY: issuerWay,
};

/** All of them. One that could not be looked at says why, and keeps no other from being looked at. */
export function checkAccount(account: Account, settings: CheckedSettings): Promise<Checked[]> {
  return Promise.all(
    Object.entries(CHECKS).map(async ([code, check]) => {
      try {
        return { code, ...(await check(account, settings)) };
      } catch (error) {
        if (!(error instanceof CannotLook)) throw error;
        return { code, state: 'unknown', found: error.message, todo: error.todo };
      }
    }),
  );
}
