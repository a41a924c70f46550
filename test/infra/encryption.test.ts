/** A key and a name of the customer: what is encrypted with it, and who may use it for what; where the API is. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { permissionsIn } from '../../infra/handover.ts';
import { place } from '../../infra/local/place.ts';
import { Policies } from '../../infra/local/policy.ts';
import { Template } from '../../infra/local/template.ts';
import { moveTopicOf } from '../../infra/owner_settings.ts';
import type { Document } from '../../infra/template.ts';
import { CERTIFICATE, CLOSED, KEY, TOPIC, VARIANTS } from '../judges/variants.ts';
import config from '../shop.config.ts';
import { type Properties, template, templateOf } from './template.ts';

const [named, made] = [templateOf(VARIANTS.closed), templateOf(VARIANTS.keyed)];

const ofType = ({ Resources }: Document, type: string): Properties[] =>
  Object.values(Resources).flatMap(({ Type, Properties: properties }) => (Type === type ? [properties] : []));

const outputsOf = (document: Document): Properties => (document as Properties).Outputs;

/** What has a key of the customer: each type of resource that can, with the member that names it. */
const ENCRYPTED: Readonly<Record<string, (properties: Properties) => unknown>> = {
  'AWS::SQS::Queue': ({ KmsMasterKeyId }) => KmsMasterKeyId,
  'AWS::Logs::LogGroup': ({ KmsKeyId }) => KmsKeyId,
  'AWS::Lambda::Function': ({ KmsKeyArn }) => KmsKeyArn,
  'AWS::StepFunctions::StateMachine': ({ EncryptionConfiguration }) => EncryptionConfiguration?.KmsKeyId,
};

/** What holds nothing that a key could encrypt, or has no member for one. */
const PLAIN = [
  ...['AWS::SSM::Parameter', 'AWS::CloudWatch::Alarm', 'AWS::CloudWatch::Dashboard', 'AWS::Events::Rule'],
  ...['AWS::IAM::Role', 'AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy'],
  ...['AWS::SQS::QueuePolicy', 'AWS::KMS::Key', 'AWS::Lambda::Version', 'AWS::Lambda::Alias'],
  // Its group has the key.
  'AWS::Logs::LogStream',
  ...['AWS::Lambda::Permission', 'AWS::Lambda::EventSourceMapping'],
  ...['Api', 'ApiMapping', 'Authorizer', 'DomainName', 'Integration', 'Route', 'Stage'].map(
    (name) => `AWS::ApiGatewayV2::${name}`,
  ),
];

test('each resource that keeps something has the key, and each type of resource is known to keep something or nothing', () => {
  const [[id]] = Object.entries(made.Resources).filter(([, { Type }]) => Type === 'AWS::KMS::Key') as [
    [string, Properties],
  ];
  for (const [document, key] of [
    [named, KEY],
    [made, { 'Fn::GetAtt': [id, 'Arn'] }],
    [template, undefined],
  ] as const) {
    for (const [type, keyOf] of Object.entries(ENCRYPTED)) {
      const found = ofType(document, type);
      assert.ok(found.length > 2, type);
      for (const properties of found) assert.deepEqual(keyOf(properties), key, type);
    }
    const types = new Set(Object.values(document.Resources).map(({ Type }) => Type));
    const unknown = [...types].filter(
      (type) => !(type in ENCRYPTED || PLAIN.includes(type) || type.startsWith('Custom::')),
    );
    assert.deepEqual(unknown, []);
  }
  // A queue has one kind of encryption.
  for (const { SqsManagedSseEnabled } of ofType(named, 'AWS::SQS::Queue'))
    assert.equal(SqsManagedSseEnabled, undefined);
});

/** What the roles may do with keys, by their names. */
const uses = (document: Document) =>
  Object.fromEntries(
    Object.entries(permissionsIn(document)).flatMap(([name, lines]) => {
      const found = lines.filter((line) => line.includes('kms:'));
      return found.length === 0 ? [] : [[name, found.sort()]];
    }),
  );

