/** A share of the keys is a phase ahead for long, on every way that passes it, whatever strikes meanwhile. */
import type { Random } from './draw.ts';
import { lasting, OTHER_HANDS, type Way } from './lives.ts';
import type { Scenario } from './scenario.ts';

const RAMP_WAYS: readonly Way[] = [
  ['seal', 'switch', 'seal', 'switch', 'settle'],
  ['seal', 'switch', 'seal', 'switch', 'seal', 'expand'],
  ['seal', 'switch', 'seal', 'expand', 'legacy'],
  ['expand', 'seal', 'expand', 'seal', 'switch'],
  ['expand', 'seal', 'expand', 'legacy'],
  ['expand', 'seal', 'switch', 'seal', 'switch', 'settle'],
  ['settle', 'switch', 'seal', 'switch', 'settle'],
  ['settle', 'switch', 'seal', 'switch', 'seal', 'expand', 'legacy'],
  ['settle', 'switch', 'seal', 'expand', 'seal', 'switch', 'seal', 'expand'],
  ['contract', 'settle', 'switch', 'seal', 'switch', 'seal', 'expand'],
  ['switch', 'settle', 'switch', 'seal', 'expand', 'seal'],
  ['seal', 'switch', 'settle', 'switch', 'seal', 'expand'],
  ['switch', 'seal', 'switch', 'settle', 'switch', 'seal', 'expand'],
];

/** One schedule in two is fair weather; the others meet one kind of trouble each. */
const WEATHER: readonly ((random: Random, walk: readonly unknown[]) => Partial<Scenario>)[] = [
  () => ({ failovers: 1 }),
  () => ({ fallbacks: 1 }),
  () => ({ outages: 1 }),
  (random) => ({ ahead: random(2) === 0 ? 'couchbase' : 'oracle' }),
  (random, walk) => ({ forced: [...walk.keys()].filter(() => random(3) === 0) }),
  () => ({ drops: true, verification: 'always' }),
  (random) => OTHER_HANDS[random(OTHER_HANDS.length)] ?? {},
  () => ({ close: true, clock: 5_000n }),
  () => ({ shards: true }),
];

export function ramp(random: Random): Partial<Scenario> {
  const [phase, ...walk] = RAMP_WAYS[random(RAMP_WAYS.length)] as Way;
  const weather = random(2) === 0 ? undefined : WEATHER[random(WEATHER.length)];
  return {
    ...lasting(phase, walk, random),
    ramp: true,
    ...weather?.(random, walk),
  };
}
