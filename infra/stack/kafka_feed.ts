/** The function that reads what the Couchbase Kafka connector tells of changes, and what invokes it: a mapping for the topic of each collection. */
import { Duration, Validations } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import {
  EventSourceMapping,
  type Function as LambdaFunction,
  type SourceAccessConfiguration,
  SourceAccessConfigurationType,
  StartingPosition,
} from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { type Kafka, kafkaSecrets } from '../kafka_settings.ts';
import { allow } from './allow.ts';
import { metric } from './watch.ts';
import { type Surroundings, withoutCouchbase } from './without_couchbase.ts';

/** Records of one invocation at most, and how long Lambda waits for them. */
const [BATCH, WINDOW] = [500, Duration.seconds(1)];
/** Records of a topic that wait: what the function takes in some minutes. */
const LATE = 10_000;

/** Nothing where no collection has a topic. @returns the function. */
export function kafkaFeed(scope: Construct, props: Surroundings): LambdaFunction[] {
  const { kafka } = props.settings.deployment;
  return kafka === null ? [] : [new KafkaFeed(scope, 'KafkaFeed', kafka, props).reader];
}

class KafkaFeed extends Construct {
  readonly reader: LambdaFunction;

  constructor(scope: Construct, id: string, kafka: Kafka, props: Surroundings) {
    super(scope, id);
    const { deployment, configuration } = props.settings;
    // Changes are hints where others look. A batch is 6 MB at most.
    this.reader = withoutCouchbase(props, {
      ...{
        id: 'Feed',
        entry: 'feed',
        login: 'serve',
        memory: 1024,
        concurrency: deployment.concurrency.feed,
      },
      description: 'Takes what the Couchbase Kafka connector tells of changes',
    });
    const topics = Object.entries(configuration.collections).flatMap(([name, { feed }]) =>
      feed?.kafka === undefined
        ? []
        : [{ name, topic: feed.kafka.topic, group: `${deployment.name}-${name}` }],
    );
    // Collections over the same documents share a topic: it is read once, and the function tells whose each key is.
    const read = topics.filter(({ topic }, n) => topics.findIndex((each) => each.topic === topic) === n);
    allowReading(this.reader, kafka, read);
    for (const { name, topic, group } of read)
      new EventSourceMapping(this, name, {
        ...{ target: this.reader, kafkaTopic: topic, kafkaConsumerGroupId: group },
        // Nothing is missed while the mapping is made. A group that has read already goes on where it was.
        ...{ startingPosition: StartingPosition.TRIM_HORIZON, batchSize: BATCH, maxBatchingWindow: WINDOW },
        ...sourceOf(kafka),
        ...(kafka.pollers === undefined
          ? {}
          : {
              provisionedPollerConfig: {
                minimumPollers: kafka.pollers.least,
                maximumPollers: kafka.pollers.most,
              },
            }),
      });
    this.#alarms();
  }

  #alarms(): void {
    const base = {
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    };
    new Alarm(this, 'Late', {
      ...{ ...base, threshold: LATE, evaluationPeriods: 3 },
      alarmDescription:
        'Records of a change feed wait in their topic: writes past the API are found late, or not at all once the topic drops them.',
      metric: new Metric({
        ...{ namespace: 'AWS/Lambda', metricName: 'OffsetLag', statistic: 'max' },
        ...{ period: Duration.minutes(5), dimensionsMap: { FunctionName: this.reader.functionName } },
      }),
    });
    new Alarm(this, 'Unread', {
      ...{ ...base, threshold: 0, evaluationPeriods: 1 },
      alarmDescription:
        'Records of a change feed tell of no change: their writes past the API are not seen. See the log of the Feed function.',
      metric: metric('ChangesUnread', 'sum'),
    });
  }
}

