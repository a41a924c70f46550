/** The moves that lie between a phase and the one that is wanted, and what each will have to wait for. */
import type { ForcedMove } from '../phases/forced_mark.ts';
import { nextPhase, type Phase } from '../protocol/phase.ts';
import { NO_FIGURES } from '../records/load_proof.ts';
import { bakeOf, type Condition, conditionsOf } from './conditions.ts';
import type { Evidence } from './evidence.ts';
import { waitsOf } from './hold.ts';
import { rampCondition } from './ramp.ts';
import type { Seen } from './seen.ts';

export interface Leg {
  readonly from: Phase;
  readonly to: Phase;
  /** Names of its conditions. */
  readonly awaits: readonly string[];
  /** What an operator has to do for them. */
  readonly commands: readonly string[];
}

/** What gates of a collection depend on beside its runs. */
type Settings = Pick<Evidence, 'feed' | 'loadProof'>;

const NOW = { now: 0, bake: 1, redelivery: 1 };

/**
 * From the next move to the last; none where it is there. @param forced moves that nothing has healed. @param settings of the collection, as evidence tells them.
 * @param moves which of them are held; functions of the version before tell nothing of it.
 */
export function itinerary(
  collection: string,
  from: Phase,
  wanted: Phase,
  forced: readonly ForcedMove[] = [],
  settings: Settings = {},
  moves?: Seen['moves'],
): Leg[] {
  if (from === wanted) return [];
  const to = nextPhase(from, wanted);
  const effective = { phase: from, since: 0, by: '', forced };
  const conditions = [
    bakeOf(effective, NOW),
    ...conditionsOf(effective, to, nothingKnown(collection, settings), NOW),
    ...waitsIn(collection, from, to, moves),
  ];
  const leg = {
    ...{ from, to, awaits: conditions.map(({ name }) => name) },
    commands: conditions.flatMap(({ command }) => command ?? []),
  };
  // The verification by content that opens this gate heals them.
  const healed = conditions.some(({ kind }) => kind === 'verification by content');
  return [leg, ...itinerary(collection, to, wanted, healed ? [] : forced, settings, moves)];
}

/**
 * The move back from a phase that is yet to come, and what it will wait for beside its bake: nothing where it needs no store.
 * @param ramped whether the phase is come to by a ramp.
 */
export function wayBack(collection: string, from: Phase, ramped = false): Pick<Leg, 'to' | 'awaits'> {
  const to = nextPhase(from, 'legacy');
  const ramp = ramped ? { percent: 100, since: 0 } : undefined;
  const effective = { phase: from, since: 0, by: '', ramp };
  const conditions = conditionsOf(effective, to, nothingKnown(collection, {}), NOW);
  return { to, awaits: conditions.map(({ name }) => name) };
}

/** Nothing is committed of a move that is yet to come. */
function waitsIn(collection: string, from: Phase, to: Phase, moves: Seen['moves']): Condition[] {
  if (moves === undefined) return [];
  const { holding, ...settings } = moves;
  const { guard: watch = null, ramp = [] } = settings;
  const guard = watch === null ? null : { settings: watch, bake: NOW.bake, note: null, turnedBack: false };
  const waits = { collection, settings, holding, passage: 0, guard };
  const effective = { phase: from, since: NOW.now, by: '' };
  return [
    ...rampCondition(effective, to, ramp, NOW),
    ...waitsOf({ from, to, version: -1, since: NOW.now }, waits, NOW.now),
  ];
}

function nothingKnown(name: string, { feed, loadProof }: Settings): Evidence {
  return {
    ...(feed === undefined ? {} : { feed: { ...feed, seen: null, foreign: [] } }),
    ...(loadProof === undefined ? {} : { loadProof: { ...loadProof, proof: NO_FIGURES } }),
    receipts: { delayed: 0, due: 0, hidden: 0, waiting: 0, since: null },
    deadLetters: 0,
    unread: 0,
    collection: { name, backfills: [], copybacks: [], verifications: [] },
  };
}
