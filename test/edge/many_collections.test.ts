/** 50 collections, while a store lets every connect hang: status, set and the controller's minute end in time. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { GetParametersCommand } from '@aws-sdk/client-ssm';
import type { Container } from '../../functions/edge/container.ts';
import { controllerOver, lookOver } from '../../functions/edge/controller.ts';
import { overview } from '../../functions/operations/overview.ts';
import type { Phase } from '../../functions/protocol/phase.ts';
import type { Run } from '../../functions/records/run.ts';
import { StoreUnavailable } from '../../functions/stores/failure.ts';
import { Reach } from '../../functions/stores/reach.ts';
import { evidenceStores } from './evidence_stores.ts';

const TIMING = { lease: 30_000, refresh: 5000, request: 20_000, call: 3000, backfill: 300_000 };
const NAMES = Array.from({ length: 50 }, (_, n) => `c${n}`);
type Name = 'couchbase' | 'oracle';

/** What a store does when it is asked: answers, or lets a connect hang until its time is up. */
class World {
  readonly attempts = { couchbase: 0, oracle: 0 };
  /** Calls of SSM. */
  reads = 0;
  away: Name | null = null;
  phase: Phase = 'seal';
  runs: Run[] = [];

  async ask<Answer>(store: Name, answer: Answer): Promise<Answer> {
    if (store !== this.away) return answer;
    this.attempts[store]++;
    await new Promise((resolve) => setTimeout(resolve, TIMING.call));
    const target = { store, operation: 'read', collection: 'x', key: null };
    throw new StoreUnavailable(target, false, new Error('timed out'));
  }

  controller() {
    const flags = { 'couchbase-writes': 'true', 'oracle-writes': 'true', reads: 'oracle' };
    const valueIn = (name: string) => {
      const flag = name.split('/').at(-1) ?? '';
      if (flag === 'phase') return JSON.stringify({ phase: this.phase, since: 0, by: 'test' });
      return name.includes('/collections/') ? 'inherit' : flags[flag as keyof typeof flags];
    };
    const parameter = (Name: string) => {
      return { Name, Value: valueIn(Name), Version: 1, LastModifiedDate: new Date(0) };
    };
    const answer = ({ Names = [] }: { readonly Names?: string[] | undefined }) => {
      this.reads++;
      assert.ok(Names.length <= 10);
      return { Parameters: Names.filter((name) => !name.includes('/moves/')).map(parameter) };
    };
    const parameters = {
      send: async (command: GetParametersCommand) => {
        const headers = { date: new Date().toUTCString() };
        const handler = async () => ({ response: { headers }, output: answer(command.input) as never });
        return (await command.middlewareStack.resolve(handler, {})(command as never)).output;
      },
    };
    const stores = evidenceStores(
      {
        ledger: { history: () => this.ask('oracle', []), underWay: () => this.ask('oracle', this.runs) },
      },
      (store) => this.ask(store, undefined),
    );
    const configuration = {
      ...{ timing: TIMING, moves: { hold: false, windows: [] }, guard: null },
      collections: Object.fromEntries(NAMES.map((name) => [name, {}])),
    };
    const queues = { send: async () => ({ Attributes: {} }) };
    const parts = { parameters, stores, queues, configuration, now: Date.now } as unknown as Container;
    const environment = { PARAMETERS: '/x', RECEIPTS_QUEUE: 'r', DEAD_LETTERS_QUEUE: 'd' };
    const control = controllerOver(parts, environment);
    return {
      wishes: () => control.wishes(),
      look: (reach: Reach) => control.look(lookOver(parts, environment, reach)),
      step: (reach: Reach, failed: (collection: string, error: unknown) => void) =>
        control.step({ ...lookOver(parts, environment, reach), timely: () => true }, failed),
    };
  }
}

/** Runs to its end on a clock that moves by itself. @returns what came of it, and how many milliseconds it took there. */
async function timed<Answer>(context: TestContext, act: () => Promise<Answer>) {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  let [took, ended] = [0, false];
  const done = act().finally(() => {
    ended = true;
  });
  done.catch(() => {});
  for (let turn = 0; turn < 10_000 && !ended; turn++) {
    await new Promise(setImmediate);
    if (ended) break;
    context.mock.timers.tick(100);
    took += 100;
  }
  context.mock.timers.reset();
  return { answer: await done, took };
}

