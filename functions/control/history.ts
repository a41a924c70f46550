/** Which of the runs that have ended count for the gates of a collection, and as what. */
import type { Ended, Kind } from '../records/run.ts';
import { type CollectionEvidence, lastVerification, type RunEvidence } from './evidence.ts';

export interface History {
  /** Runs of each kind that have ended, the latest first. */
  readonly runs: Readonly<Record<Kind, readonly Ended[]>>;
  /** Until when there may be writes that Couchbase has not made durable; null for never. */
  readonly notDurable: number | null;
  /** Contents that were replaced since a store had forgotten something, and that nobody has decided on. */
  readonly conflicts: number;
}

/**
 * A run that was stopped says nothing of the keys that it has not looked at.
 * @param isOfMapping whether a run was made with the mapping of the collection as it is configured now: one of another bucket, table or
 * columns was about other documents.
 */
export function evidenceOf(
  name: string,
  { runs, notDurable, conflicts }: History,
  isOfMapping: (run: Ended) => boolean,
): CollectionEvidence {
  const counted = (kind: Kind) =>
    runs[kind].filter((run) => run.outcome !== 'stopped' && isOfMapping(run)).map(runEvidence);
  const verifications = counted('verify');
  return {
    ...{ name, backfills: counted('backfill'), copybacks: counted('copyback'), verifications },
    verification: lastVerification(verifications, 'version'),
    ...{ notDurable, conflicts },
  };
}

function runEvidence({ id, kind, phase, started, finished, outcome, options }: Ended): RunEvidence {
  const { mode = 'content', range = null } = options;
  return {
    ...{ id, phase, started, finished, clean: outcome === 'clean' },
    ...{ mode: kind === 'verify' ? mode : null, range },
  };
}
