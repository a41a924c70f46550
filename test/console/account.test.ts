/** `npx crossfade account`: each check, and what AWS answers to the questions that it asks. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { realAccount } from '../../infra/console/account/aws.ts';
import { type Checked, checkAccount } from '../../infra/console/account/checks.ts';
import { NEEDED } from '../../infra/console/account/endpoints.ts';
import { type Account, CannotLook, type Network } from '../../infra/console/account/ports.ts';
import { listening, portOf, shut } from '../../infra/local/listen.ts';
import { checkSettings, type Settings } from '../../infra/settings.ts';
import { NETWORK } from '../judges/variants.ts';
import config from '../shop.config.ts';

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
  await refuses('SECRET_COUCHBASE', /arn:key.*kms:Decrypt/, { secretKey: keyed });
  await refuses('TOKEN_KEYS', /EC\..*RSA/, { tokenKeys: async () => ['EC'] });
  const often = { ...config, timing: { ...config.timing, refresh: 100 } };
  await refuses('PARAMETER_READS', /higher throughput/, {}, often);
  assert.deepEqual(await odd({ highThroughput: async () => true }, often), {});
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
  // S3 is reached by the address that CloudFormation gives.
  assert.deepEqual(
    NEEDED.map((each) => each.service).sort(),
    [...new Set([...clients.map(service), 's3'])].sort(),
  );
  const [, page = ''] =
    /\*\*Networks\.\*\*(.*?)\n\n/s.exec(readFileSync(join(root, 'infra/README.md'), 'utf8')) ?? [];
  for (const { service: name } of NEEDED) assert.match(page, new RegExp(`\`${name}\``));
});

const XML = (action: string, content: string) =>
  `<?xml version="1.0"?><${action}Response xmlns="x">${content}</${action}Response>`;
const route = (way: string) =>
  `<item><destinationCidrBlock>10.0.0.0/16</destinationCidrBlock><gatewayId>local</gatewayId><state>active</state></item>` +
  `<item><destinationCidrBlock>0.0.0.0/0</destinationCidrBlock><${way}>x</${way}><state>active</state></item>`;
const table = (association: string, way: string) =>
  `<item><routeSet>${route(way)}</routeSet><associationSet><item>${association}</item></associationSet><tagSet/></item>`;

/** As AWS answers; a text is an error of this name. */
const answers: Record<string, unknown> = {
  'AmazonSSM.GetParameter': { Parameter: { Value: '21' } },
  'AmazonSSM.GetServiceSetting': { ServiceSetting: { SettingValue: 'true' } },
  'secretsmanager.GetSecretValue': { SecretString: '{"connectString":"db","user":"u","password":"hush"}' },
  'secretsmanager.DescribeSecret': { KmsKeyId: 'arn:aws:kms:eu-central-1:1:key/k' },
  '/2016-08-19/account-settings/': {
    AccountLimit: { ConcurrentExecutions: 10, UnreservedConcurrentExecutions: 7 },
  },
  DescribeVpcEndpoints: XML(
    'DescribeVpcEndpoints',
    '<vpcEndpointSet><item><serviceName>com.amazonaws.eu-central-1.ssm</serviceName><state>available</state></item>' +
      '<item><serviceName>com.amazonaws.eu-central-1.sqs</serviceName><state>pending</state></item></vpcEndpointSet>',
  ),
  DescribeSubnets: XML(
    'DescribeSubnets',
    '<subnetSet><item><subnetId>subnet-a</subnetId></item><item><subnetId>subnet-b</subnetId></item></subnetSet>',
  ),
  DescribeRouteTables: XML(
    'DescribeRouteTables',
    `<routeTableSet>${table('<main>true</main>', 'gatewayId')}${table('<subnetId>subnet-a</subnetId><main>false</main>', 'natGatewayId')}</routeTableSet>`,
  ),
  '/.well-known/openid-configuration': 'jwks',
  '/keys': { keys: [{ kty: 'EC' }, { kty: 'RSA' }] },
};
let url = '';
const server = createServer(async (request: IncomingMessage, response) => {
  const body = await textOf(request);
  const name = String(
    request.headers['x-amz-target'] ?? new URLSearchParams(body).get('Action') ?? request.url,
  );
  const answer = name.endsWith('-configuration') ? { jwks_uri: `${url}/keys` } : answers[name];
  if (answer instanceof Error)
    return void response
      .writeHead(400, { 'x-amzn-errortype': answer.message })
      .end(JSON.stringify({ message: 'no' }));
  response.end(typeof answer === 'string' ? answer : JSON.stringify(answer));
});
const ENVIRONMENT = { AWS_REGION: 'eu-central-1', AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' };
before(async () => {
  await listening(server, 0);
  url = `http://127.0.0.1:${portOf(server)}`;
  Object.assign(process.env, ENVIRONMENT, { AWS_ENDPOINT_URL: url });
});
after(() => {
  shut(server);
  for (const name of [...Object.keys(ENVIRONMENT), 'AWS_ENDPOINT_URL']) delete process.env[name];
});

test('the answers of AWS are read as they come', async () => {
  const account = realAccount('/crossfade');
  assert.deepEqual(await account.concurrency(), { limit: 10, unreserved: 7 });
  assert.equal(await account.bootstrap(), 21);
  assert.equal(await account.isDeployed(), true);
  assert.equal(await account.highThroughput(), true);
  assert.equal(await account.secretProblem('s', 'oracle'), null);
  assert.match(
    (await account.secretProblem('s', 'couchbase')) ?? '',
    /secret s .* at: connectionString, username/,
  );
  assert.equal(await account.secretKey('s'), 'arn:aws:kms:eu-central-1:1:key/k');
  assert.deepEqual(await account.tokenKeys(url), ['EC', 'RSA']);
  // The internet gateway of the main route table is no way out for a function.
  assert.deepEqual(await account.network('vpc-1', ['subnet-a', 'subnet-b', 'subnet-c']), {
    ...{ endpoints: ['ssm'], subnetsWithoutNat: ['subnet-b', 'subnet-c'], missing: ['subnet-c'] },
  });
});

test('what AWS does not have is told from what it does not tell', async () => {
  const before = { ...answers };
  const all = (name: string) => {
    for (const each of Object.keys(answers)) answers[each] = new Error(name);
  };
  try {
    const account = realAccount('/crossfade');
    all('ParameterNotFound');
    assert.deepEqual([await account.bootstrap(), await account.isDeployed()], [null, false]);
    all('ResourceNotFoundException');
    assert.match((await account.secretProblem('s', 'oracle')) ?? '', /no secret s/);
    all('AccessDeniedException');
    const right = (name: string) => ({ name: 'CannotLook', message: new RegExp(`${name} was refused`) });
    await assert.rejects(account.bootstrap(), right('ssm:GetParameter'));
    await assert.rejects(account.secretProblem('s', 'oracle'), right('secretsmanager:GetSecretValue'));
    await assert.rejects(account.concurrency(), right('lambda:GetAccountSettings'));
    await assert.rejects(
      account.network('vpc-1', []),
      right('ec2:Describe(VpcEndpoints|RouteTables|Subnets)'),
    );
    await assert.rejects(account.tokenKeys('http://127.0.0.1:1'), /does not answer/);
    // No way to AWS is no permission that is missing: the command fails.
    process.env.AWS_ENDPOINT_URL = 'http://127.0.0.1:1';
    await assert.rejects(realAccount('/crossfade').bootstrap(), { code: 'ECONNREFUSED' });
  } finally {
    Object.assign(answers, before);
    process.env.AWS_ENDPOINT_URL = url;
  }
});
