/** How long requests and calls to stores have taken, and how many of them have failed, as CloudWatch tells it minute by minute. */
import type { Phase, StoreName } from '../protocol/phase.ts';

/** What an app asks for. A batch is one request. */
export const REQUESTS = ['read', 'write', 'patch', 'delete', 'batch'] as const;
export type RequestKind = (typeof REQUESTS)[number];

/** What a store is asked for, whichever request wants it. */
export const CALLS = ['read', 'write', 'delete'] as const;
export type CallKind = (typeof CALLS)[number];

/** What is measured together. */
export type Subject =
  | {
      readonly of: 'request';
      readonly collection: string;
      readonly phase: Phase;
      readonly operation: RequestKind;
    }
  /** Of all collections that are in the phase. */
  | { readonly of: 'store'; readonly store: StoreName; readonly phase: Phase; readonly operation: CallKind };

export const STATISTICS = ['count', 'failed', 'p50', 'p99'] as const;
export type Statistic = (typeof STATISTICS)[number];

/** Of one minute. Times in milliseconds; `failed` is a number of requests or calls. */
export type Minute = Readonly<Record<Statistic, number>>;

/** Of some minutes together. */
export interface Figures {
  readonly count: number;
  readonly failed: number;
  /** Milliseconds: the percentile of each minute, and of these the one in the middle, where minutes count by what was measured in them. Null where nothing was. */
  readonly p50: number | null;
  readonly p99: number | null;
}

/** The minutes of each subject in which anything was measured. @param from, until milliseconds since the epoch. Rejects where CloudWatch does not answer. */
export type ReadLatencies = (
  subjects: readonly Subject[],
  from: number,
  until: number,
) => Promise<readonly (readonly Minute[])[]>;

/** A percentile over several minutes cannot be told from those of single ones. The middle of them can, and one bad minute does not move it far. */
export function figuresOf(minutes: readonly Minute[]): Figures {
  const sum = (name: 'count' | 'failed') => minutes.reduce((all, minute) => all + minute[name], 0);
  return {
    count: sum('count'),
    failed: sum('failed'),
    p50: middle(minutes, 'p50'),
    p99: middle(minutes, 'p99'),
  };
}

function middle(minutes: readonly Minute[], name: 'p50' | 'p99'): number | null {
  const sorted = minutes.toSorted((one, other) => one[name] - other[name]);
  const half = minutes.reduce((all, { count }) => all + count, 0) / 2;
  let passed = 0;
  for (const minute of sorted) {
    passed += minute.count;
    if (passed >= half) return minute[name];
  }
  return null;
}
