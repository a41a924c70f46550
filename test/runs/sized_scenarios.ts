/** What becomes of runs of any size, each scenario in a world of its own: prints it, by the names of the scenarios. */
import { machineOf } from '../infra/machine.ts';
import { MILLION, WORKERS } from './sized_books.ts';
import { SizedWorld } from './sized_world.ts';

/** Days. */
const [QUARTER_OF_AN_HOUR, WEEK, LONGEST] = [0.01, 7, 3];
const definition = machineOf('copy', WORKERS);

/** What has come of some executions. */
export interface Outcome {
  readonly statuses: readonly string[];
  /** Of the execution that has most. */
  readonly events: number;
  /** Messages that executions have sent, bytes of the largest result of a step, and messages that were delivered. */
  readonly tasks: number;
  readonly largest: number;
  readonly invocations: number;
  readonly dead: number;
  readonly shards: number;
  readonly copied: number;
  /** Milliseconds since the beginning. */
  readonly at: number;
  /** When the last collection was first worked on. */
  readonly first: number;
}

async function outcome(world: SizedWorld, runs: Readonly<Record<string, string>>): Promise<Outcome> {
  const executions = Object.values(runs);
  const all = await Promise.all(Object.keys(runs).map((each) => world.ledger.shards(each)));
  const rows = all.flat();
  const told = executions.map((each) => world.describe(each));
  const { tasks, largest, queue, first, clock } = world;
  return {
    statuses: [...new Set(told.map(({ status, error = '', cause = '' }) => `${status}${error}${cause}`))],
    events: Math.max(...executions.map((each) => world.machines.eventsOf(each))),
    ...{ tasks, largest, invocations: queue.invocations, dead: queue.dead.length },
    ...{ shards: rows.length, copied: rows.reduce((sum, { listed }) => sum + listed, 0) },
    ...{ at: clock.now(), first: first.size === all.length ? Math.max(...first.values()) : Infinity },
  };
}

/** From the beginning to the end. */
async function whole(world: SizedWorld, more: object = {}): Promise<Outcome> {
  const runs = Object.fromEntries(Object.keys(world.sizes).map((each) => [each, world.start(each, more)]));
  await world.run(Object.values(runs), LONGEST);
  return outcome(world, runs);
}

/** A run that has been under way for a while is interrupted, for so many days, and goes on: told before, after the interruption, and at the end. */
async function interrupted(by: Change, days: number, then: Change): Promise<Outcome[]> {
  const world = new SizedWorld(definition, WORKERS, { all: MILLION }, 1000);
  const run = world.start('all');
  const told = [];
  await world.run([run], QUARTER_OF_AN_HOUR);
  told.push(await outcome(world, { all: run }));
  change(world, by);
  await world.run([run], days);
  told.push(await outcome(world, { all: run }));
  change(world, then);
  await world.run([run], LONGEST);
  return [...told, await outcome(world, { all: run })];
}

interface Change {
  readonly rate?: number;
  readonly away?: boolean;
  /** Whether the event source mapping is enabled. */
  readonly served?: boolean;
  /** All that waits in the queue is lost. */
  readonly purged?: boolean;
}

function change(world: SizedWorld, { rate, away, served, purged }: Change): void {
  world.rate = rate ?? world.rate;
  world.away = away ?? world.away;
  world.queue.enabled = served ?? true;
  if (purged && world.queue.purge() !== WORKERS) throw new Error('Each lane has one message');
  world.queue.deliver();
}

/** As the version before has deployed it: no attribute, and a heartbeat of 22 seconds. */
function before(): string {
  const machine = JSON.parse(definition);
  const { Work } = machine.States.Shards.ItemProcessor.States;
  delete Work.Arguments.MessageAttributes;
  Object.assign(Work, { HeartbeatSeconds: 22, Retry: [{ ...Work.Retry[0], MaxAttempts: 1000 }] });
  return JSON.stringify(machine);
}

function paced(world: SizedWorld, rate: number): SizedWorld {
  return Object.assign(world, { rate });
}

const fifty = Object.fromEntries(
  Array.from({ length: 50 }, (_, n) => [`c${n}`, n % 2 === 0 ? 200_000 : 1000]),
);

const SCENARIOS = {
  billions: async () => [
    await whole(paced(new SizedWorld(definition, WORKERS, { all: 2_000_000_000 }, 200_000), 32_000), {
      shards: 160,
    }),
  ],
  fifty: async () => [await whole(new SizedWorld(definition, 4, fifty, 5000))],
  paused: () => interrupted({ rate: 0 }, WEEK, { rate: 500 }),
  away: () => interrupted({ away: true }, WEEK, { away: false }),
  unserved: () => interrupted({ served: false }, WEEK, { served: true }),
  purged: () => interrupted({ served: false }, QUARTER_OF_AN_HOUR, { served: true, purged: true }),
  before: async () => [
    await whole(paced(new SizedWorld(before(), WORKERS, { all: 3 * MILLION }, 5000), 5000)),
  ],
};
export type Scenario = keyof typeof SCENARIOS;

if (import.meta.main)
  for (const [name, scenario] of Object.entries(SCENARIOS))
    console.log(JSON.stringify([name, await scenario()]));
