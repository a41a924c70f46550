/** The whole configuration: what the functions are told, and what only the deployment needs. */
import * as v from 'valibot';
import {
  BadConfiguration,
  type Configuration,
  type Parsed,
  parseConfiguration,
  problemsOf,
} from '../functions/configuration/configuration.ts';
import { issueTexts } from '../functions/parsing/issue.ts';
import { whole } from '../functions/parsing/whole.ts';
import { MODES } from '../functions/records/run.ts';
import { FEEDERS, KAFKA_SETTINGS, kafkaProblems } from './kafka_settings.ts';
import { windowProblems } from './move_settings.ts';
import { OWNER_SETTINGS, ownerProblems } from './owner_settings.ts';
import type { Target } from './place_problems.ts';
import { RECEIPT_SETTINGS, receiptProblems } from './receipt_settings.ts';
import { PROVERS, sessionProblems } from './session_settings.ts';
import { THROTTLING_SETTINGS } from './throttling_settings.ts';

const text = v.pipe(v.string(), v.nonEmpty('it must not be empty'));
const id = (kind: string) =>
  v.pipe(
    v.string(),
    v.regex(
      new RegExp(`^${kind}-([0-9a-f]{8}|[0-9a-f]{17})$`),
      `it must look like ${kind}-0123456789abcdef0`,
    ),
  );
const count = v.pipe(
  v.number(),
  v.integer('it must be a whole number'),
  v.minValue(1, 'it must be 1 or more'),
);

/** Of a function that works off a queue: SQS invokes it twice at a time at least, and what Lambda refuses is delivered again only much later. */
const receivers = v.pipe(count, v.minValue(2, 'it must be 2 or more, as many as SQS invokes at a time'));

const workers = v.pipe(
  receivers,
  v.maxValue(40, 'it must be 40 or less, as many as a state machine waits for'),
);

/**
 * As CloudWatch takes them. Not imported from aws-cdk-lib: the operators' command reads these settings, and runs where only what the product
 * itself needs is installed.
 */
const RETENTION_DAYS = [
  ...[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731],
  ...[1096, 1827, 2192, 2557, 2922, 3288, 3653, 9999],
] as const;

/** Collections whose parameters one stack has room for: of 500 resources 4 each, beside all else; and in a nested one beside nothing. */
const [IN_STACK, IN_NESTED] = [60, 120];

