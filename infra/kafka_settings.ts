/** The cluster of Kafka whose topics bring the changes of collections: one of Amazon MSK, or one of your own. */
import * as v from 'valibot';
import { whole } from '../functions/parsing/whole.ts';

const CLUSTER =
  /^arn:aws[a-z-]*:kafka:[a-z0-9-]+:\d{12}:cluster\/[A-Za-z0-9-]{1,64}\/[0-9a-f-]{36}-(s\d+|\d+)$/;
const SECRET = /^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:[\w/+=.@-]{1,512}-[A-Za-z0-9]{6}$/;
const SERVER = /^[A-Za-z0-9][A-Za-z0-9.-]{0,252}:\d{1,5}$/;

const secret = v.pipe(
  v.string(),
  v.regex(
    SECRET,
    'it must be the ARN of a secret with the six characters at its end, such as arn:aws:secretsmanager:eu-central-1:123456789012:secret:kafka-AbCdEf',
  ),
);
/** (msk/latest/developerguide/msk-password-tutorial.html, 2026-11-28.) */
const ofMsk = v.pipe(
  secret,
  v.regex(/^(?!arn:)|:secret:AmazonMSK_/, 'its name must begin with AmazonMSK_, as MSK demands'),
);
const listOf = (pattern: RegExp, wrong: string) =>
  v.pipe(
    v.array(v.pipe(v.string(), v.regex(pattern, wrong))),
    v.minLength(1, 'there must be 1 or more'),
    v.maxLength(10, 'there must be 10 or less'),
  );

const CERTIFICATE_LOGIN = v.strictObject({ kind: v.literal('certificate'), secret });

/** Event pollers of each topic (`provisioned mode`, which has a price of its own); without it Lambda decides how many there are. */
const pollers = v.optional(
  v.pipe(
    v.strictObject({ least: whole(1, 200), most: whole(1, 2000) }),
    v.check(({ least, most }) => least <= most, 'least must be most or less'),
  ),
);

const MSK = v.strictObject({
  kind: v.literal('msk'),
  cluster: v.pipe(
    v.string(),
    v.regex(
      CLUSTER,
      'it must be the ARN of a cluster of MSK, such as arn:aws:kafka:eu-central-1:123456789012:cluster/changes/01234567-89ab-cdef-0123-456789abcdef-1',
    ),
  ),
  /** As whom Lambda reads topics: the role of the function, or what a secret holds. */
  login: v.variant('kind', [
    v.strictObject({ kind: v.literal('iam') }),
    v.strictObject({ kind: v.literal('scram'), secret: ofMsk }),
    CERTIFICATE_LOGIN,
  ]),
  pollers,
});

const OWN = v.strictObject({
  kind: v.literal('own'),
  servers: listOf(SERVER, 'it must be a name and a port, such as broker-1.example.com:9096'),
  login: v.variant('kind', [
    v.strictObject({ kind: v.literal('scram'), bits: v.optional(v.picklist([256, 512]), 512), secret }),
    v.strictObject({ kind: v.literal('plain'), secret }),
    CERTIFICATE_LOGIN,
  ]),
  /** With the certificate of the authority that the brokers have theirs of, where no public one has given it out. */
  authority: v.optional(secret),
  /** From where Lambda reaches the brokers: subnets of your VPC that lead to them, and groups that they let in. Null where they are reached from the internet. */
  network: v.nullable(
    v.strictObject({
      subnetIds: listOf(/^subnet-([0-9a-f]{8}|[0-9a-f]{17})$/, 'it must look like subnet-0123456789abcdef0'),
      securityGroupIds: listOf(/^sg-([0-9a-f]{8}|[0-9a-f]{17})$/, 'it must look like sg-0123456789abcdef0'),
    }),
  ),
  pollers,
});

/** Null where no collection has a topic. */
export const KAFKA_SETTINGS = v.nullable(v.variant('kind', [MSK, OWN]));

export type Kafka = NonNullable<v.InferOutput<typeof KAFKA_SETTINGS>>;

/** Containers of the function that reads topics, where the settings do not say. */
export const FEEDERS = 2;

const TOPICS = v.record(
  v.string(),
  v.looseObject({ feed: v.nullish(v.looseObject({ kafka: v.optional(v.unknown()) })) }),
);

/** What is wrong with topics beside their cluster. @param deployment, collections that need not be sound: what else is wrong is told elsewhere. */
export function kafkaProblems(deployment: unknown, collections: unknown): string[] {
  const given = v.safeParse(v.object({ kafka: v.optional(v.nullable(v.unknown()), null) }), deployment);
  const all = v.safeParse(TOPICS, collections);
  if (!given.success || !all.success) return [];
  const named = Object.entries(all.output).flatMap(([name, { feed }]) =>
    feed?.kafka === undefined ? [] : [name],
  );
  if (given.output.kafka !== null && named.length === 0)
    return [
      'deployment.kafka: KAFKA_UNUSED: no collection reads a topic of it: set collections.NAME.feed.kafka, or leave it out',
    ];
  if (given.output.kafka !== null) return [];
  return named.map(
    (name) =>
      `collections.${name}.feed.kafka: KAFKA_UNKNOWN: deployment.kafka does not say in which cluster its topic is: set it, or leave kafka out, ` +
      'and the feed comes by the API',
  );
}

/** ARNs of the secrets that Lambda reads to reach a cluster, by where they stand in the settings. */
export function kafkaSecrets(kafka: Kafka): (readonly [path: string, arn: string])[] {
  return [
    ...(kafka.login.kind === 'iam' ? [] : [['kafka.login.secret', kafka.login.secret] as const]),
    ...(kafka.kind === 'own' && kafka.authority !== undefined
      ? [['kafka.authority', kafka.authority] as const]
      : []),
  ];
}
