/** The cluster of Kafka in the settings, and what reads its topics in the template. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as v from 'valibot';
import { BadConfiguration } from '../../functions/configuration/configuration.ts';
import { permissionsIn } from '../../infra/handover.ts';
import { KAFKA_SETTINGS, type Kafka, kafkaSecrets } from '../../infra/kafka_settings.ts';
import type { Target } from '../../infra/place_problems.ts';
import { checkSettings, type Settings } from '../../infra/settings.ts';
import { sourceOf } from '../../infra/stack/kafka_feed.ts';
import type { Document } from '../../infra/template.ts';
import { CLUSTER, KAFKA, OWN_KAFKA, SECRET } from '../judges/variants.ts';
import { type Properties, templateOf } from './assembled.ts';
import { template as without } from './template.ts';

export const msk = templateOf(KAFKA);
const of = ({ Resources }: Document, type: string, part = ''): Properties[] =>
  Object.entries(Resources).flatMap(([id, { Type, Properties: properties }]) =>
    Type === type && id.includes(part) ? [properties] : [],
  );
const mappings = (document: Document) =>
  of(document, 'AWS::Lambda::EventSourceMapping').filter(({ Topics }) => Topics !== undefined);

test('each topic has a mapping with a group of its own, which misses nothing and throws nothing away', () => {
  assert.deepEqual(
    mappings(msk).map(({ Topics }) => Topics),
    [['crossfade.orders'], ['carts']],
  );
  for (const mapping of mappings(msk)) {
    assert.equal(mapping.StartingPosition, 'TRIM_HORIZON');
    assert.deepEqual([mapping.BatchSize, mapping.MaximumBatchingWindowInSeconds], [500, 1]);
    // A failure that is told of one record is heard in one mode of pollers alone, and records that are given up are changes that nobody sees.
    for (const name of ['FunctionResponseTypes', 'MaximumRetryAttempts', 'MaximumRecordAgeInSeconds'])
      assert.equal(mapping[name], undefined, name);
    assert.equal(mapping.DestinationConfig, undefined);
  }
  const groups = mappings(msk).map((each) => each.AmazonManagedKafkaEventSourceConfig.ConsumerGroupId);
  assert.deepEqual(groups, ['Crossfade-orders', 'Crossfade-carts']);
  assert.equal(mappings(msk)[0].EventSourceArn, CLUSTER);
  assert.equal(mappings(msk)[0].SourceAccessConfigurations, undefined, 'by the role of the function');
});

test('brokers of your own are reached by what the settings name, and the function may read those secrets', () => {
  const kafka = v.parse(KAFKA_SETTINGS, OWN_KAFKA) as Kafka;
  const { kafkaBootstrapServers, sourceAccessConfigurations } = sourceOf(kafka) as Properties;
  assert.deepEqual(kafkaBootstrapServers, OWN_KAFKA.servers);
  assert.deepEqual(
    sourceAccessConfigurations.map(({ type, uri }: Properties) => `${type.type} ${uri}`),
    [
      `SASL_SCRAM_512_AUTH ${SECRET}`,
      `SERVER_ROOT_CA_CERTIFICATE ${OWN_KAFKA.authority}`,
      'VPC_SUBNET subnet:subnet-0123456789abcdef0',
      'VPC_SECURITY_GROUP security_group:sg-0123456789abcdef0',
    ],
  );
  assert.deepEqual(
    kafkaSecrets(kafka).map(([, arn]) => arn),
    [SECRET, OWN_KAFKA.authority],
  );
});

test('the function may read these topics, Oracle and phases, and send receipts: nothing of Couchbase', () => {
  const may = (document: Document) => (permissionsIn(document).Feed ?? []).toSorted();
  const common = [
    'Allow logs:CreateLogStream logs:PutLogEvents on FunctionsFeedLog',
    'Allow secretsmanager:GetSecretValue on secretsmanager:::secret:crossfade/oracle-??????',
    'Allow sqs:SendMessage on ReceiptsQueue',
    'Allow ssm:DeleteParameter ssm:GetParameters ssm:PutParameter on ssm:::parameter/crossfade/oracle-logins/*',
    'Allow ssm:GetParameters on ssm:::parameter/crossfade/collections/*/phase',
    'Allow ec2:CreateNetworkInterface ec2:DeleteNetworkInterface ec2:DescribeNetworkInterfaces ec2:DescribeSecurityGroups ec2:DescribeSubnets ec2:DescribeVpcs on *',
  ];
  const within = (kind: string, name: string) => `${CLUSTER.replace(':cluster/', `:${kind}/`)}/${name}`;
  const each = (actions: string, ...resources: string[]) =>
    resources.map((resource) => `Allow ${actions} on ${resource}`);
  assert.deepEqual(
    may(msk),
    [
      ...common,
      ...each(
        'kafka-cluster:Connect kafka-cluster:DescribeClusterDynamicConfiguration kafka:DescribeClusterV2 kafka:GetBootstrapBrokers',
        CLUSTER,
      ),
      ...each(
        'kafka-cluster:DescribeTopic kafka-cluster:ReadData',
        ...['crossfade.orders', 'carts'].map((name) => within('topic', name)),
      ),
      ...each(
        'kafka-cluster:AlterGroup kafka-cluster:DescribeGroup',
        ...['Crossfade-orders', 'Crossfade-carts'].map((name) => within('group', name)),
      ),
    ].sort(),
  );
  const [{ Environment, ReservedConcurrentExecutions }] = of(msk, 'AWS::Lambda::Function', 'Feed') as [
    Properties,
  ];
  assert.equal(Environment.Variables.COUCHBASE_SECRET, 'retired');
  assert.equal(ReservedConcurrentExecutions, 2);
});

