/** What must hold before a move, and whether it does: the protocol's table of moves, with measured values. */
import type { EffectivePhase } from '../phases/effective_phase.ts';
import { PHASES, type Phase } from '../protocol/phase.ts';
import { certificateOf } from './certificate.ts';
import type { Condition, Times } from './condition.ts';
import { conflictsOf } from './conflicts.ts';
import { type Depth, type Evidence, lastOf, untilNow } from './evidence.ts';
import { feedConditions } from './feed.ts';
import { loadProofConditions } from './load_proof.ts';
import { durabilityOf, unprovenUntil } from './not_durable.ts';
import { preflightOf } from './preflight.ts';
import { changedAt } from './ramp.ts';
import { backfilled, copiedBack, givenBackAt, turnedRound, unhelped, verified } from './run_conditions.ts';
import { sqlChangesOf } from './sql_changes.ts';

export type { Condition, Times, Wanted } from './condition.ts';

/** From where to where: one that is misspelt does not compile. */
type Step = `${Phase} ${Phase}`;

/**
 * Moves for which nothing but the bake must hold: among them the ones that bring a service back to work whose one store is away,
 * so they must not depend on any. Some are free only because the gate before them has proven something: while a forced move is not
 * healed, these have a gate of their own.
 */
const FREE: ReadonlyMap<Step, 'always' | 'after a gate'> = new Map<Step, 'always' | 'after a gate'>([
  ['expand legacy', 'always'],
  ['seal expand', 'after a gate'],
  ['switch settle', 'after a gate'],
  ['contract settle', 'always'],
]);

/** By a ramp `switch` was come to through its gate, and no key of it was ordered by Oracle since: so none has to be given back. */
export function isFree(
  { phase, forced = [], ramp }: Pick<EffectivePhase, 'phase' | 'forced' | 'ramp'>,
  to: Phase,
): boolean {
  const back = phase === 'switch' && to === 'seal' && ramp?.percent === 100;
  const free = back ? 'after a gate' : FREE.get(`${phase} ${to}`);
  return free === 'always' || (free === 'after a gate' && forced.length === 0);
}

export function bakeOf(effective: EffectivePhase, { now, bake }: Times): Condition {
  const left = Math.max(0, changedAt(effective) + bake - now);
  return {
    name: 'bake',
    holds: left === 0,
    measured: left === 0 ? 'it is over' : `${Math.ceil(left / 1000)} s are left`,
  };
}

/** What was measured, in a line. */
export function measuredIn(conditions: readonly Condition[]): string {
  return conditions.map(({ name, measured }) => `${name}: ${measured}`).join('; ');
}

/** After these moves reads ask Oracle that have not before. */
const NEEDS_LOAD: ReadonlySet<Step> = new Set<Step>(['expand seal', 'seal switch']);

/** All but the bake. @param from with the forced moves that nothing has healed. */
export function conditionsOf(from: EffectivePhase, to: Phase, evidence: Evidence, times: Times): Condition[] {
  const gate = gateOf(from, to, evidence, times);
  if (!NEEDS_LOAD.has(`${from.phase} ${to}`)) return gate;
  return [...gate, ...loadProofConditions(evidence.loadProof, from, times.now)];
}

