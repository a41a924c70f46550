/** `npx crossfade account`: each check. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Checked, checkAccount } from '../../infra/console/account/checks.ts';
import { NEEDED } from '../../infra/console/account/endpoints.ts';
import { type Account, CannotLook, type Network } from '../../infra/console/account/ports.ts';
import { keyPolicy } from '../../infra/console/key_policy.ts';
import { accountStatements, serviceStatements, suffixOf } from '../../infra/key_policy.ts';
import { checkSettings, type Settings } from '../../infra/settings.ts';
import { KEY, NETWORK, TOPIC } from '../judges/variants.ts';
import config from '../shop.config.ts';
import { ACCOUNT, POLICY } from './topic_policy.ts';

const SOUND = { state: 'Enabled', usage: 'ENCRYPT_DECRYPT', spec: 'SYMMETRIC_DEFAULT' };
const HOLDER = { partition: 'aws', region: 'eu-central-1', account: ACCOUNT, suffix: suffixOf('aws') };
/** As `npx crossfade key-policy` prints them, where alarms notify a topic. */
const STATEMENTS = [accountStatements, serviceStatements].flatMap((of) => of({ ...HOLDER, notifies: true }));
const SUBNET = NETWORK.subnetIds[0] as string;
const CLOSED: Network = { endpoints: [], subnetsWithoutNat: [SUBNET], missing: [] };
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
  region: async () => 'eu-central-1',
  key: async (arn) => ({ arn, ...SOUND }),
  keyPolicy: async () => JSON.stringify({ Statement: STATEMENTS }),
};
const IN_VPC = { ...config, deployment: { ...config.deployment, network: NETWORK } };

/** The states of the checks that are not ok, with what was found. */
async function odd(account: Partial<Account>, settings: Settings = config): Promise<Record<string, Checked>> {
  const checks = await checkAccount({ ...FINE, ...account }, checkSettings(settings, 'test'));
  return Object.fromEntries(checks.filter(({ state }) => state !== 'ok').map((each) => [each.code, each]));
}

/** That this check alone is wrong. */
async function refuses(code: string, found: RegExp, account: Partial<Account>, settings?: Settings) {
  const all = await odd(account, settings);
  assert.deepEqual(Object.keys(all), [code]);
  assert.equal(all[code]?.state, 'wrong');
  assert.match(`${all[code]?.found}. ${all[code]?.todo}`, found);
}

test('an account that has all it takes has no finding', async () => {
  assert.deepEqual(await odd({}), {});
  const endpoints = NEEDED.map(({ service }) => service);
  assert.deepEqual(await odd({ network: async () => ({ ...CLOSED, endpoints }) }, IN_VPC), {});
  assert.deepEqual(await odd({ network: async () => ({ ...CLOSED, subnetsWithoutNat: [] }) }, IN_VPC), {});
});

test('what AWS would refuse, or what would not work, is wrong, with what to do', async () => {
  const { api, reconcile, backfill, verify } = config.deployment.concurrency;
  const reserved = api + reconcile + backfill + verify + 3;
  const room = (unreserved: number, limit = 1000) => ({ concurrency: async () => ({ limit, unreserved }) });
  await refuses('CONCURRENCY', /Raise the quota/, room(10, 10));
  await refuses('CONCURRENCY', new RegExp(`reserves ${reserved}`), room(reserved + 99));
  assert.deepEqual(await odd(room(reserved + 100)), {});
  // What is reserved already is its own.
  assert.deepEqual(await odd({ ...room(100), isDeployed: async () => true }), {});
  await refuses('BOOTSTRAP', /not bootstrapped.*npx cdk bootstrap/, { bootstrap: async () => null });
  await refuses('BOOTSTRAP', /version 5, of 6/, { bootstrap: async () => 5 });
  const bad = async (name: string) => (name === config.deployment.secrets.oracle ? 'no JSON' : null);
  await refuses('SECRET_ORACLE', /no JSON/, { secretProblem: bad });
  const keyed = async (name: string) => (name === config.deployment.secrets.couchbase ? 'arn:key' : null);
  await refuses('SECRET_COUCHBASE', /arn:key.*kmsKeysToRead.*kms:Decrypt/, { secretKey: keyed });
  await refuses('TOKEN_KEYS', /EC\..*RSA/, { tokenKeys: async () => ['EC'] });
  const often = { ...config, timing: { ...config.timing, refresh: 100 } };
  await refuses('PARAMETER_READS', /higher throughput/, {}, often);
  assert.deepEqual(await odd({ highThroughput: async () => true }, often), {});
});

test('quotas are compared with what the settings can use of them', async () => {
  const { api, reconcile } = config.deployment.concurrency;
  await refuses('API_RATE', /Throttle rate/, { apiRate: async () => 50 * api - 1 });
  assert.deepEqual(await odd({ apiRate: async () => 50 * api }), {});
  await refuses('QUEUE_IN_FLIGHT', /half of the quota/, { inFlight: async () => 2000 * reconcile - 1 });
  assert.deepEqual(await odd({ inFlight: async () => 2000 * reconcile }), {});
});