/** What is wrong, a line each. */
function problems(kafka: unknown, collections: object = KAFKA.collections, target: Target = {}): string[] {
  const deployment = { ...KAFKA.deployment, kafka };
  try {
    checkSettings({ ...KAFKA, collections, deployment } as Settings, 'here', target);
    return [];
  } catch (error) {
    if (error instanceof BadConfiguration) return [...error.problems];
    throw error;
  }
}
const byRole = { kind: 'msk', cluster: CLUSTER, login: { kind: 'iam' } };
const certificate = { kind: 'certificate', secret: SECRET };

const outside = { ...OWN_KAFKA, network: null };
const serverless = { ...byRole, cluster: CLUSTER.replace(/-1$/, '-s2') };
const { network: _, ...nowhere } = OWN_KAFKA;
const SOUND = [
  ...[
    byRole,
    serverless,
    { ...byRole, login: certificate },
    { ...byRole, login: { kind: 'scram', secret: SECRET } },
  ],
  ...[
    OWN_KAFKA,
    outside,
    { ...outside, login: certificate },
    { ...outside, login: { kind: 'plain', secret: SECRET } },
  ],
  { ...outside, login: { kind: 'scram', bits: 256, secret: SECRET } },
];
const BAD: readonly (readonly [settings: object, message: RegExp])[] = [
  [{ kind: 'confluent' }, /^deployment\.kafka\.kind: /],
  [{ kind: 'msk', login: { kind: 'iam' } }, /kafka\.cluster: /],
  [
    { ...byRole, cluster: 'arn:aws:kafka:eu-central-1:123456789012:cluster/changes' },
    /cluster: it must be the ARN of a cluster/,
  ],
  [
    { ...byRole, cluster: CLUSTER.replace(':kafka:', ':kinesis:') },
    /cluster: it must be the ARN of a cluster/,
  ],
  [{ ...byRole, login: { kind: 'plain', secret: SECRET } }, /kafka\.login\.kind: /],
  [{ ...byRole, login: { kind: 'scram' } }, /kafka\.login\.secret: /],
  [
    { ...byRole, login: { kind: 'scram', secret: 'AmazonMSK_reader' } },
    /secret: it must be the ARN of a secret/,
  ],
  [
    { ...byRole, login: { kind: 'scram', secret: SECRET.replace('AmazonMSK_', '') } },
    /must begin with AmazonMSK_/,
  ],
  [{ ...byRole, pollers: { least: 5, most: 4 } }, /kafka\.pollers: least must be most or less/],
  [{ ...byRole, pollers: { least: 0, most: 4 } }, /pollers\.least: it must be 1 or more/],
  [{ ...byRole, network: OWN_KAFKA.network }, /kafka\.network: there is no such member/],
  [nowhere, /kafka\.network: /],
  [
    { ...OWN_KAFKA, network: { subnetIds: [], securityGroupIds: ['sg-01234567'] } },
    /subnetIds: there must be 1 or more/,
  ],
  [
    { ...OWN_KAFKA, network: { ...OWN_KAFKA.network, subnetIds: ['vpc-1'] } },
    /subnetIds\.0: it must look like subnet-/,
  ],
  [{ ...OWN_KAFKA, servers: ['https://broker:9096'] }, /servers\.0: it must be a name and a port/],
  [{ ...OWN_KAFKA, servers: [] }, /servers: there must be 1 or more/],
  [{ ...OWN_KAFKA, authority: 'pem' }, /kafka\.authority: it must be the ARN of a secret/],
  [{ ...OWN_KAFKA, login: { kind: 'iam' } }, /kafka\.login\.kind: /],
];

