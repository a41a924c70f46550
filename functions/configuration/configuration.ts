/** What a migration is configured with: checked when the stack is synthesized, and again when a function starts. */
import * as v from 'valibot';
import { issueTexts } from '../parsing/issue.ts';
import { whole } from '../parsing/whole.ts';
import { LEAST_TIME } from '../stores/durability.ts';
import { CERTIFICATES, SCRATCH_TABLE } from '../stores/oracle/certification_tables.ts';
import { CONTROL, OWNERS } from '../stores/oracle/control_tables.ts';
import { KEPT_INDEXES } from '../stores/oracle/kept_indexes.ts';
import { NOT_DURABLE } from '../stores/oracle/not_durable_table.ts';
import { collectionSubjects, type Subject } from '../stores/oracle/schema.ts';
import { CONFLICTS_PER_MINUTE } from '../stores/oracle/set_aside_rows.ts';
import { SQL_CHANGES } from '../stores/oracle/sql_changes_table.ts';
import { BULK_LIMITS_SCHEMA } from './bulk_limits.ts';
import { CALLER_LIMIT } from './caller_limit.ts';
import { CERTIFICATION, scratchProblems } from './certification.ts';
import { COLLECTION, collectionProblems, tableOf } from './collection.ts';
import { GRANTS } from './grants.ts';
import { GUARD } from './guard.ts';
import { areUsual } from './keys.ts';
import { KEYS_IN_PATH } from './keys_in_path.ts';
import { LOAD_PROOF } from './load_proof.ts';
import { MOVES } from './moves.ts';
import { mappedBy } from './projection.ts';
import { RETENTION } from './retention.ts';

/** Milliseconds. The longest `lease` and the longest `request` together are a bake, and no queue delays a message for more than 900 s. */
const TIMING = v.strictObject({
  /** For how long a phase that was read may be obeyed. */
  lease: whole(1000, 600_000),
  /** From what age on a phase is read again before it is obeyed. */
  refresh: whole(0, 600_000),
  /** For how long a request may take: the functions' time-out. */
  request: v.pipe(whole(1000, 29_000), v.multipleOf(1000, 'it must be whole seconds')),
  /** For how long one call to a store may take. */
  call: whole(100, 25_000),
  /** For how long a worker of the backfill copies before it hands on the rest of its shard: its function's time-out. */
  backfill: v.pipe(whole(10_000, 900_000), v.multipleOf(1000, 'it must be whole seconds')),
});

/** Milliseconds that a write waits for the store that follows, or for the queue beside both stores, where nothing rests on it: as long as it usually takes, within these. */
const FOLLOWER_TIME = v.pipe(
  v.strictObject({ least: v.optional(whole(10, 25_000), 100), most: v.optional(whole(10, 25_000), 500) }),
  v.check(({ least, most }) => least <= most, 'least must be most or less'),
);

const CONFIGURATION = v.strictObject({
  collections: v.pipe(
    v.record(v.string(), COLLECTION),
    v.check((all) => Object.keys(all).length > 0, 'there must be at least one collection'),
  ),
  timing: TIMING,
  /** The share of reads after which both stores are compared, 0 to 1. */
  shadowReads: v.optional(
    v.pipe(v.number(), v.minValue(0, 'it must be 0 or more'), v.maxValue(1, 'it must be 1 or less')),
    0,
  ),
  /** See `load_proof.ts`. */
  loadProof: LOAD_PROOF,
  /** See `FOLLOWER_TIME`. */
  followerTime: v.optional(FOLLOWER_TIME, {}),
  /** Requests of each caller of the API; null for as many as there are. */
  callers: v.optional(CALLER_LIMIT, null),
  /** What the tokens of apps grant. Where nobody says it, what their scopes name, and nothing else. */
  grants: v.optional(GRANTS, { kind: 'scopes' }),
  /** See `keys_in_path.ts`. */
  keysInPath: v.optional(KEYS_IN_PATH, 'refuse'),
  /** What one operator has to ask for and another one to confirm. */
  fourEyes: v.optional(v.array(v.picklist(['force', 'retire'])), []),
  /** Connections to Oracle that one container of a function holds at most. */
  connections: whole(1, 64),
  /** Conflicts of a collection that repairs may set aside in a minute, about: beyond that they wait. */
  conflictsPerMinute: v.optional(whole(1, 1_000_000), CONFLICTS_PER_MINUTE),
  /** Tombstones of a collection that are an alarm. The controller counts no more than these, by the index on their dates. */
  mostTombstones: v.optional(whole(1000, 5_000_000), 1_000_000),
  /** For how many days the control tables keep what nothing needs any more; null for ever. */
  retention: RETENTION,
  /** From which readings of Oracle's load on backfills, copy-backs and verifications go slower, pause, and go on. */
  bulkLimits: BULK_LIMITS_SCHEMA,
  /** See `certification.ts`. */
  certification: CERTIFICATION,
  /** See `moves.ts`. */
  moves: MOVES,
  /** See `guard.ts`. */
  guard: GUARD,
});

