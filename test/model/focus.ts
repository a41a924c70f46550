/** Where random schedules look for what they would hardly ever meet otherwise. */
import { type Random, TASKS } from './draw.ts';
import { lasting, longClients, OTHER_HANDS, READ, startOf, type Way } from './lives.ts';
import { ramp } from './ramp_focus.ts';
import { leftStartsOf, SANE_CLOCK, type Scenario, startsOf, type Task } from './scenario.ts';

const WAYS: readonly Way[] = [
  ['settle', 'switch', 'seal', 'expand'],
  ['settle', 'switch', 'seal', 'expand', 'legacy'],
  ['settle', 'switch', 'seal', 'expand', 'seal', 'switch', 'settle'],
  ['settle', 'switch', 'seal', 'expand', 'legacy', 'expand', 'seal', 'switch', 'settle'],
  ['contract', 'settle', 'switch', 'seal', 'expand'],
  ['switch', 'seal', 'expand', 'legacy', 'expand'],
  ['legacy', 'expand', 'seal', 'switch', 'settle'],
  ['legacy', 'expand', 'seal', 'switch', 'settle', 'contract', 'settle', 'switch'],
  ['expand', 'seal', 'switch', 'settle', 'contract'],
  ['expand', 'seal', 'switch', 'settle', 'switch', 'seal', 'expand'],
  ['seal', 'switch', 'settle', 'contract', 'settle'],
  ['switch', 'settle', 'contract'],
];

/** An operator forces moves on, back and round again, with a store away or not, over what an earlier one has left behind. */
export function force(random: Random): Partial<Scenario> {
  const [phase, ...walk] = WAYS[random(WAYS.length)] as Way;
  const starts = random(3) === 0 ? leftStartsOf(phase) : startsOf(phase);
  const all = random(2) === 0;
  return {
    start: starts[random(starts.length)] as Scenario['start'],
    phase,
    walk,
    forced: [...walk.keys()].filter(() => all || random(3) > 0),
    outages: random(4) === 0 ? 1 : 0,
    clients: longClients(random),
    clock: SANE_CLOCK,
  };
}

const GATED_WAYS: readonly Way[] = [
  ['settle', 'switch', 'seal', 'expand', 'legacy'],
  ['switch', 'seal', 'expand', 'legacy'],
  ['seal', 'switch', 'settle', 'contract'],
  ['expand', 'seal', 'switch', 'seal', 'switch', 'settle'],
  ['contract', 'settle', 'switch', 'seal', 'switch'],
];

/** Ways through the gates, with clients that live as long. */
function gates(random: Random): Partial<Scenario> {
  const [phase, ...walk] = GATED_WAYS[random(GATED_WAYS.length)] as Way;
  return { phase, walk, clients: longClients(random), clock: SANE_CLOCK, ...startOf(phase, random) };
}

/** The way on which a worker is most out of place that still acts on `switch`. */
export function late(random: Random): Partial<Scenario> {
  const [phase, ...walk] = ['switch', 'seal', 'expand', 'legacy'] as const;
  return {
    phase,
    walk,
    shards: true,
    clients: longClients(random),
    clock: SANE_CLOCK,
    ...startOf(phase, random),
  };
}

const FAILOVER_WAYS: readonly Way[] = [
  ['legacy', 'expand'],
  ['expand'],
  ['expand', 'seal'],
  ['expand', 'seal', 'switch', 'settle'],
  ['seal', 'switch'],
  ['seal', 'expand', 'seal', 'switch'],
  ['switch'],
  ['switch', 'settle'],
  ['switch', 'seal', 'expand'],
  ['settle'],
  ['settle', 'switch', 'seal', 'expand', 'legacy'],
];

/** A node of Couchbase fails, and its replica has not everything that was acknowledged. */
export function failover(random: Random): Partial<Scenario> {
  const [phase, ...walk] = FAILOVER_WAYS[random(FAILOVER_WAYS.length)] as Way;
  return { ...lasting(phase, walk, random), failovers: 1 };
}

const FALLBACK_WAYS: readonly Way[] = [
  ['expand', 'seal', 'switch'],
  ['seal', 'switch', 'settle'],
  ['switch', 'settle'],
  ['settle'],
  ['settle', 'switch'],
  ['settle', 'switch', 'seal', 'expand'],
  ['settle', 'contract'],
  ['contract', 'settle', 'switch'],
];

/** Oracle comes back without its last commits. */
export function fallback(random: Random): Partial<Scenario> {
  const [phase, ...walk] = FALLBACK_WAYS[random(FALLBACK_WAYS.length)] as Way;
  return { ...lasting(phase, walk, random), fallbacks: 1 };
}

