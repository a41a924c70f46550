/** The whole configuration: what the functions are told, and what only the deployment needs. */

import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import * as v from 'valibot';
import {
  BadConfiguration,
  type Configuration,
  type Parsed,
  parseConfiguration,
} from '../functions/configuration/configuration.ts';
import { issueText } from '../functions/parsing/issue.ts';
import { MODES } from '../functions/runs/request.ts';

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

const workers = v.pipe(count, v.maxValue(40, 'it must be 40 or less, as many as a state machine waits for'));

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
  /** Names of the secrets with the stores' logins, which you keep in Secrets Manager. */
  secrets: v.strictObject({
    /** Null once all collections have been retired: the stack then keeps what serves Oracle alone. */
    couchbase: v.nullable(text),
    oracle: text,
    /** The owner of the tables, as whom a deployment creates and upgrades them. */
    oracleOwner: text,
  }),
  /** Who issues the tokens of your apps (OpenID Connect), and for whom. */
  tokens: v.strictObject({
    issuer: v.pipe(v.string(), v.regex(/^https:\/\//, 'it must begin with https://')),
    audience: v.pipe(v.array(text), v.minLength(1, 'there must be 1 or more')),
  }),
  /** Containers at most, per function. */
  concurrency: v.strictObject({
    api: count,
    reconcile: count,
    backfill: workers,
    verify: workers,
  }),
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
  architecture: v.picklist(['x64', 'arm64']),
  logRetentionDays: v.picklist(
    Object.values(RetentionDays).filter((days): days is RetentionDays => typeof days === 'number'),
  ),
});

/** Containers at most of the function that operators ask, of the one that begins runs, and of the one that moves the phase. */
export const [OPERATORS, PLANNERS, CONTROLLERS] = [2, 1, 1];

export type Deployment = v.InferOutput<typeof DEPLOYMENT>;
export type Settings = Configuration & { readonly deployment: v.InferInput<typeof DEPLOYMENT> };

export interface CheckedSettings {
  /** What is bundled with the functions. */
  readonly configuration: Parsed;
  readonly deployment: Deployment;
}

/** Throws `BadConfiguration`. @param source where the settings come from, for messages. */
export function checkSettings({ deployment, ...configuration }: Settings, source: string): CheckedSettings {
  const parsed = parseConfiguration(configuration, source);
  const result = v.safeParse(DEPLOYMENT, deployment);
  if (!result.success)
    throw new BadConfiguration(
      result.issues.map((issue) => `${source}: deployment.${issueText(issue)}`).join('\n'),
    );
  const { concurrency, oracleSessions, collectionsInStack } = result.output;
  const most = collectionsInStack + IN_NESTED;
  const collections = Object.keys(parsed.collections).length;
  if (collections > most)
    throw new BadConfiguration(
      `${source}: collections: there are ${collections}, and a deployment has room for ${most}: make another deployment for the ` +
        `rest, with a name and parameters of its own`,
    );
  const containers =
    concurrency.api +
    concurrency.reconcile +
    concurrency.backfill +
    concurrency.verify +
    OPERATORS +
    PLANNERS +
    CONTROLLERS;
  const sessions = containers * parsed.connections;
  if (sessions > oracleSessions)
    throw new BadConfiguration(
      `${source}: deployment.concurrency: ${containers} containers with ${parsed.connections} connections each are ` +
        `${sessions} sessions, and oracleSessions leaves ${oracleSessions}`,
    );
  return { configuration: parsed, deployment: result.output };
}
