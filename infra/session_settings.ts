/** Containers of all functions, and the sessions that they hold in Oracle together. */
import * as v from 'valibot';
import { type LoadProof, provesLoad } from '../functions/configuration/load_proof.ts';
import { FEEDERS } from './kafka_settings.ts';

/** Containers at most of the function that operators ask, of the one that begins runs, and of the one that moves the phase. */
export const [OPERATORS, PLANNERS, CONTROLLERS] = [2, 1, 1];

/** Containers of the function that proves load, where the settings do not say. */
export const PROVERS = 2;

const count = v.pipe(v.number(), v.integer(), v.minValue(1));
const GIVEN = v.object({
  deployment: v.object({
    concurrency: v.object({
      ...{ api: count, reconcile: count, backfill: count, verify: count },
      ...{ feed: v.optional(count, FEEDERS), prove: v.optional(count, PROVERS) },
    }),
    oracleSessions: count,
    kafka: v.optional(v.unknown()),
    secrets: v.optional(v.looseObject({ couchbase: v.optional(v.nullable(v.unknown())) })),
  }),
  connections: count,
});

/** What is proven, as far as it matters here. */
interface Proving {
  readonly collections: Readonly<Record<string, { readonly loadProof?: unknown }>>;
  readonly loadProof?: unknown;
}

/** What tells whether Couchbase has been retired, with all collections in `contract` then: its secret is null. */
interface Retirable {
  readonly secrets?: { readonly couchbase?: unknown } | undefined;
}

/** Containers that prove load: none where no collection proves anything, or none is in a phase any more in which it would. */
export function provers(
  { concurrency, secrets }: Retirable & { readonly concurrency: { readonly prove: number } },
  { collections, loadProof = null }: Proving,
): number {
  if (secrets?.couchbase === null) return 0;
  const proving = { collections, loadProof } as {
    collections: Record<string, { loadProof?: LoadProof | null }>;
    loadProof: LoadProof | null;
  };
  return provesLoad(proving) ? concurrency.prove : 0;
}

/** Containers of all functions that hold sessions in Oracle, at most. */
export function containersOf(
  { concurrency, kafka, secrets }: v.InferOutput<typeof GIVEN>['deployment'],
  configuration: Proving,
): number {
  const { api, reconcile, backfill, verify, feed } = concurrency;
  const beside = ((kafka ?? null) === null ? 0 : feed) + provers({ concurrency, secrets }, configuration);
  return api + reconcile + backfill + verify + beside + OPERATORS + PLANNERS + CONTROLLERS;
}

/** Nothing where one of the numbers is none: that is told already. @param deployment, configuration that need not be sound. */
export function sessionProblems(
  deployment: unknown,
  configuration: Proving & { readonly connections: unknown },
): string[] {
  const given = v.safeParse(GIVEN, { deployment, connections: configuration.connections });
  if (!given.success) return [];
  const { connections } = given.output;
  const { oracleSessions } = given.output.deployment;
  const containers = containersOf(given.output.deployment, configuration);
  const sessions = containers * connections;
  if (sessions <= oracleSessions) return [];
  return [
    `deployment.concurrency: ${containers} containers with ${connections} connections each are ${sessions} sessions, and ` +
      `oracleSessions leaves ${oracleSessions}: lower one of them, or raise oracleSessions where Oracle allows more`,
  ];
}