const DEPLOYMENT = v.strictObject({
  /** Name of the CloudFormation stack. */
  name: v.pipe(
    v.string(),
    v.regex(/^[A-Za-z][A-Za-z0-9-]{0,99}$/, 'it must be letters, digits and -, a letter first'),
  ),
  /** What the names of the SSM parameters begin with. */
  parameters: v.pipe(v.string(), v.regex(/^(\/[A-Za-z0-9_.-]+)+$/, 'it must look like /crossfade')),
  /**
   * Names of the secrets with the stores' logins, which you keep in Secrets Manager. Several names, with commas between them, are one secret: members of
   * later ones go before. So a secret that RDS manages, which has a user name and a password alone, can be the second one.
   */
  secrets: v.strictObject({
    /** Null once all collections have been retired: the stack then keeps what serves Oracle alone. */
    couchbase: v.nullable(text),
    /** As whom the API serves documents. */
    oracle: text,
    /** As whom backfills, verifications and the reconciler work, and as whom the controller and operators' commands do; `oracle` where they are left out. */
    oracleWork: v.optional(text),
    oracleControl: v.optional(text),
    /** The owner of the tables, as whom a deployment creates and upgrades them. */
    oracleOwner: text,
    /** With the salt of the hashes that logs have instead of keys: a random text of 32 characters or more. Null: logs have keys as they are. */
    keys: v.optional(v.nullable(v.pipe(text, v.excludes(',', 'it must be one name'))), null),
  }),
  /** Who issues the tokens of your apps (OpenID Connect), and for whom. */
  tokens: v.strictObject({
    issuer: v.pipe(v.string(), v.regex(/^https:\/\//, 'it must begin with https://')),
    audience: v.pipe(v.array(text), v.minLength(1, 'there must be 1 or more')),
  }),
  /** Containers at most, per function. */
  concurrency: v.strictObject({
    api: count,
    reconcile: v.pipe(receivers, v.maxValue(1000, 'it must be 1000 or less, as many as SQS invokes')),
    backfill: workers,
    verify: workers,
    /** Of the one that reads topics of Kafka, where there is one. */
    feed: v.optional(v.pipe(count, v.maxValue(1000, 'it must be 1000 or less')), FEEDERS),
    /** Of the one that proves that Oracle bears the load, where a collection does. */
    prove: v.optional(v.pipe(receivers, v.maxValue(1000, 'it must be 1000 or less')), PROVERS),
  }),
  kafka: v.optional(KAFKA_SETTINGS, null),
  /** How receipts come to the reconciler. */
  receipts: v.optional(RECEIPT_SETTINGS, {}),
  /** Requests that the API's gateway passes on. */
  throttling: v.optional(THROTTLING_SETTINGS, {}),
  /** How often every collection is verified, in hours, and how closely; null for only when somebody asks. */
  verification: v.nullable(v.strictObject({ hours: count, mode: v.picklist(MODES) })),
  /** Sessions that Oracle leaves for the functions together. */
  oracleSessions: count,
  /** Where the functions reach the stores; null for none of your VPCs. */
  network: v.nullable(
    v.strictObject({
      vpcId: id('vpc'),
      availabilityZones: v.pipe(v.array(text), v.minLength(1, 'there must be 1 or more')),
      /** Private subnets, one per availability zone, which lead to the stores and to AWS. */
      subnetIds: v.pipe(v.array(id('subnet')), v.minLength(1, 'there must be 1 or more')),
      securityGroupIds: v.pipe(v.array(id('sg')), v.minLength(1, 'there must be 1 or more')),
    }),
  ),
  /**
   * How many collections, from the first on, have their parameters in the stack itself; those of the others are in a nested stack. Of the
   * first stack's collections, one less makes it one less, and one more one more: CloudFormation moves no parameter.
   */
  collectionsInStack: v.optional(
    v.pipe(count, v.maxValue(IN_STACK, `it must be ${IN_STACK} or less, which a template has room for`)),
    IN_STACK,
  ),
  ...OWNER_SETTINGS,
  /**
   * How a new version of the API's function takes over. `canary`: so many percent of the requests for so many minutes, then all. `linear`: so many
   * percent more each time after so many minutes. Alarms take it back meanwhile, and with it the deployment.
   */
  rollout: v.optional(
    v.variant('kind', [
      v.strictObject({ kind: v.literal('all-at-once') }),
      v.strictObject({ kind: v.literal('canary'), percent: whole(1, 50), minutes: whole(5, 1440) }),
      v.strictObject({ kind: v.literal('linear'), percent: whole(5, 50), minutes: whole(5, 120) }),
    ]),
    { kind: 'all-at-once' },
  ),
  architecture: v.picklist(['x64', 'arm64']),
  logRetentionDays: v.picklist(RETENTION_DAYS),
  /** How long the hashes of the audit log are kept outside of Oracle. Each of them also covers all entries before its own. */
  auditRetentionDays: v.optional(
    v.pipe(v.picklist(RETENTION_DAYS), v.minValue(365, 'it must be 365 or more')),
    3653,
  ),
});

export type Deployment = v.InferOutput<typeof DEPLOYMENT>;
export type Settings = Configuration & { readonly deployment: v.InferInput<typeof DEPLOYMENT> };

export interface CheckedSettings {
  /** What is bundled with the functions. */
  readonly configuration: Parsed;
  readonly deployment: Deployment;
}

/**
 * Throws `BadConfiguration`, with all that is wrong. @param source where the settings come from, for messages. @param target as far as it is known.
 * @param now milliseconds since the epoch: windows have to open after that.
 */
export function checkSettings(
  { deployment, ...configuration }: Settings,
  source: string,
  target: Target = {},
  now = Date.now(),
): CheckedSettings {
  const problems = [
    ...problemsOf(configuration),
    ...issueTexts(v.strictObject({ deployment: DEPLOYMENT }), { deployment }),
    ...sessionProblems(deployment, configuration),
    ...roomProblems(deployment, configuration.collections),
    ...problemsOfReceipts(deployment),
    ...grantProblems(configuration),
    ...kafkaProblems(deployment, configuration.collections),
    ...ownerProblems(deployment, target, configuration.collections),
    ...windowProblems(configuration, now),
  ];
  if (problems.length > 0) throw new BadConfiguration(source, problems);
  const parsed = parseConfiguration(configuration, source);
  const { callers } = parsed;
  const checked = v.parse(DEPLOYMENT, deployment);
  const shared = callers === null ? null : { containers: checked.concurrency.api, ...callers };
  return { configuration: { ...parsed, callers: shared }, deployment: checked };
}

/** A service that is upgraded must neither lose its apps nor go on granting everything because nobody has said what tokens grant. */
function grantProblems({ grants }: Configuration): string[] {
  if (grants !== undefined) return [];
  return [
    "grants: it is missing. Say what the tokens of apps grant: { kind: 'scopes' }, and a token with the scope orders.read reads orders; " +
      "or { kind: 'everything' }, and every token reads and writes every document, as it was up to 0.1.0",
  ];
}

/** Nothing where one of the numbers is none: that is told already. */
function problemsOfReceipts(deployment: unknown): string[] {
  const { concurrency, receipts } = DEPLOYMENT.entries;
  const given = v.safeParse(v.object({ concurrency, receipts }), deployment);
  return given.success ? receiptProblems(given.output) : [];
}

/** Nothing where one of the members is none: that is told already. */
function roomProblems(deployment: unknown, collections: unknown): string[] {
  const { collectionsInStack } = DEPLOYMENT.entries;
  const given = v.safeParse(
    v.object({ collectionsInStack, collections: v.record(v.string(), v.unknown()) }),
    { ...(deployment as object | undefined), collections },
  );
  if (!given.success) return [];
  const most = given.output.collectionsInStack + IN_NESTED;
  const { length } = Object.keys(given.output.collections);
  if (length <= most) return [];
  return [
    `collections: there are ${length}, and a deployment has room for ${most}: make another deployment for the rest, with a name ` +
      'and parameters of its own',
  ];
}

/** As `checkSettings`, for programs: says all that is wrong, and ends the process with 2. */
export function settingsOrExit(settings: Settings, source: string, target: Target = {}): CheckedSettings {
  try {
    return checkSettings(settings, source, target);
  } catch (error) {
    if (!(error instanceof BadConfiguration)) throw error;
    const { length } = error.problems;
    const mistakes = length === 1 ? 'a mistake' : `${length} mistakes`;
    process.stderr.write(
      `The configuration has ${mistakes}. Nothing was started or written.\n${error.message}\n`,
    );
    process.exit(2);
  }
}
