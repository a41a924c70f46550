/** What runs find of single documents. */
import type { ProjectedFigures } from './projected.ts';
import type { Counts, Markers, Passed } from './run.ts';

/** A document that somebody has to look at. */
export interface Finding {
  readonly key: string;
  readonly verdict: 'poison' | 'suspect' | 'mismatch' | 'left out' | 'lenient';
  /** What kind of difference it is, in one word. */
  readonly kind: string;
  readonly detail: string;
  /** Which states were seen, so that a later look knows whether they are still the same. */
  readonly seen: string | null;
}

/** Of what no attempt will ever move. */
export function poison(key: string, detail: string): Finding {
  return { key, verdict: 'poison', kind: 'poison', detail, seen: null };
}

/**
 * What became of a finding. `busy`: it was another difference at every look. `left out`: an operator has left the document out in this state. `lenient`: no
 * difference, but a policy of a projection has made values of it NULL or rounded them.
 */
export type Verdict = Finding['verdict'] | 'passed' | 'busy';

/** A finding, as it lies in its row. */
export interface Noted extends Omit<Finding, 'verdict'> {
  readonly run: string;
  readonly verdict: Verdict;
  /** How often somebody has looked again. */
  readonly looks: number;
  /** Milliseconds since the epoch: since when the states are those that were seen, and when somebody last looked. */
  readonly firstSeen: number;
  readonly lastSeen: number;
}

/** Some suspects, in the order of their keys. */
export interface SuspectPage {
  readonly suspects: readonly Noted[];
  /** The page after it begins above this key; null for the last page. */
  readonly next: string | null;
}

export interface Tally {
  readonly verdict: Verdict;
  readonly kind: string;
  readonly count: number;
}

/** Documents that were found different at first, and are written down. Lenient values are no difference. */
export function notedIn(tallies: readonly Pick<Tally, 'verdict' | 'count'>[]): number {
  return tallies.reduce((sum, { verdict, count }) => sum + (verdict === 'lenient' ? 0 : count), 0);
}

/** Where a shard stands after a batch, and what it counts. */
export interface Step {
  readonly to: string;
  readonly counts: Counts;
  readonly findings: readonly Finding[];
  /** Those of the batch. Missing where nobody has looked for them. */
  readonly markers?: Markers | undefined;
  /** Up to its last key; missing for none. */
  readonly passed?: Passed | undefined;
  /** Of the batch. Missing where the collection has no projections, or nobody has looked at them. */
  readonly projected?: readonly ProjectedFigures[] | undefined;
}