const via = (actions: string, key: string, ...services: string[]) =>
  `Allow ${actions} on ${key}, if kms:ViaService is ${services.join(' or ')}`;

test('each role may use the key for what it does, and for nothing else', () => {
  const sends = via('kms:GenerateDataKey', KEY, 'sqs');
  const reads = via('kms:Decrypt', KEY, 'lambda', 'secretsmanager', 'sqs');
  const machine = [
    `Allow kms:Decrypt kms:GenerateDataKey on ${KEY}, if kms:EncryptionContext:aws:states:stateMachineArn is states:::stateMachine:*`,
    `Allow kms:GenerateDataKey on ${KEY}, if kms:EncryptionContext:SourceArn is logs:::*`,
  ];
  const logsIn = [via('kms:Decrypt', KEY, 'lambda', 'secretsmanager')];
  const both = [reads, sends];
  const sending = [...machine, via('kms:Decrypt kms:GenerateDataKey', KEY, 'sqs')].sort();
  assert.deepEqual(uses(named), {
    ...{ Api: both, Reconcile: both, Backfill: both, Verify: both, Plan: both, Operate: both },
    // It takes dead letters, sends none, and tells operators of moves by a topic, which may be encrypted with the key.
    Control: [
      via('kms:Decrypt', KEY, 'lambda', 'secretsmanager', 'sns', 'sqs'),
      via('kms:GenerateDataKey', KEY, 'sns'),
    ],
    ...{ Schema: logsIn, Certify: logsIn },
    ...{
      CopyAllMachine: sending,
      VerifyAllMachine: sending,
      ControllerMachine: machine,
      CertifyMachine: machine,
    },
    // Step Functions asks for it where an operator describes an execution.
    OperatorsRun: [machine[0]?.replace(' kms:GenerateDataKey', '')],
  });
  assert.deepEqual(uses(template), {});
});

test('what the key before has encrypted, and a secret with a key of its own, may still be read', () => {
  const OTHER = KEY.replace('0123-', '4444-');
  const rollout = { kind: 'canary', percent: 10, minutes: 15 } as const;
  const of = (changed: object) =>
    templateOf({ ...config, deployment: { ...config.deployment, rollout, ...changed } });
  const [changed, without] = [of({ kmsKey: KEY, kmsKeysToRead: [OTHER] }), of({ kmsKeysToRead: [OTHER] })];
  const after = uses(changed);
  assert.deepEqual(after.Api, [
    ...[KEY, OTHER].map((key) => via('kms:Decrypt', key, 'lambda', 'secretsmanager', 'sqs')),
    via('kms:GenerateDataKey', KEY, 'sqs'),
  ]);
  // An execution goes on with the key that it began with.
  assert.ok(after.ControllerMachine?.[1]?.startsWith(`Allow kms:Decrypt kms:GenerateDataKey on ${OTHER}`));
  assert.deepEqual(uses(without).Api, [via('kms:Decrypt', OTHER, 'lambda', 'secretsmanager', 'sqs')]);
  // Another key is another version of the function: one that is published keeps its environment as it was encrypted.
  const versions = [changed, without].map((document) =>
    Object.keys(document.Resources).find((id) => document.Resources[id]?.Type === 'AWS::Lambda::Version'),
  );
  assert.notEqual(versions[0], versions[1]);
  assert.deepEqual(
    [made, named, changed, without, template].map((document) =>
      Object.keys(outputsOf(document)).filter((name) => name.startsWith('KmsKey')),
    ),
    [['KmsKeyMade'], ['KmsKeyNamed'], ['KmsKeyNamed'], [], []],
  );
});

test('on this machine something stands for each resource, whichever settings are on', () => {
  for (const document of [named, made]) {
    const local = new Template('', document);
    for (const resource of local.resources) place(local, resource, 'http://127.0.0.1');
    // All that the policies refer to is there.
    new Policies(local);
  }
});

