/** Which tombstones of a collection nothing can need any more: see "The life of a tombstone" in protocol/README.md. */
import type { EffectivePhase } from '../phases/effective_phase.ts';
import { counterproof, type Evidence, lastVerification, type Missing, untilNow } from './evidence.ts';
import { unprovenUntil } from './not_durable.ts';

/** Days. SQS keeps a receipt for 14; a bake and clocks that differ are far shorter than the one that is left. */
export const LEAST_LIFE = 15;
/** If nothing else is asked for. */
export const LIFE = 30;

const DAY = 86_400_000;
const HOUR = 3_600_000;

/** Bounds of what may be dropped, in milliseconds since the epoch. */
export interface Droppable {
  /** Keys that Oracle has never ordered: documents that were gone by then. None of another key is younger. */
  readonly until: number;
  /** Keys that Oracle orders, or has ordered: documents that were gone by then, when both stores were found to agree. Null where nothing shows it. */
  readonly agreed: number | null;
  /** Keys that Oracle orders and has created from then on, so that Couchbase has never had them. Null outside of `contract`. */
  readonly created: number | null;
  /** Why nothing can be dropped of the keys that Oracle orders or has ordered, or less than could be; null where nothing speaks against it. */
  readonly held: string | null;
}

/** @param life in days. @param unsure why nobody can tell which keys Oracle has created; null where nothing speaks against it. */
export function droppable(
  effective: EffectivePhase,
  evidence: Evidence | Missing,
  { now, bake }: { readonly now: number; readonly bake: number },
  life: number,
  unsure: string | null = null,
): Droppable | { readonly refused: string } {
  const { phase, since, retired, forced = [] } = effective;
  const until = now - life * DAY;
  if (retired) return { until, agreed: until, created: null, held: null };
  if (forced.length > 0)
    return { refused: 'Forced moves are not healed: tombstones may be all that tells of a deletion' };
  const problem = 'missing' in evidence ? null : (evidence.identities ?? []).find((each) => each.problem);
  if (problem?.problem) return { refused: problem.problem };
  if (phase !== 'settle' && phase !== 'contract') return { until, agreed: null, created: null, held: null };
  // Oracle's clock and those of the functions may differ, and versions are a minute behind.
  // An Oracle that has come back in an earlier state lacks rows of keys that Couchbase holds.
  const isKnown = unsure === null && !isUnproven(evidence, now);
  const created = phase === 'contract' && isKnown ? since + bake + HOUR : null;
  const speaks = phase === 'contract' ? unsure : null;
  const found = agreement(effective, evidence, { now, bake });
  if ('held' in found) return { until, agreed: null, created, held: speaks ?? found.held };
  return { until, agreed: Math.min(until, found.agreed), created, held: speaks };
}

/** Whether writes may be lost, or another store was accepted, since both stores were last compared by content. */
function isUnproven(evidence: Evidence | Missing, now: number): boolean {
  return !('missing' in evidence) && unprovenUntil(untilNow(evidence.collection, now)) !== null;
}

/** When a verification of `settle` began that found both stores to agree about every key. */
function agreement(
  { phase, since }: EffectivePhase,
  evidence: Evidence | Missing,
  { now, bake }: { readonly now: number; readonly bake: number },
): { readonly agreed: number } | { readonly held: string } {
  if ('missing' in evidence)
    return { held: `It is not known whether the stores agreed: ${evidence.missing}` };
  const collection = untilNow(evidence.collection, now);
  if (isUnproven(evidence, now))
    return { held: 'There were writes without durability, or another store was accepted: verify by content' };
  // In `contract` Couchbase lags behind, and a verification says nothing of deletions before it.
  const runs = collection.verifications.filter((run) => run.phase === 'settle');
  const last = lastVerification(runs, 'version');
  const from = phase === 'settle' ? since + bake : 0;
  if (last === null || !last.clean || last.started < from || counterproof(runs, last) !== null)
    return {
      held: `No clean verification in settle is known: npx crossfade verify start ${collection.name}`,
    };
  // Whatever a repair had under way for an earlier state of a key was over a bake after the deletion.
  return { agreed: last.started - bake };
}
