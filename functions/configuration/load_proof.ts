/** How much load Oracle is to prove that it bears before reads depend on it, and what counts as borne. */
import * as v from 'valibot';
import { whole } from '../parsing/whole.ts';
import { STEPS } from './ramp.ts';

const RAMP = v.pipe(STEPS, v.minLength(1, 'there must be 1 or more'));

/** Without a word of their own: ten minutes a step, and half an hour of all reads. */
const USUAL = [...[1, 10, 50].map((percent) => ({ percent, minutes: 10 })), { percent: 100, minutes: 30 }];

const positive = (most: number) =>
  v.pipe(v.number(), v.gtValue(0, 'it must be above 0'), v.maxValue(most, `it must be ${most} or less`));
const MILLISECONDS = positive(60_000);

/** Absolute, or beside Couchbase in the same minutes. */
const BOUND = v.union(
  [MILLISECONDS, v.strictObject({ timesCouchbase: positive(1000) })],
  'it must be milliseconds, above 0, or { timesCouchbase: 3 }',
);

const ordered = (p50: unknown, p99: unknown) =>
  typeof p50 !== 'number' || typeof p99 !== 'number' || p50 <= p99;
const ORDER = 'p50 must be p99 or less';

const LIMITS = v.strictObject({
  /** Of reads in Oracle. */
  reads: v.pipe(
    v.strictObject({ p50: v.optional(BOUND), p99: BOUND }),
    v.check(({ p50, p99 }) => ordered(p50, p99), ORDER),
  ),
  /** Of Oracle's part in dual writes, in milliseconds. */
  writes: v.optional(
    v.pipe(
      v.strictObject({ p50: v.optional(MILLISECONDS), p99: MILLISECONDS }),
      v.check(({ p50, p99 }) => ordered(p50, p99), ORDER),
    ),
  ),
  /** Percent of calls that may fail. */
  errors: v.optional(
    v.pipe(v.number(), v.minValue(0, 'it must be 0 or more'), v.maxValue(100, 'it must be 100 or less')),
    0.1,
  ),
  /** Reads in Oracle that it takes to tell anything. */
  least: v.optional(whole(100, 1_000_000_000), 1000),
});

const PROOF = v.strictObject({
  ramp: v.optional(RAMP, USUAL),
  /** What gates want of the minutes of the last step; null: it is measured, and no gate waits for it. */
  limits: v.optional(v.nullable(LIMITS), null),
});

/** Of all collections. Nothing is asked of Oracle unless it is said: it is load that somebody has to expect. */
export const LOAD_PROOF = v.optional(v.nullable(PROOF), null);

/** Of one collection, in the place of that of all. */
export const OWN_LOAD_PROOF = v.optional(v.nullable(PROOF));

export type LoadProof = v.InferOutput<typeof PROOF>;

/** What counts for a collection; null for nothing. */
export function loadProofOf(
  {
    collections,
    loadProof,
  }: {
    readonly collections: Readonly<Record<string, { readonly loadProof?: LoadProof | null | undefined }>>;
    readonly loadProof: LoadProof | null;
  },
  collection: string,
): LoadProof | null {
  const own = collections[collection]?.loadProof;
  return own === undefined ? loadProof : own;
}

/** Whether any collection proves its load. */
export function provesLoad(configuration: Parameters<typeof loadProofOf>[0]): boolean {
  return Object.keys(configuration.collections).some((name) => loadProofOf(configuration, name) !== null);
}
