/** What clients saw in each stretch of the way, and altogether, beside the calm seconds of the same phase. */
import type { Asked } from './asked.ts';
import type { Claim, Stretch } from './stretch.ts';

/** How many times the calm p99 the p99 of a second may be, and the share of requests that must be answered. */
export const [SLOWER, ANSWERED] = [1.5, 0.9999];

/** Milliseconds of a second. */
const SECOND = 1000;

export interface Figures {
  readonly requests: number;
  readonly answered: number;
  /** How often each reason kept a request from being answered. */
  readonly why: Readonly<Record<string, number>>;
  /** Milliseconds, of all requests of the stretch, also of those that were not answered. */
  readonly p50: number;
  readonly p99: number;
  /** Seconds in which anything was asked, and those whose own p99 was above `SLOWER` times the calm one. */
  readonly seconds: number;
  readonly slow: number;
  /** The p99 of the slowest second, as a multiple of the calm one; null where nothing is known of calm seconds. */
  readonly worst: number | null;
  /** Milliseconds: the longest time in which nobody was answered. */
  readonly silence: number;
}

export interface Row extends Stretch, Figures {
  /** Milliseconds: the median of the p99 of the calm seconds of its visit; null where there are none. */
  readonly calm: number | null;
}

/** In the order of stretches. A request belongs to the stretch in which it was sent; where none was, it is left out. */
export function rowsOf(asked: readonly Asked[], stretches: readonly Stretch[]): Row[] {
  const inOrder = [...asked].sort((a, b) => a.at - b.at);
  const of = ({ from, to }: Stretch) => inOrder.filter(({ at }) => at >= from && at < to);
  const calm = new Map<string, number[]>();
  for (const stretch of stretches)
    if (stretch.kind === 'calm')
      calm.set(stretch.visit, [...(calm.get(stretch.visit) ?? []), ...p99s(of(stretch), stretch)]);
  return stretches.map((stretch) => {
    const seconds = calm.get(stretch.visit) ?? [];
    const usual = seconds.length === 0 ? null : quantile(seconds, 0.5);
    return { ...stretch, ...figuresOf(of(stretch), stretch, usual), calm: usual };
  });
}

function figuresOf(asked: readonly Asked[], stretch: Stretch, calm: number | null): Figures {
  const took = asked.map((each) => each.took);
  const why: Record<string, number> = {};
  for (const each of asked) if (each.why !== null) why[each.why] = (why[each.why] ?? 0) + 1;
  const seconds = p99s(asked, stretch);
  return {
    ...{ requests: asked.length, answered: asked.filter((each) => each.why === null).length, why },
    ...{ p50: quantile(took, 0.5), p99: quantile(took, 0.99), seconds: seconds.length },
    slow: calm === null ? 0 : seconds.filter((each) => each > SLOWER * calm).length,
    worst: calm === null || seconds.length === 0 ? null : Math.max(...seconds) / calm,
    silence: silenceOf(asked, stretch),
  };
}

/** The p99 of each second in which anything was asked. */
function p99s(asked: readonly Asked[], { from }: Stretch): number[] {
  const seconds = new Map<number, number[]>();
  for (const { at, took } of asked) {
    const second = Math.floor((at - from) / SECOND);
    seconds.set(second, [...(seconds.get(second) ?? []), took]);
  }
  return [...seconds.values()].map((each) => quantile(each, 0.99));
}

function silenceOf(asked: readonly Asked[], { from, to }: Stretch): number {
  const answers = asked.filter(({ why }) => why === null).map(({ at, took }) => at + took);
  const moments = [from, ...answers.filter((at) => at < to).sort((a, b) => a - b), to];
  return moments.reduce((most, at, n) => Math.max(most, at - (moments[n - 1] ?? at)), 0);
}

/** 0 of none. */
function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? 0;
}

export interface Total {
  readonly requests: number;
  readonly answered: number;
  readonly why: Readonly<Record<string, number>>;
  readonly seconds: number;
  readonly slow: number;
  /** Milliseconds. */
  readonly silence: number;
}

/** Of rows that are wanted. */
export function totalOf(rows: readonly Row[], is: (row: Row) => boolean): Total {
  const wanted = rows.filter(is);
  const why: Record<string, number> = {};
  for (const row of wanted)
    for (const [reason, times] of Object.entries(row.why)) why[reason] = (why[reason] ?? 0) + times;
  const sum = (of: (row: Row) => number) => wanted.reduce((all, row) => all + of(row), 0);
  return {
    ...{ requests: sum((row) => row.requests), answered: sum((row) => row.answered), why },
    ...{ seconds: sum((row) => row.seconds), slow: sum((row) => row.slow) },
    silence: wanted.reduce((most, row) => Math.max(most, row.silence), 0),
  };
}

export interface Verdict {
  readonly all: Total;
  /** Calm seconds alone: what the machine itself makes of the target. */
  readonly calm: Total;
  readonly claims: Readonly<Record<Claim, Total>>;
  /** Whether the share of answered requests, and the p99 of each second, are as they must be where clients may notice nothing. */
  readonly isAnswered: boolean;
  readonly isFast: boolean;
  /** Faults that have struck nothing: they prove nothing. */
  readonly idle: readonly string[];
}

export function verdictOf(rows: readonly Row[]): Verdict {
  const claim = (wanted: Claim) => totalOf(rows, (row) => row.claim === wanted);
  const must = claim('must');
  const beside = totalOf(rows, (row) => row.claim === 'must' && row.kind !== 'calm');
  const idle = rows.filter(({ kind, struck }) => kind === 'fault' && struck === 0);
  return {
    all: totalOf(rows, () => true),
    calm: totalOf(rows, ({ kind }) => kind === 'calm'),
    claims: { must, needed: claim('needed'), own: claim('own') },
    // Of nothing nothing is answered: a way without requests has shown nothing.
    isAnswered: must.requests > 0 && must.answered >= ANSWERED * must.requests,
    isFast: beside.requests > 0 && beside.slow === 0,
    idle: idle.map(({ visit, name }) => `${visit}: ${name}`),
  };
}