function gateOf(from: EffectivePhase, to: Phase, evidence: Evidence, times: Times): Condition[] {
  const alone = from.since + times.bake;
  if (isFree(from, to)) return [];
  const collection = untilNow(evidence.collection, times.now);
  const move: Step = `${from.phase} ${to}`;
  const proof = (since: number, mode: Depth) => verified(from.phase, collection, since, mode, times);
  const conflicts = [...conflictsOf(collection), ...sqlChangesOf(collection)];
  const durable = unprovenUntil(collection) === null ? [] : [proof(alone, 'content')];
  if (move === 'legacy expand') return outOfLegacy(evidence);
  if (move === 'expand seal')
    return [
      backfilled(collection, alone),
      proof(Math.max(alone, lastOf(collection.backfills)?.finished ?? alone), 'content'),
      ...conflicts,
      ...feedConditions(evidence.feed, times.now),
    ];
  // Only after a forced move. In `seal` a copy-back gives back each key that Oracle still orders.
  if (move === 'seal expand') return [copiedBack(collection, from.phase, alone, times), ...durable];
  if (move === 'switch settle') return [proof(alone, 'version'), ...conflicts];
  // Back from where Oracle has ordered keys alone: Couchbase must have been told of all of it.
  if (move === 'settle switch')
    return [copiedBack(collection, from.phase, alone, times), ...durable, ...sqlChangesOf(collection)];
  // Receipts of before the bake have been delivered once, a bake after it.
  const delivered = alone + times.bake;
  const turned = turnedRound(collection, from.phase, delivered);
  // Keys that Oracle has ordered, and nobody has written since, are given back to Couchbase by whoever looks at each of them.
  const since = move === 'switch seal' ? alone : (turned?.finished ?? null);
  const past = unhelped(collection, from.phase, alone, turned);
  const given = since === null ? [] : [copiedBack(collection, from.phase, since, times, past)];
  const givenBack = since === null ? 0 : givenBackAt(collection, from.phase, since);
  const mode = PHASES.indexOf(to) > PHASES.indexOf('switch') ? 'content' : 'version';
  const verification = proof(Math.max(delivered, givenBack), mode);
  const heeded = !verification.holds && times.now < delivered + patience(evidence, times);
  // A copy-back that is needed before may begin earlier.
  const early = times.now < delivered && given.every(({ holds }) => holds);
  return [
    receiptsSettled(evidence, delivered, times.now, { heeded, early, mode, proven: verification.holds }),
    noDeadLetters(evidence, heeded),
    ...given,
    verification,
    ...conflicts,
  ];
}

function outOfLegacy(evidence: Evidence): Condition[] {
  return [
    { name: 'stores', holds: true, measured: 'both answer, and all tables are there' },
    durabilityOf(evidence),
    ...certificateOf(evidence.certificate),
    ...preflightOf(evidence.collection.name, evidence.preflight),
  ];
}

/**
 * For how long counts may delay a verification. On a busy queue some messages are always due or in work, and counts tell nothing of the
 * old ones; where none are on their way, one that is in work may have lost its handler, and is delivered again.
 */
function patience({ receipts }: Evidence, { redelivery }: Times): number {
  return receipts.delayed > 0 ? 0 : redelivery;
}

/** @param heeded whether the count of messages without a letter may still delay the move. Letters hold it until they are closed. */
function noDeadLetters({ deadLetters, unread }: Evidence, heeded: boolean): Condition {
  const known = deadLetters - unread;
  const parts = [
    ...(known > 0 ? [`${known}: mend, then redrive or discard`] : []),
    ...(unread > 0
      ? [
          `about ${unread} in the queue without a letter yet, of any collection: npx crossfade dead-letters list`,
        ]
      : []),
  ];
  const measured = parts.length === 0 ? 'there are none' : parts.join('; ');
  return { name: 'dead letters', holds: known === 0 && (unread === 0 || !heeded), measured };
}

/**
 * When it is worth beginning the verification: one that finds writes on their way has to be made again, and so has one that begins before
 * the receipts of before the bake are delivered, `early`. It is the verification that proves that nothing of before the bake is owed. SQS's counts are samples, and can be 0, too low or too high at any time, so they
 * only delay, and not for long.
 * @param delivered when every receipt of before the bake has been delivered once, if one was delivered at all.
 */
function receiptsSettled(
  { receipts, collection }: Evidence,
  delivered: number,
  now: number,
  { heeded, early, mode, proven }: Record<'heeded' | 'early' | 'proven', boolean> & { readonly mode: Depth },
): Condition {
  const { delayed, due, hidden, waiting, since } = receipts;
  const oldest = since === null ? '' : `, the oldest of ${new Date(since).toISOString()}`;
  const until = early
    ? `; those of before the bake are delivered by ${new Date(delivered).toISOString()}`
    : '';
  const measured = `about ${delayed} on their way, ${due} due, ${hidden} in work; ${waiting} waiting for a store${oldest}${until}`;
  // Now and then one waits whose store was only slow: it is none of the old ones. The clock that it was sent by is another.
  const behind = since !== null && since < delivered;
  // On a busy queue the old ones are none of those that are still delayed.
  const old = now < delivered ? delayed + due + hidden : due + hidden;
  const holds = proven || (!early && !behind && !(heeded && old > 0));
  const command = `npx crossfade verify start ${collection.name} --mode ${mode}`;
  return { name: 'receipts', holds, measured, ...(behind && !holds ? { command } : {}) };
}
