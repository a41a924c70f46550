/** Stores that evidence is gathered from, in memory: they answer, and hold nothing. */
import type { EvidenceStores } from '../../functions/edge/evidence.ts';
import type { RunRequest } from '../../functions/runs/request.ts';
import { stampOf } from '../../functions/runs/stamp.ts';

export const MAPPING = { couchbase: { bucket: 'b' } };
/** Of a run that was begun with that mapping. */
export const STAMP = stampOf({} as RunRequest, MAPPING);

type Ask = (store: 'couchbase' | 'oracle') => Promise<void>;

/** @param asked is called before each answer, and rejects where the store is away. */
export function evidenceStores(
  over: Partial<EvidenceStores> = {},
  asked: Ask = async () => {},
): EvidenceStores {
  const oracle =
    <Answer>(answer: Answer) =>
    () =>
      asked('oracle').then(() => answer);
  const nothing = { content: null, version: 0n } as never;
  return {
    of: () => ({
      ...{
        keyspace: { bucket: 'b' },
        table: { name: 'ORDERS', projections: [] },
        oracle: { read: oracle(nothing) },
      },
      couchbase: {
        read: () => asked('couchbase').then(() => nothing),
        durabilityProblem: () => asked('couchbase').then(() => null),
      },
    }),
    mapping: () => MAPPING,
    letters: { count: oracle({ open: 0, waiting: 0, since: null, ofNobody: 0, queued: 0, queuing: 0 }) },
    ledger: { history: oracle([]), underWay: oracle([]) },
    findings: { unsettled: oracle(null) },
    notDurable: { until: oracle(null) },
    setAside: { openConflicts: oracle(0) },
    sqlChanges: { count: oracle(0) },
    identity: { sights: oracle([]) },
    preflights: { all: oracle([]), of: oracle([]) },
    certificate: { latest: oracle([]), of: oracle({ wanted: 'none', last: null, voids: [] } as const) },
    feeds: { seen: oracle(null), foreign: oracle([]) },
    feedOf: () => null,
    loadProofs: { since: oracle([]) },
    loadProofOf: () => null,
    ...over,
  };
}
