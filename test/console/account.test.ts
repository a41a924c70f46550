/** `npx crossfade account`: each check. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { NEEDED } from '../../infra/console/account/endpoints.ts';
import { CannotLook } from '../../infra/console/account/ports.ts';
import { NETWORK, PRIVATE, TOPIC } from '../judges/variants.ts';
import config from '../shop.config.ts';
import { CLOSED, deployed, odd, refuses, SUBNET } from './account_rig.ts';
import { ACCOUNT, POLICY } from './topic_policy.ts';

const IN_VPC = { ...config, deployment: { ...config.deployment, network: NETWORK } };

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
  const salted = deployed({ secrets: { ...config.deployment.secrets, keys: 'shop/keys' } });
  assert.deepEqual(await odd({}, salted), {});
  const short = async (_: string, kind: string) => (kind === 'keys' ? 'it is too short' : null);
  await refuses('SECRET_KEYS', /too short/, { secretProblem: short }, salted);
  const locked = async (name: string) => (name === 'shop/keys' ? 'arn:key' : null);
  await refuses('SECRET_KEYS', /arn:key.*kmsKeysToRead/, { secretKey: locked }, salted);
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

test('a private API has endpoints of its service, and the account a role for its log', async () => {
  const closed = deployed({ private: PRIVATE });
  assert.deepEqual(await odd({}, closed), {});
  const endpoint = async (id: string) =>
    id === PRIVATE.endpoints[0] ? { service: 's3', state: 'available' } : null;
  await refuses('PRIVATE_API', /vpce-\w+f0 is for s3, vpce-\w+f1 is not there/, { endpoint }, closed);
  const rejected = async () => ({ service: 'execute-api', state: 'rejected' });
  await refuses('PRIVATE_API', /is rejected.*Name interface endpoints/, { endpoint: rejected }, closed);
  await refuses('PRIVATE_API', /no role for logs.*update-account/, { apiLogRole: async () => null }, closed);
  // An HTTP API needs neither.
  assert.deepEqual(await odd({ endpoint, apiLogRole: async () => null }), {});
  const { api, reconcile, backfill, verify } = config.deployment.concurrency;
  const limit = api + reconcile + backfill + verify + 3 + 5 + 99;
  await refuses('CONCURRENCY', /Raise/, { concurrency: async () => ({ limit, unreserved: limit }) }, closed);
});

test('a private API in subnets without a way out may not reach the issuer of tokens, and then answers nobody', async () => {
  const endpoints = NEEDED.map(({ service }) => service);
  const of = (found: Partial<typeof CLOSED>) => ({
    network: async () => ({ ...CLOSED, endpoints, ...found }),
  });
  const closed = deployed({ private: PRIVATE, network: NETWORK });
  const { ISSUER_WAY: way, ...others } = await odd(of({}), closed);
  assert.deepEqual([way?.state, others], ['unknown', {}]);
  assert.match(
    `${way?.found}. ${way?.todo}`,
    /^subnet-\w+ have no way out, and whether https:\/\/login\.example\.com\/ .*curl https:\/\/login\.example\.com\/\.well-known.*ISSUER_AWAY/,
  );
  assert.deepEqual(await odd(of({ subnetsWithoutNat: [] }), closed), {});
  // With its own endpoint the issuer of AWS is reached; API Gateway itself reads the keys for another API.
  const issuer = 'https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_AbCdEfGhI';
  const cognito = deployed({
    ...{ private: PRIVATE, network: NETWORK },
    tokens: { ...config.deployment.tokens, issuer },
  });
  assert.deepEqual(Object.keys(await odd(of({}), cognito)), ['ISSUER_WAY']);
  assert.deepEqual(await odd(of({ endpoints: [...endpoints, 'cognito-idp'] }), cognito), {});
  assert.deepEqual(await odd(of({}), deployed({ network: NETWORK })), {});
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
