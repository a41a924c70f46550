/** What became of a run: from the rows of its shards and findings, and from nothing else. */
import type { Findings } from '../books/findings.ts';
import type { Ledger } from '../books/ledger.ts';
import type { ProjectedBook } from '../books/projected_book.ts';
import type { Phase } from '../protocol/phase.ts';
import { type Noted, notedIn, type Tally } from '../records/finding.ts';
import type { ProjectedFigures } from '../records/projected.ts';
import type { Counts, Kind, Markers, Mode, Passed, Run, Totals } from '../records/run.ts';
import type { Leniency } from '../records/tolerance.ts';
import { LANES } from './lanes.ts';

export interface Summary extends Counts {
  readonly run: string;
  readonly kind: Kind;
  readonly shards: { readonly done: number; readonly open: number };
  /** Numbers of shards that are not done, no more than there are lanes. */
  readonly open: readonly number[];
  /** `unfinished`: some shards are not done, and the run can be gone on with. */
  readonly outcome: 'clean' | 'failures' | 'unfinished';
  /** Missing where functions of the version before have begun the run. */
  readonly passed?: Passed;
  /** Of a verification. */
  readonly verified?: Verified;
}

/** What a verification has found. */
export interface Verified {
  readonly mode: Mode;
  /** In `legacy` nobody looks at Oracle: a clean run has found no mark of a deletion left in Couchbase, and no more. */
  readonly phase: Phase;
  /** Documents that differ, exactly, by kind. */
  readonly differences: Readonly<Record<string, number>>;
  /** Documents that were another at every look: nobody can tell whether they agree. */
  readonly busy: number;
  /** Documents that differed at the first look, and are too many to be looked at again. */
  readonly unchecked: number;
  /** Documents that differ, and that operators have left out in this state. Functions of the version before tell none. */
  readonly leftOut?: number;
  /** Documents that were not looked at, since the lists of both stores show that they hold the same version. Missing for none. */
  readonly byLists?: number;
  /** Those that the first look has met. Missing where nobody has counted them: see `Ended`. */
  readonly markers?: Markers;
  /** Of a collection with projections. Missing where nobody has counted them. */
  readonly projected?: readonly ProjectedFigures[];
  /** Columns of which more values were lenient than is tolerated: such a run is not clean. Missing for none. */
  readonly notTolerated?: readonly Leniency[];
  /** Some of those that differ. */
  readonly samples: readonly Pick<Noted, 'key' | 'kind' | 'detail' | 'firstSeen'>[];
}

/** How far a run has come. */
export interface Progress extends Summary {
  /** Documents a second since it was begun; 0 before the first second is over. */
  readonly rate: number;
  /** In which it was begun. */
  readonly phase: Phase;
  /** Milliseconds since the epoch: when it was begun, and when one of its shards was last moved on. */
  readonly started: number;
  readonly changed: number;
}

export interface Books {
  readonly ledger: Ledger;
  readonly findings: Pick<Findings, 'of' | 'tally'>;
  /** Missing where no collection has projections. */
  readonly projected?: Pick<ProjectedBook, 'of'>;
}

/** Columns of which more values were lenient than their settings tolerate. */
export type Tolerance = (figures: readonly ProjectedFigures[]) => readonly Leniency[];

const SAMPLES = 20;

export async function progressOf(run: Run, books: Books, now: number): Promise<Progress> {
  const { ledger } = books;
  const totals = await ledger.totals(run.id);
  const summary = { ...(await summaryFrom(run, totals, books)), open: await ledger.open(run.id, LANES) };
  const { phase, started } = run;
  const seconds = Math.floor((now - started) / 1000);
  const rate = seconds <= 0 ? 0 : Math.round(summary.listed / seconds);
  return { ...summary, rate, phase, started, changed: Math.max(started, totals.changed) };
}

/** Ends the run if all of its shards are done. */
export async function summarize(
  run: Run,
  books: Books,
  now: number,
  tolerance: Tolerance = () => [],
): Promise<Summary> {
  const summary = tolerated(await summaryFrom(run, await books.ledger.totals(run.id), books), tolerance);
  if (summary.outcome !== 'unfinished')
    await books.ledger.end(run.id, summary.outcome, now, {
      markers: summary.verified?.markers ?? null,
      passed: summary.passed ?? null,
    });
  // They are worked on next.
  return summary.shards.open === 0
    ? summary
    : { ...summary, open: await books.ledger.giveOut(run.id, LANES) };
}

/** A run that has found more lenient values than are tolerated is not clean. */
function tolerated(summary: Summary, tolerance: Tolerance): Summary {
  const { verified, outcome } = summary;
  if (verified?.projected === undefined) return summary;
  const notTolerated = tolerance(verified.projected);
  if (notTolerated.length === 0) return summary;
  return {
    ...summary,
    outcome: outcome === 'clean' ? 'failures' : outcome,
    verified: { ...verified, notTolerated },
  };
}

async function summaryFrom(run: Run, totals: Totals, { findings, projected }: Books): Promise<Summary> {
  if (run.kind !== 'verify') return summaryOf(run, totals);
  const tallies = await findings.tally(run.id);
  const differs = tallies.some(({ verdict }) => verdict === 'mismatch');
  const samples = differs ? await findings.of(run.id, 'mismatch', SAMPLES) : [];
  const figures = (await projected?.of(run.id)) ?? [];
  return verificationOf(run, totals, tallies, samples, figures);
}

/** Without the numbers of open shards. */
export function summaryOf({ id, kind }: Pick<Run, 'id' | 'kind'>, totals: Totals): Summary {
  const { shards, done, changed: _, markers: __, passed, ...counts } = totals;
  return {
    ...{ run: id, kind, open: [], shards: { done, open: shards - done } },
    outcome: done < shards || shards === 0 ? 'unfinished' : counts.failed > 0 ? 'failures' : 'clean',
    ...counts,
    ...(passed === null ? {} : { passed }),
  };
}

/** Clean are those alone whose every suspect has passed. */
export function verificationOf(
  run: Run,
  totals: Totals,
  tallies: readonly Tally[],
  samples: readonly Noted[],
  projected: readonly ProjectedFigures[] = [],
): Summary {
  const summary = summaryOf(run, totals);
  const count = (wanted: string) =>
    tallies.filter(({ verdict }) => verdict === wanted).reduce((sum, tally) => sum + tally.count, 0);
  const differing = tallies.filter(({ verdict }) => verdict === 'mismatch');
  const finished = summary.outcome !== 'unfinished' && count('suspect') === 0;
  return {
    ...summary,
    outcome: finished
      ? count('passed') + count('left out') === summary.failed
        ? 'clean'
        : 'failures'
      : 'unfinished',
    verified: {
      mode: run.options.mode ?? 'content',
      phase: run.phase,
      differences: Object.fromEntries(differing.map((tally) => [tally.kind, tally.count])),
      ...{ busy: count('busy'), unchecked: summary.failed - notedIn(tallies) },
      leftOut: count('left out'),
      ...(summary.stale > 0 && { byLists: summary.stale }),
      ...(run.options.mode === 'count' || totals.markers === null ? {} : { markers: totals.markers }),
      ...(projected.length === 0 ? {} : { projected }),
      samples: samples.map(({ key, kind, detail, firstSeen }) => ({ key, kind, detail, firstSeen })),
    },
  };
}
