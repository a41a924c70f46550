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
  /** Rows that were changed by SQL, and that nobody has decided on. */
  readonly sqlChanges?: number;
  /** Of the backfill that the gate looks at, how many of the documents that it has set aside are not settled. Missing where nobody can tell. */
  readonly unsettled?: { readonly run: string; readonly documents: number } | undefined;
}

/**
 * A run that was stopped says nothing of the keys that it has not looked at.
 * @param isOfMapping whether a run was made with the mapping of the collection as it is configured now: one of another bucket, table or
 * columns was about other documents.
 */
export function evidenceOf(
  name: string,
  { runs, notDurable, conflicts, sqlChanges = 0, unsettled }: History,
  isOfMapping: (run: Ended) => boolean,
): CollectionEvidence {
  const counted = (kind: Kind) =>
    runs[kind]
      .filter((run) => run.outcome !== 'stopped' && isOfMapping(run))
      .map((run) => runEvidence(run, run.id === unsettled?.run ? unsettled.documents : undefined));
  const verifications = counted('verify');
  return {
    ...{ name, backfills: counted('backfill'), copybacks: counted('copyback'), verifications },
    verification: lastVerification(verifications, 'version'),
    ...{ notDurable, conflicts, sqlChanges },
  };
}

function runEvidence(
  { id, kind, phase, started, finished, outcome, options, markers, passed }: Ended,
  unsettled: number | undefined,
): RunEvidence {
  const { mode = 'content', range = null } = options;
  return {
    ...{ id, phase, started, finished, clean: outcome === 'clean' || unsettled === 0 },
    ...(unsettled === undefined ? {} : { unsettled }),
    ...{ mode: kind === 'verify' ? mode : null, range },
    ...(markers === undefined ? {} : { markers }),
    ...(passed === undefined ? {} : { passed }),
  };
}

/** The backfill that the gate looks at, where it has set documents aside; null where it has not. A verification by content follows in any case. */
export function withSetAside(backfills: readonly Ended[]): Ended | null {
  const last = backfills.find(({ outcome, options }) => outcome !== 'stopped' && options.range === undefined);
  return last?.outcome === 'failures' ? last : null;
}