const BOUNDARY = `arn:aws:iam::${ACCOUNT}:policy/boundary`;
const deployed = (changed: Partial<Settings['deployment']>): Settings => ({
  ...config,
  deployment: { ...config.deployment, ...changed },
});

test('a boundary that the role of the deployment has is asked for, and one that is configured must be there', async () => {
  const demanded = { deployerBoundary: async () => BOUNDARY };
  await refuses(
    'PERMISSIONS_BOUNDARY',
    new RegExp(`Set deployment.permissionsBoundary: '${BOUNDARY}'`),
    demanded,
  );
  const bounded = deployed({ permissionsBoundary: BOUNDARY });
  assert.deepEqual(await odd(demanded, bounded), {});
  await refuses('PERMISSIONS_BOUNDARY', /no policy arn/, { hasPolicy: async () => false }, bounded);
});

test('the topic of alarms lets CloudWatch publish, and somebody hears of it', async () => {
  const heard = deployed({ alarmTopic: TOPIC });
  assert.deepEqual(await odd({}, heard), {});
  const topic = (changed: object) => ({
    topic: async () => ({ policy: POLICY(), key: null, confirmed: 1, ...changed }),
  });
  await refuses('ALARM_TOPIC', /no topic arn/, { topic: async () => null }, heard);
  await refuses('ALARM_TOPIC', /no confirmed subscription/, topic({ confirmed: 0 }), heard);
  await refuses('ALARM_TOPIC', /alias\/aws\/sns, which/, topic({ key: 'alias/aws/sns' }), heard);
  assert.deepEqual(await odd(topic({ key: 'arn:aws:kms:eu-central-1:1:key/own' }), heard), {});
  const service = { Principal: { Service: ['events.amazonaws.com', 'cloudwatch.amazonaws.com'] } };
  for (const allowed of [service, { ...service, Condition: {} }, { Principal: '*', Action: 'sns:*' }])
    assert.deepEqual(await odd(topic({ policy: POLICY(allowed) }), heard), {}, JSON.stringify(allowed));
  for (const denied of [
    { Effect: 'Deny' },
    { Action: 'SNS:Subscribe' },
    { Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` } },
    { Principal: { Service: 'events.amazonaws.com' } },
    { Condition: { StringEquals: { 'aws:SourceAccount': '999999999999' } } },
  ])
    await refuses('ALARM_TOPIC', /let CloudWatch publish/, topic({ policy: POLICY(denied) }), heard);
  await refuses('ALARM_TOPIC', /let CloudWatch publish/, topic({ policy: '{}' }), heard);
});

test('a key is there, enabled and symmetric, in the region of the stack, and its policy names all that use it', async () => {
  const keyed = deployed({ kmsKey: KEY, alarmTopic: TOPIC });
  assert.deepEqual(await odd({}, keyed), {});
  await refuses('KMS_KEY', /no key arn:aws:kms/, { key: async () => null }, keyed);
  const of = (changed: object) => ({ key: async (arn: string) => ({ arn, ...SOUND, ...changed }) });
  await refuses('KMS_KEY', /is PendingDeletion: nothing can be/, of({ state: 'PendingDeletion' }), keyed);
  await refuses('KMS_KEY', /RSA_2048 for SIGN_VERIFY/, of({ usage: 'SIGN_VERIFY', spec: 'RSA_2048' }), keyed);
  const OLD = KEY.replace('0123-', '4444-');
  const former = async (arn: string) => ({ arn, ...SOUND, state: arn === OLD ? 'Disabled' : 'Enabled' });
  await refuses('KMS_KEY', /4444-.* is Disabled/, { key: former }, deployed({ kmsKeysToRead: [OLD] }));
  const policy = (Statement: unknown) => ({ keyPolicy: async () => JSON.stringify({ Statement }) });
  for (const { Sid } of STATEMENTS) {
    const rest = STATEMENTS.filter((each) => each.Sid !== Sid);
    await refuses('KMS_KEY', new RegExp(`lacks ${Sid}\\. npx crossfade key-policy`), policy(rest), keyed);
  }
  await refuses('KMS_KEY', /lacks CrossfadeRoles, CrossfadeDeployment, CrossfadeLogs, /, policy([]), keyed);
  // What KMS gives a new key lets the account decide; services are named all the same.
  const whole = { Effect: 'Allow', Action: 'kms:*', Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` } };
  await refuses(
    'KMS_KEY',
    /lacks CrossfadeLogs, CrossfadeLogDelivery, CrossfadeAlarms/,
    policy(whole),
    keyed,
  );
  const denied = {
    keyPolicy: () => Promise.reject(new CannotLook('kms:GetKeyPolicy was refused', 'Grant it')),
  };
  assert.equal((await odd(denied, keyed)).KMS_KEY?.state, 'unknown');
  await refuses(
    'REGION',
    /kmsKey: OTHER_REGION.*AWS_REGION/,
    { region: async () => 'us-east-1' },
    deployed({ kmsKey: KEY }),
  );
});

test('the statements that a policy needs are printed for a key that is named, and for no other', () => {
  const of = (changed: object, asked = {}) =>
    keyPolicy(checkSettings(deployed(changed), 'test').deployment, asked).Statement;
  assert.deepEqual(of({ kmsKey: KEY, alarmTopic: TOPIC }), STATEMENTS);
  assert.equal(of({ kmsKey: KEY }).length, STATEMENTS.length - 1);
  const foreign = JSON.stringify(of({}, { key: KEY, account: '999999999999' }));
  assert.ok(foreign.includes('arn:aws:iam::999999999999:root') && !foreign.includes('123456789012'));
  const china = JSON.stringify(of({}, { key: KEY.replace('aws:', 'aws-cn:') }));
  assert.ok(china.includes('"logs.eu-central-1.amazonaws.com.cn"'));
  for (const [changed, asked, message] of [
    [{}, {}, /kmsKey is null.* give --key/],
    [{ kmsKey: 'made' }, {}, /'made': the stack writes/],
    [{}, { key: 'alias/own' }, /--key must be the ARN of a key/],
    [{ kmsKey: KEY }, { account: '1' }, /--account must be/],
  ] as const)
    assert.throws(() => of(changed, asked), { name: 'BadCommand', message });
});

test('a secret may have the key of the stack, or one that is named for reading', async () => {
  const secretKey = async () => KEY;
  assert.deepEqual(await odd({ secretKey }, deployed({ kmsKey: KEY })), {});
  assert.deepEqual(await odd({ secretKey }, deployed({ kmsKeysToRead: [KEY] })), {});
  const byAlias = { secretKey: async () => 'alias/own', key: async () => ({ arn: KEY, ...SOUND }) };
  assert.deepEqual(await odd(byAlias, deployed({ kmsKey: KEY })), {});
  const other = Object.values(await odd({ secretKey }));
  assert.deepEqual(
    other.map(({ code, state }) => [code, state]),
    ['COUCHBASE', 'ORACLE', 'ORACLE_OWNER'].map((name) => [`SECRET_${name}`, 'wrong']),
  );
  // Nothing tells which key the stack has made.
  const made = Object.values(await odd({ secretKey }, deployed({ kmsKey: 'made' })));
  assert.deepEqual(new Set(made.map(({ state }) => state)), new Set(['unknown']));
});

test('in a network without a way out each endpoint is needed', async () => {
  for (const { service } of NEEDED) {
    const endpoints = NEEDED.map((each) => each.service).filter((each) => each !== service);
    const network = async () => ({ ...CLOSED, endpoints });
    await refuses('NETWORK', new RegExp(`no endpoint for ${service} \\([^)]*\\)\\.`), { network }, IN_VPC);
  }
  const missing = async () => ({ ...CLOSED, missing: [SUBNET] });
  await refuses('NETWORK', /has no subnet-/, { network: missing }, IN_VPC);
});

test('what may not be looked at is unknown, with the permission that is missing, and the rest is looked at', async () => {
  const deny = () =>
    Promise.reject(new CannotLook('lambda:GetAccountSettings was refused (403)', 'Grant it'));
  const found = await odd({ concurrency: deny, bootstrap: async () => null });
  assert.deepEqual([found.CONCURRENCY?.state, found.BOOTSTRAP?.state], ['unknown', 'wrong']);
});

test('the endpoints are those of the clients that functions have, and the manual names each', () => {
  const root = join(import.meta.dirname, '../..');
  const files = readdirSync(join(root, 'functions'), { recursive: true, encoding: 'utf8' });
  const sources = files.filter((file) => file.endsWith('.ts')).map((file) => join(root, 'functions', file));
  const clients = sources.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/@aws-sdk\/client-([a-z-]+)/g)].map(([, name]) => name as string),
  );
  const service = (client: string) =>
    ({ sfn: 'states', 'secrets-manager': 'secretsmanager' })[client] ?? client;
  // S3 is reached by the address that CloudFormation gives, and CloudWatch Logs without a client of the SDK.
  assert.deepEqual(
    NEEDED.map((each) => each.service).sort(),
    [...new Set([...clients.map(service), 's3', 'logs'])].sort(),
  );
  const [, page = ''] =
    /\*\*Networks\.\*\*(.*?)\n\n/s.exec(readFileSync(join(root, 'infra/README.md'), 'utf8')) ?? [];
  for (const { service: name } of NEEDED) assert.match(page, new RegExp(`\`${name}\``));
});