test('a cluster is one of MSK or of your own, with a login and, where it is yours, a way to it', () => {
  for (const sound of SOUND) assert.deepEqual(problems(sound), [], JSON.stringify(sound));
  for (const [bad, message] of BAD) {
    const found = problems(bad);
    assert.equal(found.length, 1, JSON.stringify([bad, found]));
    assert.match(found[0] ?? '', message);
  }
});

test('topics and their cluster go together, each topic is of one collection, and secrets are of the region', () => {
  const { orders, carts, books } = KAFKA.collections;
  assert.deepEqual(problems(byRole, { books }), [
    'deployment.kafka: KAFKA_UNUSED: no collection reads a topic of it: set collections.NAME.feed.kafka, or leave it out',
  ]);
  assert.match(
    problems(null, { orders, books }).join(),
    /^collections\.orders\.feed\.kafka: KAFKA_UNKNOWN: .* the feed comes by the API$/,
  );
  const shared = { ...carts, feed: { kafka: { topic: 'crossfade.orders', values: 'none' } } };
  assert.deepEqual(problems(byRole, { orders, carts: shared }), [
    'collections.carts.feed.kafka: it has the topic crossfade.orders, and so has orders: give each its own, since a record does not tell its collection',
  ]);
  for (const topic of ['', '.', '..', 'a b', 'x'.repeat(250), 'a/b'])
    assert.match(
      problems(byRole, { orders, carts: { ...carts, feed: { kafka: { topic } } } }).join(),
      /feed\.kafka\.topic: it must be the name of a topic/,
    );
  assert.match(
    problems(byRole, { orders, carts: { ...carts, feed: { kafka: { topic: 't', values: 'avro' } } } }).join(),
    /kafka\.values: it must be 'metadata' or 'none'/,
  );
  const target = { region: 'eu-central-1', account: '210987654321' };
  assert.deepEqual(problems(byRole, KAFKA.collections, target), [
    'deployment.kafka.cluster: OTHER_ACCOUNT: it is of 123456789012, and the stack is deployed to 210987654321: name one of that account',
  ]);
  assert.match(
    problems({
      ...byRole,
      login: { ...certificate, secret: SECRET.replace('eu-central-1', 'us-east-1') },
    }).join(),
    /^deployment\.kafka\.(cluster|login\.secret): OTHER_REGION/,
  );
});

test('the containers that read topics count where Oracle’s sessions are counted', () => {
  const sessions = (feed: number) => {
    const concurrency = { ...KAFKA.deployment.concurrency, feed };
    try {
      checkSettings({ ...KAFKA, deployment: { ...KAFKA.deployment, concurrency } }, 'here');
      return '';
    } catch (error) {
      return String(error);
    }
  };
  assert.equal(sessions(2), '');
  assert.match(
    sessions(3),
    /55 containers with 2 connections each are 110 sessions, and oracleSessions leaves 108/,
  );
});

test('where there is a guard, the controller may set flags of single collections, and what is measured', () => {
  const may = (of: Document) =>
    (permissionsIn(of).Control ?? []).filter((line) =>
      /cloudwatch|guard|PutParameter.*(writes|reads)/.test(line),
    );
  assert.deepEqual(may(without), []);
  assert.deepEqual(may(msk).sort(), [
    'Allow cloudwatch:GetMetricData on *',
    'Allow ssm:GetParameters ssm:PutParameter on ssm:::parameter/crossfade/guard/*',
    ...['couchbase-writes', 'oracle-writes', 'reads'].map(
      (flag) => `Allow ssm:PutParameter on ssm:::parameter/crossfade/collections/*/${flag}`,
    ),
  ]);
});