export type Configuration = v.InferInput<typeof CONFIGURATION>;
export type Parsed = v.InferOutput<typeof CONFIGURATION>;
export type Collection = Parsed['collections'][string];
export type Timing = Parsed['timing'];

/**
 * Milliseconds that a call may take beyond its own time: a Couchbase call waits so long for a connection that is being opened,
 * and the watchdog of an Oracle call barks then. What an answer takes on its way comes on top.
 */
const GRACE = 2000;
const ANSWERING = 500;

/**
 * What a request must leave of its time when it begins its last call: each call then ends before the function does. A durable write gets
 * no less than its driver gives it, however short `call` is.
 */
export function lastCall({ call }: Timing): number {
  return Math.max(call, LEAST_TIME) + GRACE + ANSWERING;
}

/** Milliseconds that must be left for a question to a store of a function that says something of the answer afterwards. */
export function lastQuestion(timing: Timing): number {
  return lastCall(timing) + 1000;
}

/**
 * Milliseconds after a look at the phase in which a worker of a run may begin calls. As for a request: a phase is obeyed for its lease after
 * it was read, and then for a request's time, so that all of it ends within a bake.
 */
export function lastsAfterLook(timing: Timing): number {
  return timing.request - lastCall(timing);
}

/** How often a worker gives a sign of life, in milliseconds. */
export function beat({ call }: Timing): number {
  return 2 * call;
}

/** After so many milliseconds without a sign of life a worker counts as dead: it may be in the middle of a batch. */
export function silence(timing: Timing): number {
  return Math.ceil((beat(timing) + 3 * lastCall(timing)) / 1000 + 2) * 1000;
}

/** After so many milliseconds nobody acts on the phase before any more. */
export function bake({ lease, request }: Timing): number {
  return lease + request;
}

/**
 * Milliseconds after which a change that a feed tells of is looked at: a write of our own that is under way has come to both stores by then, and is found to
 * be no other. A look that comes too early is safe.
 */
export function feedDelay(timing: Timing): number {
  return lastCall(timing);
}

/** The tables that the configuration needs, and their columns. */
export function subjectsOf({ collections }: Pick<Parsed, 'collections'>): Subject[] {
  const tables = Object.values(collections).map(({ oracle }) => tableOf(oracle));
  return [
    ...[CONTROL, NOT_DURABLE, SQL_CHANGES, OWNERS, CERTIFICATES],
    ...[...KEPT_INDEXES, ...SCRATCH_TABLE],
    ...tables.flatMap(collectionSubjects),
  ];
}

/**
 * Where the documents of a collection are, and how they lie there. Runs are stamped with it: one with another mapping was about other
 * documents. How they are written is no part of it, so a run goes on, and its evidence counts, when only that has changed.
 */
export function mappingOf({ couchbase, oracle, keys }: Collection): Pick<Collection, 'couchbase'> & {
  readonly oracle: object;
  readonly keys?: Collection['keys'];
} {
  const { projections, ...own } = oracle;
  // Runs of functions that knew no projections, or no choice of keys, are of this mapping where there is none.
  const rows = projections.length === 0 ? {} : { projections: projections.map(mappedBy) };
  return { couchbase, oracle: { ...own, ...rows }, ...(areUsual(keys) ? {} : { keys }) };
}

/** The configuration is unusable. Each problem says where, what is wrong there, and how it should be. */
export class BadConfiguration extends Error {
  override readonly name = 'BadConfiguration';
  readonly problems: readonly string[];

  /** @param source where the configuration comes from. */
  constructor(source: string, problems: readonly string[]) {
    super(problems.map((each) => `${source}: ${each}`).join('\n'));
    this.problems = problems;
  }
}

/** @param source where it comes from, for messages. */
export function parseConfiguration(value: unknown, source: string): Parsed {
  const problems = problemsOf(value);
  if (problems.length > 0) throw new BadConfiguration(source, problems);
  return v.parse(CONFIGURATION, value);
}

/** All that is wrong: what has the wrong form, and what does not fit together of all that has the right one. */
export function problemsOf(value: unknown): string[] {
  const { collections, timing, certification } = v.is(ANY, value) ? value : {};
  const known = v.safeParse(TIMING, timing);
  return [
    ...issueTexts(CONFIGURATION, value),
    ...(v.is(ANY, collections) ? collectionProblems(collections) : []),
    ...scratchProblems(collections, certification),
    ...(known.success ? timingProblems(known.output) : []),
  ];
}

const ANY = v.record(v.string(), v.unknown());

function timingProblems(timing: Timing): string[] {
  const { lease, refresh, request, call, backfill } = timing;
  // A worker that has no more than the time of its last batch begins none, and to come to it takes calls, too.
  const [twoCalls, batch] = [lastCall(timing) + call, 4 * lastCall(timing)];
  return [
    ...(refresh >= lease ? ['timing.refresh: it must be less than timing.lease'] : []),
    ...(twoCalls > request
      ? [`timing.request: it must be ${twoCalls} or more, for two calls of timing.call`]
      : []),
    ...(batch > backfill ? [`timing.backfill: it must be ${batch} or more, for the calls of one batch`] : []),
  ];
}
