/** The kinds of keys that a forced move puts at risk, and what is asked to count and to list them. */

import type { FindingsWanted, KeyAtRisk } from '../books/risk.ts';
import type { EffectivePhase } from '../phases/effective_phase.ts';
import type { Ended, Kind, Run, StandingRun } from '../records/run.ts';

/** The kinds of keys, in the order in which they are told, and what each of them is. */
export const RISKS = {
  'handed-off': 'keys that Oracle orders: a move back leaves them to be given back to Couchbase',
  'not-copied': 'documents that verification has found in one store alone',
  differing: 'documents that verification has found to differ',
  undecided: 'documents that verification could not decide on, or has not looked at again yet',
  backfill: 'documents that a backfill has set aside',
  'copy-back': 'documents that a copy-back has set aside',
  'dead-letters': 'documents that were set aside, and whose letter is open',
  waiting: 'documents whose receipt waits for a store',
  conflicts:
    'contents that a repair replaced since a store had forgotten something, and that nobody has decided on: they stay as they are',
  'another-store':
    'documents in which a store that has taken the place of another one may differ: nothing was compared with it',
} as const;
export type RiskName = keyof typeof RISKS;
export const RISK_NAMES = Object.keys(RISKS) as RiskName[];
/** Those whose keys can be told. */
export const LISTED = RISK_NAMES.filter((name) => name !== 'another-store');

export interface Risk {
  readonly name: RiskName;
  readonly what: string;
  /** Null where it is not known. */
  readonly count: number | null;
  /** So many are known. */
  readonly atLeast: number;
  /** Why the count is not known, and what would tell it. */
  readonly why: string | null;
  /** The first of them. */
  readonly keys: readonly Omit<KeyAtRisk, 'cursor'>[];
}

/** A count, or what is known of one. */
export type Known = Pick<Risk, 'count' | 'atLeast' | 'why'>;

/** Which findings a kind is about, and of which runs. */
export const FOUND: Readonly<Partial<Record<RiskName, FindingsWanted & { readonly of: Kind }>>> = {
  'not-copied': { of: 'verify', verdicts: ['mismatch'], kinds: ['missing', 'tombstone', 'extra'] },
  // Those that are handed off are a kind of their own. Rows of projections are copies: nothing on the way back reads them.
  differing: {
    of: 'verify',
    verdicts: ['mismatch'],
    kinds: ['missing', 'tombstone', 'extra', 'handed-off', 'projected', 'unprojectable'],
    but: true,
  },
  undecided: { of: 'verify', verdicts: ['suspect', 'busy'] },
  backfill: { of: 'backfill', verdicts: ['poison'] },
  'copy-back': { of: 'copyback', verdicts: ['poison'] },
};

export interface RiskPorts {
  effective(): Promise<EffectivePhase>;
  receipts(): Promise<{ readonly delayed: number; readonly due: number; readonly hidden: number }>;
  /** Open letters and waiting ones; and messages that no letter tells of, as SQS counts them. */
  letters(): Promise<{ readonly open: number; readonly waiting: number; readonly unread: number }>;
  /** Runs that have ended, the latest first, and `most` of them at most. */
  history(kind: Kind, most: number): Promise<readonly Ended[]>;
  /** Whether a run was about the collection as it is configured now. */
  isOfMapping(run: Run): boolean;
  underWay(): Promise<readonly Run[]>;
  /** Documents of a verification that differed at the first look, and are too many to be written down. */
  unchecked(run: string): Promise<number>;
  count(runs: readonly StandingRun[], wanted: FindingsWanted): Promise<number>;
  keys(
    runs: readonly StandingRun[],
    wanted: FindingsWanted,
    after: string | null,
    most: number,
  ): Promise<KeyAtRisk[]>;
  lettersOf(state: 'open' | 'waiting', after: string | null, most: number): Promise<KeyAtRisk[]>;
  /** Why stores are not those that the collection was migrated with; none where they are. */
  identities(): Promise<readonly string[]>;
  /** Until when there may be writes that Couchbase may have lost, or that another store never had; null for never. */
  notDurable(): Promise<number | null>;
  /** Milliseconds since the epoch, as the beginnings of runs are counted. */
  now(): number;
  /** Entries that nobody has decided on. */
  conflicts(): Promise<number>;
  conflictKeys(after: string | null, most: number): Promise<KeyAtRisk[]>;
  handedOff(after: string | null): Promise<{ readonly count: number; readonly next: string | null }>;
  handedOffKeys(
    after: string | null,
    most: number,
  ): Promise<{ readonly keys: readonly string[]; readonly next: string | null }>;
}