/** Who logs in where, as a mapping is told it. By IAM it is the role of the function. */
export function sourceOf(kafka: Kafka) {
  const { login } = kafka;
  const of = (type: SourceAccessConfigurationType, uri: string): SourceAccessConfiguration => ({ type, uri });
  const logins = login.kind === 'iam' ? [] : [of(loginType(login), login.secret)];
  if (kafka.kind === 'msk')
    return {
      eventSourceArn: kafka.cluster,
      ...(logins.length === 0 ? {} : { sourceAccessConfigurations: logins }),
    };
  const { VPC_SUBNET, VPC_SECURITY_GROUP, SERVER_ROOT_CA_CERTIFICATE } = SourceAccessConfigurationType;
  const { subnetIds = [], securityGroupIds = [] } = kafka.network ?? {};
  return {
    kafkaBootstrapServers: kafka.servers,
    sourceAccessConfigurations: [
      ...logins,
      ...(kafka.authority === undefined ? [] : [of(SERVER_ROOT_CA_CERTIFICATE, kafka.authority)]),
      ...subnetIds.map((subnet) => of(VPC_SUBNET, `subnet:${subnet}`)),
      ...securityGroupIds.map((group) => of(VPC_SECURITY_GROUP, `security_group:${group}`)),
    ],
  };
}

function loginType(login: Exclude<Kafka['login'], { readonly kind: 'iam' }>): SourceAccessConfigurationType {
  const types = SourceAccessConfigurationType;
  if (login.kind === 'certificate') return types.CLIENT_CERTIFICATE_TLS_AUTH;
  if (login.kind === 'plain') return types.BASIC_AUTH;
  return 'bits' in login && login.bits === 256 ? types.SASL_SCRAM_256_AUTH : types.SASL_SCRAM_512_AUTH;
}

interface Topic {
  readonly topic: string;
  readonly group: string;
}

/** Lambda's pollers have the role of the function. (lambda/latest/dg/with-msk-permissions.html, with-kafka-permissions.html, 2026-11-28.) */
function allowReading(reader: LambdaFunction, kafka: Kafka, topics: readonly Topic[]): void {
  const secrets = kafkaSecrets(kafka).map(([, arn]) => arn);
  if (secrets.length > 0) allow(reader, ['secretsmanager:GetSecretValue'], secrets);
  if (kafka.kind === 'msk') {
    allow(reader, ['kafka:DescribeClusterV2', 'kafka:GetBootstrapBrokers'], [kafka.cluster]);
    if (kafka.login.kind === 'iam') allowByRole(reader, kafka.cluster, topics);
    if (kafka.login.kind === 'scram') allow(reader, ['kafka:ListScramSecrets'], [kafka.cluster]);
  }
  if (kafka.kind === 'msk' || kafka.network !== null) allowInterfaces(reader);
}

function allowByRole(reader: LambdaFunction, cluster: string, topics: readonly Topic[]): void {
  const within = (kind: string, name: string) => `${cluster.replace(':cluster/', `:${kind}/`)}/${name}`;
  const of = (...names: string[]) => names.map((name) => `kafka-cluster:${name}`);
  allow(reader, of('Connect', 'DescribeClusterDynamicConfiguration'), [cluster]);
  allow(
    reader,
    of('DescribeTopic', 'ReadData'),
    topics.map(({ topic }) => within('topic', topic)),
  );
  allow(
    reader,
    of('AlterGroup', 'DescribeGroup'),
    topics.map(({ group }) => within('group', group)),
  );
}

function allowInterfaces(reader: LambdaFunction): void {
  const described = ['NetworkInterfaces', 'SecurityGroups', 'Subnets', 'Vpcs'].map(
    (name) => `Describe${name}`,
  );
  allow(
    reader,
    ['CreateNetworkInterface', 'DeleteNetworkInterface', ...described].map((name) => `ec2:${name}`),
    ['*'],
  );
  Validations.of(reader.role as IRole).acknowledge({
    id: 'AwsSolutions-IAM5[Resource::*]',
    reason:
      'Lambda makes network interfaces in the VPC of the brokers, and EC2 knows no narrower resource for that',
  });
}
