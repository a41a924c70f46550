/** Whether both stores agree about a key, by the rule of the protocol's `verify`, and if not, in what. */
import { type Phase, ROUTES } from '../protocol/phase.ts';
import type { Mode } from '../records/run.ts';
import type { Pair, Seen } from '../stores/snapshot.ts';
import { firstDifference } from './first_difference.ts';
import { changeIn, SQL_KINDS } from './rows_changed.ts';

/** Of rows in tables of projections: `projected_look.ts` finds them, where the rest of the document agrees. */
const PROJECTED_KINDS = {
  projected: 'its rows in the tables of projections are not those that it gives',
  unprojectable:
    'Oracle has it, and it cannot be written to the tables of its projections as they are configured: mend the document, or the projection',
} as const;

/** Each kind of difference, as operators read it. "Leads" and "follows" are the stores that `reads` names, and the other. Those of SQL are of `contract`. */
export const KINDS = {
  missing: 'the store that follows has no such document',
  extra: 'the store that leads has no such document',
  tombstone: 'the store that follows has it as deleted',
  stale: 'the store that follows has an older version',
  ahead: 'the store that follows has a version above the leader’s',
  content: 'the same version has two contents',
  expiry: 'the same version expires at two times',
  marker: 'the mark of a deletion is left in Couchbase',
  'handed-off': 'Oracle still orders this key, and Couchbase should',
  remains:
    'Oracle has it as deleted, and its row still has a body or filled columns: repair it, or put and delete it once more',
  large: 'its body is above what can be moved',
  ...SQL_KINDS,
  ...PROJECTED_KINDS,
} as const;
export type DifferenceKind = keyof typeof KINDS;

/** Whether a difference is one of rows in tables of projections: no receipt changes anything about it. */
export function isOfRows(kind: string): boolean {
  return kind in PROJECTED_KINDS;
}

export interface Difference {
  readonly kind: DifferenceKind;
  readonly detail: string;
}

/** Null for none that this mode can see. */
export function compare(phase: Phase, pair: Pair, mode: Mode): Difference | null {
  // Nobody reads through the API what a deleted row still has; who reads the columns by SQL does.
  const remains = ROUTES[phase].flags.oracleWrites && pair.oracle.remains === true;
  const differsAt = firstDifference(pair.couchbase.body, pair.oracle.body);
  const kind = kindOf(phase, pair, mode, differsAt) ?? (remains ? 'remains' : null);
  return kind === null ? null : { kind, detail: `${KINDS[kind]}. ${described(pair, differsAt)}` };
}

/** @param differsAt where both bodies first differ; null where they are the same, or one is none. */
function kindOf(
  phase: Phase,
  { couchbase, oracle }: Pair,
  mode: Mode,
  differsAt: string | null,
): DifferenceKind | null {
  if (couchbase.presence === 'large') return 'large';
  if (ROUTES[phase].second === null) return inOne(phase, { couchbase, oracle }, mode, differsAt);
  const final = ROUTES[phase].order === 'oracle';
  if (!final && oracle.handoff !== null) return 'handed-off';
  const [leads, follows] = ROUTES[phase].first === 'oracle' ? [oracle, couchbase] : [couchbase, oracle];
  if (leads.presence !== 'live') {
    if (follows.presence === 'live') return 'extra';
    return couchbase.presence === 'deleted' ? 'marker' : null;
  }
  if (follows.presence !== 'live') return follows.presence === 'deleted' ? 'tombstone' : 'missing';
  return mode === 'count' ? null : betweenLive(leads, follows, mode, differsAt);
}

/** Where one store alone is written. */
function inOne(phase: Phase, pair: Pair, mode: Mode, differsAt: string | null): DifferenceKind | null {
  // In `legacy` nobody looks at Oracle, and only a marker can be left over.
  if (ROUTES[phase].first === 'couchbase') return pair.couchbase.presence === 'deleted' ? 'marker' : null;
  const what = changeIn(pair, mode === 'content' && !isAlike(pair.couchbase, pair.oracle, differsAt));
  return what === null ? null : `sql-${what}`;
}

function isAlike(leads: Seen, follows: Seen, differsAt: string | null): boolean {
  return differsAt === null && (leads.body === null) === (follows.body === null);
}

function betweenLive(
  leads: Seen,
  follows: Seen,
  mode: Mode,
  differsAt: string | null,
): DifferenceKind | null {
  if (follows.version !== leads.version) return follows.version < leads.version ? 'stale' : 'ahead';
  if (follows.expires !== leads.expires) return 'expiry';
  return mode !== 'content' || isAlike(leads, follows, differsAt) ? null : 'content';
}

/** Both sides in a line: what operators need to see of them, and nothing of what they hold. */
function described({ couchbase, oracle }: Pair, differsAt: string | null): string {
  const path = differsAt === null ? '' : `; they first differ at ${differsAt}`;
  return `Couchbase: ${side(couchbase)}; Oracle: ${side(oracle)}${path}`;
}

function side({ presence, version, expires, handoff }: Seen): string {
  const until = expires === null ? '' : `, expires ${new Date(expires * 1000).toISOString()}`;
  const order = handoff === null ? '' : `, ordered by Oracle since version ${handoff}`;
  return presence === 'absent' ? 'nothing' : `${presence} in version ${version}${until}${order}`;
}