test('a queue has its key only when all that use the queue may use the key, and a made key outlives its stack', () => {
  for (const document of [named, made]) {
    const policies = Object.keys(document.Resources).filter((id) => /RoleKey[0-9A-F]{8}$/.test(id));
    assert.equal(policies.length, 13);
    for (const resource of Object.values(document.Resources)) {
      const { Type, DependsOn = [] } = resource as Properties;
      if (Type === 'AWS::SQS::Queue')
        assert.deepEqual(
          policies.filter((each) => !DependsOn.includes(each)),
          [],
        );
    }
  }
  const key = Object.values(made.Resources).find(({ Type }) => Type === 'AWS::KMS::Key') as Properties;
  assert.deepEqual([key.DeletionPolicy, key.UpdateReplacePolicy], ['Retain', 'Retain']);
  assert.equal(key.Properties.EnableKeyRotation, true);
  assert.deepEqual(
    key.Properties.KeyPolicy.Statement.map(({ Sid }: Properties) => Sid),
    // No alarm notifies a topic there.
    ['Account', 'CrossfadeLogs', 'CrossfadeLogDelivery'],
  );
});

test('the API has the name of the settings, TLS 1.2, and certificates of clients, and no other address', () => {
  const [api] = ofType(named, 'AWS::ApiGatewayV2::Api');
  assert.equal(api.DisableExecuteApiEndpoint, true);
  const names = ofType(named, 'AWS::ApiGatewayV2::DomainName');
  assert.deepEqual(names, [
    {
      DomainName: 'api.example.com',
      DomainNameConfigurations: [
        { CertificateArn: CERTIFICATE, EndpointType: 'REGIONAL', SecurityPolicy: 'TLS_1_2' },
      ],
      MutualTlsAuthentication: {
        TruststoreUri: 's3://trust/authorities.pem',
        TruststoreVersion: CLOSED.domain.mutualTls.version,
      },
    },
  ]);
  const [mapping] = ofType(named, 'AWS::ApiGatewayV2::ApiMapping');
  // Without a path of its own: requests look as they do without the name.
  assert.deepEqual(Object.keys(mapping).sort(), ['ApiId', 'DomainName', 'Stage']);
  const { Url, DomainTarget, DomainZone } = outputsOf(named);
  assert.equal(Url.Value, 'https://api.example.com');
  assert.ok(JSON.stringify(DomainTarget.Value).includes('RegionalDomainName'));
  assert.ok(JSON.stringify(DomainZone.Value).includes('RegionalHostedZoneId'));
  const [stage] = ofType(named, 'AWS::ApiGatewayV2::Stage');
  assert.equal(
    JSON.parse(stage.AccessLogSettings.Format).certificate,
    '$context.identity.clientCert.subjectDN',
  );
});

test('without a name the API has the address that API Gateway gives, as before', () => {
  const [api] = ofType(template, 'AWS::ApiGatewayV2::Api');
  assert.equal(api.DisableExecuteApiEndpoint, undefined);
  assert.deepEqual(ofType(template, 'AWS::ApiGatewayV2::DomainName'), []);
  assert.ok(JSON.stringify(outputsOf(template).Url.Value).includes('ApiEndpoint'));
  assert.equal(outputsOf(template).DomainTarget, undefined);
  const [stage] = ofType(template, 'AWS::ApiGatewayV2::Stage');
  assert.equal(JSON.parse(stage.AccessLogSettings.Format).certificate, undefined);
});

test('the controller may publish to the topic that operators are told by, and to no other', () => {
  const publishing = (document: Document) =>
    Object.entries(permissionsIn(document)).flatMap(([name, lines]) =>
      lines.filter((line) => line.includes('sns:')).map((line) => `${name}: ${line}`),
    );
  assert.deepEqual(publishing(named), [`Control: Allow sns:Publish on ${TOPIC}`]);
  assert.deepEqual(publishing(template), []);
  assert.equal(moveTopicOf({ alarmTopic: 'a' }), 'a');
  assert.equal(moveTopicOf({ alarmTopic: 'a', moveTopic: null }), null);
  assert.equal(moveTopicOf({ alarmTopic: null, moveTopic: 'm' }), 'm');
});