const NOTHING_MORE = {
  ...{ load: async () => null, away: async () => new Map(), now: Date.now },
  connections: async () => ({ couchbase: null, oracle: null }),
};

for (const away of ['couchbase', 'oracle'] as const)
  test(`${away} is away: status tells the phases of 50 collections, and asks it twice`, async (context) => {
    const world = new World();
    world.away = away;
    const control = world.controller();
    const reach = new Reach(() => true);
    const { answer, took } = await timed(context, () =>
      overview({ look: () => control.look(reach), runs: async () => [], ...NOTHING_MORE }),
    );
    assert.deepEqual(
      answer.map(({ collection, effective }) => [collection, effective.phase]),
      NAMES.map((name) => [name, 'seal']),
    );
    assert.ok(answer.every(({ evidence }) => 'missing' in evidence && evidence.missing.includes(away)));
    assert.ok(world.attempts[away] <= 2, `${world.attempts[away]} attempts`);
    assert.ok(took < TIMING.request / 2, `${took} ms`);
  });

test('a store goes away in the middle of a look: the rest of it does not ask for long', async (context) => {
  const world = new World();
  const control = world.controller();
  const reach = new Reach(() => true);
  const runs = async () => {
    world.away = 'oracle';
    await reach.ask('oracle', () => world.ask('oracle', null));
    return [];
  };
  const { answer, took } = await timed(context, () =>
    overview({ look: () => control.look(reach), runs, ...NOTHING_MORE }),
  );
  assert.equal(answer.length, NAMES.length);
  assert.ok(answer.every(({ evidence }) => 'missing' in evidence));
  assert.ok(world.attempts.oracle <= 5 && took < TIMING.request / 2, `${world.attempts.oracle}, ${took} ms`);
});

test('the controller’s minute ends with 50 collections and a store away, and each of them waits', async (context) => {
  const world = new World();
  world.away = 'oracle';
  const control = world.controller();
  const failures: string[] = [];
  const { answer, took } = await timed(context, () =>
    control.step(new Reach(() => true), (_, error) => failures.push(String(error))),
  );
  assert.deepEqual(failures, []);
  assert.deepEqual(new Set(answer.map(({ decision }) => decision.kind)), new Set(['wait']));
  assert.ok(world.attempts.oracle <= 2 && took < TIMING.request / 2, `${world.attempts.oracle}, ${took} ms`);
});

test('where stores are slow and time is short, a look tells what it can', async (context) => {
  const world = new World();
  let left = 30;
  const reach = new Reach(() => left-- > 0);
  const { answer } = await timed(context, () => world.controller().look(reach));
  assert.equal(answer.length, NAMES.length);
  const missing = answer.filter(
    ({ evidence }) => 'missing' in evidence && /No time was left/.test(evidence.missing),
  );
  assert.ok(missing.length > 30 && missing.length < NAMES.length, `${missing.length}`);
});

test('what is wanted of each collection is told without any store', async () => {
  const world = new World();
  const wishes = await world.controller().wishes();
  assert.equal(wishes.length, NAMES.length);
  assert.ok(wishes.every(({ wish }) => wish?.flags.reads === 'oracle'));
});

test('a look and a round read the parameters of 50 collections together, below what SSM answers in a second', async () => {
  const world = new World();
  const control = world.controller();
  await control.look(new Reach(() => true));
  // 153 flags and 50 holds, and 50 phases, 10 in a call.
  assert.equal(world.reads, 26);
  world.reads = 0;
  await control.step(new Reach(() => true), (_, error) => assert.fail(String(error)));
  // And 50 claims.
  assert.equal(world.reads, 31);
});

test('a look names the runs that the next move stops, and no move waits for them', async () => {
  const world = new World();
  const run = { id: 'r1', kind: 'copyback', collection: 'c0', phase: 'switch' } as const;
  world.runs = [{ ...run, options: { back: 'changed' }, stamp: '', started: 0 }];
  const conditionsOf = async (reach: Reach) => {
    const [{ decision } = assert.fail()] = await world.controller().look(reach);
    return 'conditions' in decision ? decision.conditions : [];
  };
  const told = (await conditionsOf(new Reach(() => true))).at(-1);
  assert.deepEqual([told?.name, told?.holds], ['runs under way', true]);
  assert.match(told?.measured ?? '', /^copyback r1 of switch: the move stops them, within a bake$/);
  world.runs = [];
  assert.ok((await conditionsOf(new Reach(() => true))).every(({ name }) => name !== 'runs under way'));
});
