/** Configurations whose templates differ in kind: each is judged as a deployment of its own. */
import type { Settings } from '../../infra/settings.ts';
import config from '../shop.config.ts';

const deployed = (changed: Partial<Settings['deployment']>): Settings => ({
  ...config,
  deployment: { ...config.deployment, ...changed },
});

/** So many collections, with names as long as they may be. */
export function settingsWith(count: number): Settings {
  const names = Array.from({ length: count }, (_, n) => `c${String(n).padStart(62, '0')}`);
  const collections = Object.fromEntries(
    names.map((name, n) => [
      name,
      { couchbase: { bucket: 'b', scope: 's', collection: `c${n}` }, oracle: { table: `T${n}` } },
    ]),
  );
  return { ...config, collections };
}

export const NETWORK = {
  vpcId: 'vpc-0123456789abcdef0',
  availabilityZones: ['eu-central-1a'],
  subnetIds: ['subnet-0123456789abcdef0'],
  securityGroupIds: ['sg-0123456789abcdef0'],
};

export const TOPIC = 'arn:aws:sns:eu-central-1:123456789012:alarms';

export const BOUNDARY = 'arn:aws:iam::123456789012:policy/boundary';

export const KEY = 'arn:aws:kms:eu-central-1:123456789012:key/01234567-89ab-cdef-0123-456789abcdef';

export const CERTIFICATE =
  'arn:aws:acm:eu-central-1:123456789012:certificate/01234567-89ab-cdef-0123-456789abcdef';

/** What an organization may demand: all encrypted with its key, one name for the API, and clients with certificates. */
export const CLOSED = {
  ...{ network: NETWORK, alarmTopic: TOPIC, permissionsBoundary: BOUNDARY },
  kmsKey: KEY,
  domain: {
    ...{ name: 'api.example.com', certificate: CERTIFICATE, executeApi: false },
    mutualTls: { trustStore: 's3://trust/authorities.pem', version: '3/L4kqtJlcpXroDTDmJ+rmSpXd3dIbrHY' },
  },
};

export const ENDPOINT = 'vpce-0123456789abcdef0';

export const WEB_ACL =
  'arn:aws:wafv2:eu-central-1:123456789012:regional/webacl/crossfade/01234567-89ab-cdef-0123-456789abcdef';

/** An API for a VPC alone. */
export const PRIVATE = { endpoints: [ENDPOINT, 'vpce-0123456789abcdef1'], webAcl: WEB_ACL };

/** Of a topic's cluster, as MSK names it. */
export const CLUSTER =
  'arn:aws:kafka:eu-central-1:123456789012:cluster/changes/01234567-89ab-cdef-0123-456789abcdef-1';

export const SECRET = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:AmazonMSK_reader-AbCdEf';

const book = {
  couchbase: { bucket: 'shop', scope: 'sales', collection: 'books' },
  oracle: { table: 'BOOKS' },
};

/** With topics of one collection with metadata, and of one with keys alone; a third one has none, and proves that Oracle bears its load. And with a guard. */
export const KAFKA = {
  guard: {},
  ...deployed({ kafka: { kind: 'msk', cluster: CLUSTER, login: { kind: 'iam' } }, oracleSessions: 108 }),
  collections: {
    orders: { ...config.collections.orders, feed: { kafka: { topic: 'crossfade.orders' } } },
    carts: { ...config.collections.carts, feed: { kafka: { topic: 'carts', values: 'none' } } },
    books: { ...book, loadProof: { limits: { reads: { p99: 50 } } } },
  },
} satisfies Settings;

/** A cluster of one's own, by subnets of a VPC, with a secret for each that there can be one. */
export const OWN_KAFKA = {
  ...{ kind: 'own', servers: ['broker-1.example.com:9096', 'broker-2.example.com:9096'] },
  ...{ login: { kind: 'scram', secret: SECRET }, authority: SECRET.replace('reader', 'authority') },
  network: { subnetIds: NETWORK.subnetIds, securityGroupIds: NETWORK.securityGroupIds },
  pollers: { least: 1, most: 4 },
} satisfies NonNullable<Settings['deployment']['kafka']>;

export const VARIANTS = {
  default: config,
  hundred: settingsWith(100),
  /** With a network, a topic for alarms, and a permissions boundary. */
  vpc: deployed({ network: NETWORK, alarmTopic: TOPIC, permissionsBoundary: BOUNDARY }),
  closed: deployed(CLOSED),
  /** With a key that the stack makes, and nothing else of that. */
  keyed: deployed({ kmsKey: 'made' }),
  /** All collections: what serves Oracle alone is left. */
  retired: deployed({ secrets: { ...config.deployment.secrets, couchbase: null } }),
  /** With as many collections as one stack has room for, a network, a key and a name: more resources than with any other HTTP API. */
  canary: {
    ...settingsWith(60),
    deployment: {
      ...config.deployment,
      ...CLOSED,
      kmsKey: 'made',
      rollout: { kind: 'canary', percent: 10, minutes: 15 },
    },
  },
  arm64: deployed({ architecture: 'arm64' }),
  private: deployed({ private: PRIVATE, network: NETWORK, kmsKey: KEY, permissionsBoundary: BOUNDARY }),
  /** With as many collections as one stack has room for, and a roll-out: more resources than with any other settings. */
  privateCanary: {
    ...settingsWith(60),
    deployment: {
      ...config.deployment,
      ...{ private: PRIVATE, network: NETWORK, kmsKey: 'made', alarmTopic: TOPIC, collectionsInStack: 50 },
      rollout: { kind: 'canary', percent: 10, minutes: 15 },
    },
  },
  kafka: KAFKA,
  /** The same with a cluster of one's own, and a key. */
  ownKafka: { ...KAFKA, deployment: { ...KAFKA.deployment, kafka: OWN_KAFKA, kmsKey: 'made' } },
} as const satisfies Record<string, Settings>;

export type Variant = keyof typeof VARIANTS;
