/** `npx crossfade account`: what AWS answers to the questions that it asks. */
import assert from 'node:assert/strict';
import { createServer, type IncomingMessage } from 'node:http';
import { text as textOf } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { realAccount } from '../../infra/console/account/aws.ts';
import { listening, portOf, shut } from '../../infra/local/listen.ts';
import { CERTIFICATE, KEY, TOPIC } from '../judges/variants.ts';
import { ACCOUNT, POLICY } from './topic_policy.ts';

const BOUNDARY = `arn:aws:iam::${ACCOUNT}:policy/boundary`;
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
  'secretsmanager.GetSecretValue': {
    SecretString: '{"connectString":"tcps://db/o","user":"u","password":"hush"}',
  },
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
  'ServiceQuotasV20190624.GetServiceQuota': { Quota: { QuotaName: 'Throttle rate', Value: 2500 } },
  'ServiceQuotasV20190624.ListServiceQuotas': {
    Quotas: [
      { QuotaName: 'Messages in flight per FIFO queue', Value: 20_000 },
      { QuotaName: 'In-flight messages per standard queue', Value: 120_000 },
    ],
  },
  GetCallerIdentity: XML(
    'GetCallerIdentity',
    `<GetCallerIdentityResult><Arn>a</Arn><Account>${ACCOUNT}</Account></GetCallerIdentityResult>`,
  ),
  GetRole: XML(
    'GetRole',
    `<GetRoleResult><Role><PermissionsBoundary><PermissionsBoundaryType>Policy</PermissionsBoundaryType><PermissionsBoundaryArn>${BOUNDARY}` +
      '</PermissionsBoundaryArn></PermissionsBoundary></Role></GetRoleResult>',
  ),
  GetPolicy: XML('GetPolicy', '<GetPolicyResult><Policy/></GetPolicyResult>'),
  DescribeStacks: XML(
    'DescribeStacks',
    '<DescribeStacksResult><Stacks><member><StackName>S</StackName><Outputs><member><OutputKey>Url</OutputKey>' +
      '<OutputValue>https://a</OutputValue></member><member><Description>d</Description><OutputKey>KmsKeyMade</OutputKey>' +
      `<OutputValue>${KEY}</OutputValue></member></Outputs></member></Stacks></DescribeStacksResult>`,
  ),
  GetTopicAttributes: XML(
    'GetTopicAttributes',
    '<GetTopicAttributesResult><Attributes><entry><key>SubscriptionsConfirmed</key><value>2</value></entry><entry><key>Policy</key>' +
      `<value>${POLICY().replace(/"/g, '&quot;')}</value></entry></Attributes></GetTopicAttributesResult>`,
  ),
  'TrentService.DescribeKey': {
    KeyMetadata: {
      ...{ Arn: KEY, KeyState: 'Enabled', KeyUsage: 'ENCRYPT_DECRYPT', KeySpec: 'SYMMETRIC_DEFAULT' },
      MultiRegion: false,
    },
  },
  'TrentService.GetKeyPolicy': { Policy: '{"Statement":[]}', PolicyName: 'default' },
  'CertificateManager.DescribeCertificate': {
    Certificate: {
      ...{ Status: 'ISSUED', Type: 'IMPORTED', DomainName: 'a.example.com' },
      SubjectAlternativeNames: ['a.example.com', 'b.example.com'],
    },
  },
  '/trust/some/ca%20list.pem?versionId=3%2F4': 'PEM',
  '/account': { cloudwatchRoleArn: `arn:aws:iam::${ACCOUNT}:role/api-logs`, throttleSettings: {} },
  '/.well-known/openid-configuration': 'jwks',
  '/keys': { keys: [{ kty: 'EC' }, { kty: 'RSA' }] },
};
let url = '';
/** Of an error. */
let message = 'no';
const server = createServer(async (request: IncomingMessage, response) => {
  const body = await textOf(request);
  const name = String(
    request.headers['x-amz-target'] ?? new URLSearchParams(body).get('Action') ?? request.url,
  );
  const answer = name.endsWith('-configuration') ? { jwks_uri: `${url}/keys` } : answers[name];
  if (answer instanceof Error)
    return void response
      .writeHead(400, { 'x-amzn-errortype': answer.message })
      .end(JSON.stringify({ __type: answer.message, message }));
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
    /secret s .* at: connectionString: it is missing/,
  );
  assert.equal(await account.secretProblem('s', 'keys'), null);
  assert.equal(await account.secretKey('s'), 'arn:aws:kms:eu-central-1:1:key/k');
  assert.deepEqual(await account.tokenKeys(url), ['EC', 'RSA']);
  assert.deepEqual(
    [await account.number(), await account.apiRate(), await account.inFlight()],
    [ACCOUNT, 2500, 120_000],
  );
  assert.deepEqual([await account.deployerBoundary(), await account.hasPolicy(BOUNDARY)], [BOUNDARY, true]);
  assert.deepEqual(await account.key('alias/own'), {
    ...{ arn: KEY, state: 'Enabled', usage: 'ENCRYPT_DECRYPT', spec: 'SYMMETRIC_DEFAULT' },
  });
  assert.deepEqual(
    [await account.region(), await account.keyPolicy(KEY)],
    ['eu-central-1', '{"Statement":[]}'],
  );
  assert.deepEqual(await account.outputs('S'), { Url: 'https://a', KmsKeyMade: KEY });
  assert.deepEqual(await account.certificate(CERTIFICATE), {
    ...{ status: 'ISSUED', type: 'IMPORTED', names: ['a.example.com', 'b.example.com'] },
  });
  assert.equal(await account.trustStore('s3://trust/some/ca list.pem', '3/4'), 'PEM');
  assert.equal(await account.apiLogRole(), `arn:aws:iam::${ACCOUNT}:role/api-logs`);
  assert.deepEqual(await account.endpoint('vpce-1'), { service: 'ssm', state: 'available' });
  assert.deepEqual(await account.topic(TOPIC), { policy: POLICY(), key: null, confirmed: 2 });
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
    assert.match((await account.secretProblem('s', 'keys')) ?? '', /no secret s/);
    answers['secretsmanager.GetSecretValue'] = { SecretString: 'short' };
    assert.match((await account.secretProblem('s', 'keys')) ?? '', /KEYS_SALT: .* needs 32/);
    all('NoSuchEntity');
    assert.deepEqual([await account.hasPolicy(BOUNDARY), await account.topic(TOPIC)], [false, null]);
    all('ValidationError');
    // Of a stack that is not there, and of anything else.
    await assert.rejects(account.outputs('S'), { name: 'CannotLook' });
    message = 'Stack with id S does not exist';
    assert.equal(await account.outputs('S'), null);
    message = 'no';
    all('NoSuchVersion');
    assert.equal(await account.trustStore('s3://trust/some/ca list.pem', '3/4'), null);
    all('InvalidVpcEndpointId.NotFound');
    assert.equal(await account.endpoint('vpce-1'), null);
    all('NotFoundException');
    assert.equal(await account.key(KEY), null);
    await assert.rejects(account.apiRate(), { name: 'CannotLook' });
    all('AccessDeniedException');
    const right = (name: string) => ({ name: 'CannotLook', message: new RegExp(`${name} was refused`) });
    await assert.rejects(account.bootstrap(), right('ssm:GetParameter'));
    await assert.rejects(account.secretProblem('s', 'oracle'), right('secretsmanager:GetSecretValue'));
    await assert.rejects(account.concurrency(), right('lambda:GetAccountSettings'));
    await assert.rejects(account.apiRate(), right('servicequotas:GetServiceQuota'));
    await assert.rejects(account.inFlight(), right('servicequotas:ListServiceQuotas'));
    await assert.rejects(account.hasPolicy(BOUNDARY), right('iam:GetPolicy'));
    await assert.rejects(account.topic(TOPIC), right('sns:GetTopicAttributes'));
    await assert.rejects(account.key(KEY), right('kms:DescribeKey'));
    await assert.rejects(account.certificate(CERTIFICATE), right('acm:DescribeCertificate'));
    await assert.rejects(
      account.trustStore('s3://trust/some/ca list.pem', '3/4'),
      right('s3:GetObjectVersion'),
    );
    await assert.rejects(account.keyPolicy(KEY), right('kms:GetKeyPolicy'));
    await assert.rejects(account.apiLogRole(), right('apigateway:GET'));
    answers['/account'] = {};
    assert.equal(await account.apiLogRole(), null);
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
