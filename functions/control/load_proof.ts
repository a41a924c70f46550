/** The gate of the proof of load: Oracle has borne as many reads as it is about to get, for long enough, within limits. */
import type { EffectivePhase } from '../phases/effective_phase.ts';
import { callsIn, percentile } from '../records/histogram.ts';
import {
  type Calls,
  type Figures,
  isProven,
  MINUTE,
  NO_FIGURES,
  type ProofRow,
  type Ramp,
  stepAt,
  summed,
} from '../records/load_proof.ts';
import type { Condition } from './condition.ts';

/** Milliseconds, or so many times what Couchbase takes in the same minutes. */
export type Bound = number | { readonly timesCouchbase: number };

/** As configured. */
export interface ProofLimits {
  readonly reads: { readonly p50?: Bound | undefined; readonly p99: Bound };
  readonly writes?: { readonly p50?: number | undefined; readonly p99: number } | undefined;
  /** Percent of calls that may fail. */
  readonly errors: number;
  /** Reads in Oracle that it takes to tell anything. */
  readonly least: number;
}

export interface LoadProofEvidence {
  readonly ramp: Ramp;
  /** Null: it is measured, and no gate waits for it. */
  readonly limits: ProofLimits | null;
  /** Of the last minutes, as many as the last step has, at its share of reads alone. */
  readonly proof: Figures;
  /** Of the last minutes, at whichever share. */
  readonly lately: Figures;
  /** Where those minutes end, in milliseconds since the epoch. */
  readonly until: number;
}

/** Minutes that people are shown. */
export const LATELY = 5;
/** Milliseconds after which a container has written down what it has measured. */
const WRITTEN = 10_000;
/** Of all reads that were chosen, percent that may be skipped, or find nothing: more, and it was another load that was borne. */
const MOST_MISSED = 5;

/** From when on minutes are needed. Both in milliseconds since the epoch. */
export function neededSince(ramp: Ramp, now: number): number {
  return untilOf(now) - Math.max(LATELY, lastOf(ramp).minutes) * MINUTE;
}

function untilOf(now: number): number {
  return Math.floor((now - WRITTEN) / MINUTE) * MINUTE;
}

/** @param rows of the collection, since `neededSince` at the least. */
export function loadProofEvidence(
  settings: Pick<LoadProofEvidence, 'ramp' | 'limits'>,
  rows: readonly ProofRow[],
  now: number,
): LoadProofEvidence {
  const until = untilOf(now);
  const { percent, minutes } = lastOf(settings.ramp);
  const within = (last: number) =>
    rows.filter(({ minute }) => minute >= until - last * MINUTE && minute < until);
  const all = (some: readonly ProofRow[]) =>
    some.reduce((sum, { figures }) => summed(sum, figures), NO_FIGURES);
  const window = within(minutes);
  return {
    ...settings,
    // A difference counts at whichever share it was found.
    proof: {
      ...all(window.filter((row) => row.percent === percent)),
      differences: all(window).differences,
    },
    ...{ lately: all(within(LATELY)), until },
  };
}

/**
 * None where the collection proves nothing, no limits are set, or functions of the version before tell nothing of it. A verification may begin beside it. It stands
 * before `seal`, whose reads ask Oracle, and before `switch`, whose reads ask it alone.
 */
export function loadProofConditions(
  proof: LoadProofEvidence | undefined,
  from: Pick<EffectivePhase, 'phase' | 'since'>,
  now: number,
): Condition[] {
  if (proof === undefined || proof.limits === null || !isProven(from.phase)) return [];
  const missing = missingOf(proof, proof.limits, from, now);
  const told = figuresText(proof.proof);
  const { minutes, percent } = lastOf(proof.ramp);
  const measured = `${minutes} minutes at ${percent} %: ${told}`;
  return [
    {
      ...{ name: 'load proof', lets: true, holds: missing.length === 0 },
      measured: missing.length === 0 ? measured : `${missing.join('; ')}. ${measured}`,
    },
  ];
}

