/** What a schedule is about: which way it goes, and what strikes. */
import type { Phase } from '../../functions/protocol/phase.ts';
import type { Random, Scheduler } from './scheduler.ts';
import type { Weather } from './weather.ts';

/**
 * Runs that come late, moves that are forced at times, walks of which each move is forced, stores that forget what they have acknowledged, and
 * others who are at work in Couchbase.
 */
export const FOCUSES = ['runs', 'force', 'haste', 'forget', 'hands'] as const;
export type Focus = (typeof FOCUSES)[number];

const WALKS: readonly (readonly Phase[])[] = [
  ['expand', 'legacy'],
  ['settle', 'legacy'],
  ['settle', 'expand', 'settle', 'legacy'],
  ['contract', 'legacy'],
  ['contract', 'expand', 'contract'],
];
/** On the way back, workers of runs that come late could do harm. */
const BACK: typeof WALKS = [
  ['settle', 'legacy'],
  ['contract', 'legacy'],
];
/** Round again, over what forced moves have left behind. */
const ROUND: typeof WALKS = [
  ...WALKS,
  ['settle', 'legacy', 'settle', 'expand'],
  ['contract', 'expand', 'settle'],
];
/** To where both stores are in use at the end. */
const SHARED: typeof WALKS = [
  ['expand'],
  ['settle'],
  ['settle', 'expand'],
  ['contract', 'settle'],
  ['contract', 'expand'],
];

/** Round again, and to where both stores are in use at the end. */
const TOUCHED: typeof WALKS = [...WALKS, ...SHARED, ['settle', 'legacy', 'settle']];

/** No draw decides: the other schedules stay what they were before there were any of these. */
export function isForcing(seed: number): boolean {
  return seed % 7 === 3;
}

/** No draw decides this, either; and never beside forced moves, of which each checker excuses another time. */
export function isForgetting(seed: number): boolean {
  return seed % 9 === 0 && !isForcing(seed);
}

/** Nor this, and beside neither. */
export function isTouching(seed: number): boolean {
  return seed % 17 === 13 && !isForcing(seed) && !isForgetting(seed);
}

/** What somebody does past the API. `stage`: a transaction, which commits later, or does not. `copy`: an earlier state comes back, as from another cluster. */
export type Act = 'touch' | 'prolong' | 'get and touch' | 'write' | 'remove' | 'copy' | 'stage';

/** What others do in Couchbase, beside all that is ours. */
export interface OtherHands {
  /** How often each mutation of ours is answered with a touch. */
  readonly answers: number;
  /** Whether a touch leaves a document without our attribute. */
  readonly drops: boolean;
  /** Whether an answer may give another expiry. */
  readonly expiry: 'kept' | 'other';
  /** By themselves. */
  readonly acts: readonly Act[];
  /** Whether a change feed tells of what they do. */
  readonly feed: boolean;
  /** Maximum TTLs of the bucket in milliseconds, one after the other; 0 for none. The first is there from the beginning. */
  readonly ttls: readonly [number, ...number[]];
}

/** Whoever answers each mutation, leaves no attribute and gives another expiry, too, is never at rest. */
const ANSWERING: readonly Pick<OtherHands, 'answers' | 'drops' | 'expiry'>[] = [
  { answers: 0, drops: false, expiry: 'other' },
  { answers: 0, drops: true, expiry: 'other' },
  { answers: 1, drops: false, expiry: 'kept' },
  { answers: 1, drops: false, expiry: 'other' },
  { answers: 1, drops: true, expiry: 'kept' },
  { answers: 2, drops: false, expiry: 'other' },
  { answers: 3, drops: false, expiry: 'kept' },
];
const ACTS: readonly OtherHands['acts'][] = [
  ['touch', 'prolong'],
  ['prolong', 'get and touch'],
  ['touch', 'write', 'write', 'remove'],
  ['write', 'copy', 'remove'],
  ['stage', 'stage', 'touch'],
  ['touch', 'prolong', 'get and touch', 'write', 'remove', 'copy', 'stage'],
];
/** All of them are longer than a bake, and than what a request and its repetitions take. */
const TTLS: readonly OtherHands['ttls'][] = [
  [0],
  [0],
  [200_000],
  [0, 600_000],
  [0, 200_000, 0],
  [900_000, 200_000, 1_500_000],
];

export function handsOf(random: Random): OtherHands {
  const acts = random.chance(0.7) ? random.pick(ACTS) : [];
  return { ...random.pick(ANSWERING), acts, feed: random.chance(0.5), ttls: random.pick(TTLS) };
}

/** As a person reads it. */
export function toldOf({ answers, drops, expiry, acts, feed, ttls }: OtherHands): string {
  const touch = `${drops ? ', without our attribute' : ''}${expiry === 'other' ? ', another expiry' : ''}`;
  return (
    `answer each mutation ${answers} times${touch}; by themselves: ${acts.join(', ') || 'nothing'}; ` +
    `${feed ? 'with' : 'without'} a feed; maximum TTL ${ttls.map((ttl) => `${ttl / 1000} s`).join(', then ')}`
  );
}

export function weatherOf({ random }: Scheduler): Weather {
  const outage = () => {
    const from = random.below(1_500_000);
    return { store: random.pick(['couchbase', 'oracle'] as const), from, to: from + random.below(60_000) };
  };
  const outages = Array.from({ length: random.below(3) }, outage);
  return { faults: random.pick([0, 0.005, 0.02]), most: 6, outages };
}

export function walksOf(focus: Focus | undefined, isForced: boolean): typeof WALKS {
  if (focus === 'runs') return BACK;
  if (focus === 'forget') return SHARED;
  if (focus === 'hands') return TOUCHED;
  return isForced ? ROUND : WALKS;
}