const CLOSE_WAYS: readonly Way[] = [
  ['contract', 'settle', 'switch', 'seal', 'expand', 'legacy'],
  ['contract', 'settle', 'switch', 'seal', 'expand', 'seal'],
  ['settle', 'switch', 'seal', 'expand'],
];

/** Couchbase's clock is behind the highest CAS, so that they are one apart, and Oracle has counted as far. */
export function close(random: Random): Partial<Scenario> {
  const [phase, ...walk] = CLOSE_WAYS[random(CLOSE_WAYS.length)] as Way;
  return { ...lasting(phase, walk, random), clock: 5_000n, close: true };
}

const MORTAL_TASKS: readonly Task[] = [
  READ,
  READ,
  { kind: 'put', condition: 'none', mortal: true },
  { kind: 'put', condition: 'seen', mortal: true },
  { kind: 'put', condition: 'absent', mortal: true },
  { kind: 'put', condition: 'none' },
  { kind: 'delete', condition: 'none' },
  { kind: 'delete', condition: 'seen' },
];

/** Documents expire in one store a little earlier than in the other. */
export function apart(random: Random): Partial<Scenario> {
  const [phase, ...walk] = FAILOVER_WAYS[random(FAILOVER_WAYS.length)] as Way;
  const clients = Array.from({ length: 2 + random(2) }, () =>
    Array.from({ length: 3 + random(2) }, () => MORTAL_TASKS[random(MORTAL_TASKS.length)] as Task),
  );
  const start = random(2) === 0 ? { start: 'mortal' as const } : startOf(phase, random);
  return {
    ...{ phase, walk, clients, clock: SANE_CLOCK },
    ...start,
    ahead: random(2) === 0 ? 'couchbase' : 'oracle',
  };
}

const DROP_WAYS: readonly Way[] = [
  ['expand'],
  ['expand', 'legacy', 'expand'],
  ['expand', 'seal', 'switch', 'settle'],
  ['seal', 'switch', 'seal'],
  ['settle'],
  ['settle', 'contract'],
  ['settle', 'contract', 'settle', 'switch', 'seal', 'expand'],
  ['settle', 'switch', 'settle'],
  ['contract'],
  ['contract', 'settle', 'switch'],
];

/** Tombstones are dropped as soon as nothing can need them. */
export function drops(random: Random): Partial<Scenario> {
  const [phase, ...walk] = DROP_WAYS[random(DROP_WAYS.length)] as Way;
  return { ...lasting(phase, walk, random), drops: true, verification: 'always' };
}

const TOUCHED_WAYS: readonly Way[] = [
  ['expand'],
  ['expand', 'seal', 'switch', 'settle'],
  ['seal', 'switch', 'settle'],
  ['switch', 'settle'],
  ['switch', 'settle', 'switch'],
  ['settle'],
  ['settle', 'contract'],
  ['settle', 'switch', 'settle'],
  ['settle', 'switch', 'seal', 'expand'],
  ['contract', 'settle', 'switch', 'seal', 'expand', 'legacy'],
  ['switch', 'seal', 'expand', 'legacy'],
];

/** Where the expiry is all that is written, a repair that takes one from Couchbase can lose it. */
const ALIKE_TASKS: readonly Task[] = [
  READ,
  READ,
  { kind: 'put', condition: 'none', alike: true },
  { kind: 'put', condition: 'none', alike: true },
  { kind: 'put', condition: 'seen', alike: true },
  { kind: 'put', condition: 'absent', alike: true },
  { kind: 'put', condition: 'none' },
  { kind: 'put', condition: 'seen', mortal: true },
  { kind: 'delete', condition: 'none' },
  { kind: 'delete', condition: 'seen' },
];

/** Somebody else touches documents in Couchbase, and its bucket gives them expiries. */
export function touched(random: Random): Partial<Scenario> {
  const [phase, ...walk] = TOUCHED_WAYS[random(TOUCHED_WAYS.length)] as Way;
  const tasks = random(2) === 0 ? ALIKE_TASKS : TASKS;
  const clients = Array.from({ length: 2 + random(2) }, () =>
    Array.from({ length: 3 + random(2) }, () => tasks[random(tasks.length)] as Task),
  );
  const hands = OTHER_HANDS[random(OTHER_HANDS.length)];
  return { phase, walk, clients, clock: SANE_CLOCK, ...startOf(phase, random), ...hands };
}

export const FOCUSES = {
  force,
  gates,
  late,
  failover,
  fallback,
  close,
  apart,
  drops,
  touched,
  ramp,
} as const;