function missingOf(
  { ramp, proof }: LoadProofEvidence,
  limits: ProofLimits,
  { phase, since }: Pick<EffectivePhase, 'phase' | 'since'>,
  now: number,
): string[] {
  const { reads, writes, errors, least } = limits;
  const asked = totalOf(proof.oracle);
  const { skipped, absent } = proof;
  const chosen = asked + skipped + absent;
  return [
    ...rampOf(ramp, phase, since, now),
    ...(asked < least ? [`LOAD_TOO_FEW: ${asked} reads of ${least} that are needed: ${FEW}`] : []),
    ...missedIn(
      skipped,
      chosen,
      'LOAD_SKIPPED',
      'were not asked at once: raise deployment.concurrency.prove',
    ),
    ...missedIn(absent, chosen, 'LOAD_ABSENT', 'found no document in Oracle: it is to be backfilled first'),
    ...slowIn('reads', proof.oracle, reads, proof.couchbase),
    ...(writes === undefined ? [] : slowIn('writes', proof.writes, writes, null)),
    ...failedIn('reads', proof.oracle, errors),
    ...failedIn('writes', proof.writes, errors),
    ...(proof.differences > 0
      ? [
          `LOAD_DIFFERS: ${proof.differences} reads differed, also a bake later: a verification tells which keys`,
        ]
      : []),
  ];
}

/** A collection without reads would wait for ever. */
const FEW =
  'wait for more, give the last step of loadProof.ramp more minutes, so that busier hours count before a move at night, lower loadProof.limits.least, or set ' +
  'loadProof of a collection that nobody reads to null';

function missedIn(missed: number, chosen: number, code: string, what: string): string[] {
  return missed * 100 <= chosen * MOST_MISSED
    ? []
    : [`${code}: ${missed} of ${chosen} reads ${what}; ${MOST_MISSED} % may be`];
}

/** In `seal` the rows tell what was borne: whoever was forced there has none. */
function rampOf(ramp: Ramp, phase: EffectivePhase['phase'], since: number, now: number): string[] {
  const { number, began, until } = stepAt(ramp, phase, since, now);
  const { percent, minutes } = lastOf(ramp);
  const left = ramp.slice(number).reduce((sum, each) => sum + each.minutes * MINUTE, 0);
  const over = (until ?? began + minutes * MINUTE) + left;
  if (phase !== 'expand' || now >= over) return [];
  return [
    `LOAD_RAMP: step ${number} of ${ramp.length}; ${minutes} minutes of ${percent} % are over at ${new Date(over).toISOString()}`,
  ];
}

function slowIn(
  what: 'reads' | 'writes',
  { latencies }: Calls,
  limits: { readonly p50?: Bound | undefined; readonly p99: Bound },
  couchbase: Calls | null,
): string[] {
  return ([50, 99] as const).flatMap((percent) => {
    const limit = limits[`p${percent}`];
    const found = percentile(latencies, percent);
    if (limit === undefined || found === null) return [];
    const there = couchbase === null ? null : percentile(couchbase.latencies, percent);
    const most = typeof limit === 'number' ? limit : there === null ? null : limit.timesCouchbase * there;
    if (most === null)
      return [`LOAD_UNMEASURED: no read of Couchbase was measured, which p${percent} is compared with`];
    const own = typeof limit === 'number' && there !== null && there > limit ? tooStrict(there) : '';
    return found <= most
      ? []
      : [`LOAD_TOO_SLOW: ${what} p${percent} ${found} ms, of ${Number(most.toPrecision(3))} ms${own}`];
  });
}

function tooStrict(there: number): string {
  return ` (LIMIT_BELOW_COUCHBASE: Couchbase itself takes ${there} ms)`;
}

function failedIn(what: 'reads' | 'writes', calls: Calls, percent: number): string[] {
  const all = totalOf(calls);
  return calls.failed * 100 <= all * percent
    ? []
    : [`LOAD_ERRORS: ${calls.failed} of ${all} ${what} have failed, and ${percent} % may`];
}

/** As operators read it. */
export function figuresText({ couchbase, oracle, writes, skipped, absent }: Figures): string {
  return [
    `Couchbase reads ${callsText(couchbase)}`,
    `Oracle reads ${callsText(oracle)}, ${skipped} skipped, ${absent} of nothing`,
    `Oracle's part of writes ${callsText(writes)}`,
  ].join('; ');
}

export function callsText(calls: Calls): string {
  const [p50, p99] = [50, 99].map((percent) => percentile(calls.latencies, percent));
  const times = p50 === null ? '' : `p50 ${p50} ms, p99 ${p99} ms, `;
  return `${times}${calls.failed} of ${totalOf(calls)} failed`;
}

function totalOf({ latencies, failed }: Calls): number {
  return callsIn(latencies) + failed;
}

function lastOf(ramp: Ramp) {
  const last = ramp.at(-1);
  if (last === undefined) throw new RangeError('A ramp has one step at the least');
  return last;
}
