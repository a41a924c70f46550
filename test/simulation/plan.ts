/** What a schedule is about: which way it goes, and what strikes. */
import type { Phase } from '../../functions/protocol/phase.ts';
import type { Scheduler } from './scheduler.ts';
import type { Weather } from './world.ts';

/** Runs that come late, moves that are forced at times, walks of which each move is forced, and stores that forget what they have acknowledged. */
export const FOCUSES = ['runs', 'force', 'haste', 'forget'] as const;
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

/** No draw decides: the other schedules stay what they were before there were any of these. */
export function isForcing(seed: number): boolean {
  return seed % 7 === 3;
}

/** No draw decides this, either; and never beside forced moves, of which each checker excuses another time. */
export function isForgetting(seed: number): boolean {
  return seed % 9 === 0 && !isForcing(seed);
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
  return isForced ? ROUND : WALKS;
}
