/** 50 collections whose moves are all due at once, beside what SSM takes: three writes a second, by default. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { GetParametersCommand } from '@aws-sdk/client-ssm';
import type { Container } from '../../functions/edge/container.ts';
import { controllerOver, lookOver } from '../../functions/edge/controller.ts';
import { PacedWrites } from '../../functions/edge/paced_writes.ts';
import { timelyMoves } from '../../functions/edge/round.ts';
import { parsePhase } from '../../functions/phases/effective_phase.ts';
import { Reach } from '../../functions/stores/reach.ts';
import { ParameterApi } from '../../infra/local/aws/parameter_api.ts';
import { ParameterStore } from '../../infra/local/aws/parameters.ts';
import { evidenceStores } from './evidence_stores.ts';

const TIMING = { lease: 30_000, refresh: 5000, request: 20_000, call: 3000, backfill: 300_000 };
const NAMES = Array.from({ length: 50 }, (_, n) => `c${n}`);
/** Milliseconds from the beginning of one look to that of the next. */
const BETWEEN = 30_000;
const FLAGS = { 'couchbase-writes': 'true', 'oracle-writes': 'true', reads: 'couchbase' };

const pause = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

/** The controller over the local SSM, on the clock of mocked timers. */
class World {
  readonly store = new ParameterStore(null, () => Date.now());
  readonly api = new ParameterApi(
    this.store,
    () => 0.9,
    () => Date.now(),
  );
  readonly failures: string[] = [];
  /** Milliseconds until SSM answers. */
  latency = 20;
  /** Of those that a look has, when its stores have answered. */
  time = TIMING.request;
  readonly #writes = new PacedWrites(() => Date.now(), pause);
  #parts: Container;
  readonly #environment = { PARAMETERS: '/x', RECEIPTS_QUEUE: 'r', DEAD_LETTERS_QUEUE: 'd' };

  constructor() {
    for (const [flag, value] of Object.entries(FLAGS)) this.#declare(flag, value);
    const legacy = JSON.stringify({ phase: 'legacy', since: 0, by: 'deployment' });
    for (const name of NAMES) {
      for (const flag of Object.keys(FLAGS)) this.#declare(`collections/${name}/${flag}`, 'inherit');
      this.#declare(`collections/${name}/phase`, legacy);
    }
    const stores = evidenceStores({ identity: { sights: async () => [], accept: async () => {} } as never });
    const configuration = {
      ...{ timing: TIMING, moves: { hold: false, windows: [] }, guard: null },
      collections: Object.fromEntries(NAMES.map((name) => [name, {}])),
    };
    const queues = { send: async () => ({ Attributes: {} }) };
    const parts = { parameters: this.#client(), stores, queues, configuration, now: () => Date.now() };
    this.#parts = parts as unknown as Container;
  }

  #declare(name: string, value: string): void {
    this.store.declare(`/x/${name}`, value, '', null);
  }

  /** Tries nothing again. */
  #client() {
    const send = async (command: GetParametersCommand) => {
      await pause(this.latency);
      const headers = { date: new Date(Date.now()).toUTCString() };
      const operation = command.constructor.name.replace(/Command$/, '');
      const handler = async () => ({ response: { headers }, output: this.#answer(operation, command.input) });
      return (await command.middlewareStack.resolve(handler as never, {})(command as never)).output;
    };
    return { send };
  }

  #answer(operation: string, input: object) {
    try {
      const answered = this.api.answer(operation, { ...input }, 'control') as { Parameters?: object[] };
      const Parameters = answered.Parameters?.map((each) => {
        const { LastModifiedDate } = each as { LastModifiedDate: number };
        return { ...each, LastModifiedDate: new Date(LastModifiedDate * 1000) };
      });
      return { ...answered, Parameters };
    } catch (error) {
      const { type, message } = error as { type: string; message: string };
      throw Object.assign(new Error(message), { name: type });
    }
  }

  /** One look, in the time of its function. @returns how many moves it has made. */
  async look(): Promise<number> {
    const began = Date.now();
    const remaining = () => began + this.time - Date.now();
    const control = controllerOver(this.#parts, this.#environment, this.#writes);
    const ports = lookOver(this.#parts, this.#environment, new Reach(() => true));
    const stepped = await control.step(
      { ...ports, timely: timelyMoves(TIMING, this.#writes, remaining) },
      (name, error) => this.failures.push(`${name}: ${error}`),
    );
    assert.ok(remaining() > 0, 'the look has outlasted its function');
    return stepped.filter(({ moved }) => moved !== null).length;
  }

  /** What a controller leaves that dies between the two writes of a move. */
  claim(name: string): void {
    const text = { from: 'legacy', to: 'expand', by: 'controller', at: Date.now(), why: '' };
    const put = { Name: `/x/moves/${name}/1`, Value: JSON.stringify(text), Type: 'String' };
    this.store.call('PutParameter', put, 'control');
  }

  /** Of a collection that has moved lately, and whose operators want it back. */
  wantBack(name: string): void {
    const put = (parameter: string, value: string) =>
      this.store.call(
        'PutParameter',
        { Name: `/x/collections/${name}/${parameter}`, Value: value, Overwrite: true },
        'test',
      );
    put('phase', JSON.stringify({ phase: 'expand', since: Date.now(), by: 'controller' }));
    put('oracle-writes', 'false');
  }

  /** Uses up what SSM takes in a second. */
  drain(): void {
    for (let write = 0; write < 3; write++)
      this.api.answer('PutParameter', { Name: '/x/reads', Value: 'couchbase', Overwrite: true }, 'operator');
  }

  phases(): string[] {
    return NAMES.map((name) => parsePhase(this.#value(`/x/collections/${name}/phase`)).phase);
  }

  /** Claims of moves that nobody has published. */
  unpublished(): string[] {
    return NAMES.filter((name, n) => this.phases()[n] === 'legacy' && this.#has(`/x/moves/${name}/1`));
  }

  #has(name: string): boolean {
    return this.#named(name) !== undefined;
  }

  #value(name: string): string {
    return this.#named(name)?.Value ?? assert.fail(name);
  }

  #named(name: string) {
    const { Parameters } = this.store.call('GetParameters', { Names: [name] }, 'test') as {
      Parameters: { readonly Value: string }[];
    };
    return Parameters[0];
  }
}

/** Runs to its end on a clock that moves by itself. */
async function timed<Answer>(act: () => Promise<Answer>, context: TestContext): Promise<Answer> {
  let ended = false;
  const done = act().finally(() => {
    ended = true;
  });
  done.catch(() => {});
  for (let turn = 0; turn < 20_000 && !ended; turn++) {
    await new Promise(setImmediate);
    context.mock.timers.tick(20);
  }
  return done;
}

function worldIn(context: TestContext): World {
  context.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_700_000_000_000 });
  return new World();
}

/** Looks until all have moved. @returns the moves of each look. */
async function looks(world: World, context: TestContext, before = () => {}): Promise<number[]> {
  const moves: number[] = [];
  for (let look = 0; look < 12 && world.phases().includes('legacy'); look++) {
    const next = Date.now() + BETWEEN;
    before();
    moves.push(await timed(() => world.look(), context));
    assert.deepEqual(world.unpublished(), [], `after look ${look + 1}`);
    context.mock.timers.tick(Math.max(0, next - Date.now()));
  }
  return moves;
}

test('50 collections are moved in five looks: no write is refused, and no claim is left without its phase', async (context) => {
  const world = worldIn(context);
  assert.deepEqual(await looks(world, context), [12, 12, 12, 12, 2]);
  assert.deepEqual([world.failures, world.api.struck.throttled], [[], 0]);
  assert.deepEqual(new Set(world.phases()), new Set(['expand']));
});

test('the stores and SSM are slow: a look makes fewer moves, and claims none that it has no time to publish', async (context) => {
  const world = worldIn(context);
  [world.latency, world.time] = [800, 14_000];
  const [first = 0, second = 0] = await looks(world, context);
  assert.ok(first > 3 && first < 12 && second > 3, `${first}, ${second}`);
  assert.deepEqual(world.failures, []);
  assert.deepEqual(new Set(world.phases()), new Set(['expand']));
});

test('operators write at the same time: a write that SSM refuses is sent again, and all collections move', async (context) => {
  const world = worldIn(context);
  const moves = await looks(world, context, () => world.drain());
  assert.ok(world.api.struck.throttled > 0);
  assert.deepEqual([world.failures, moves], [[], [12, 12, 12, 12, 2]]);
});

test('three of 50 collections are to go back, and have moved last: they are the first to move', async (context) => {
  const world = worldIn(context);
  const back = NAMES.slice(-3);
  for (const name of back) world.wantBack(name);
  context.mock.timers.tick(10 * BETWEEN);
  assert.equal(await timed(() => world.look(), context), 12);
  assert.deepEqual(world.phases().slice(-3), ['legacy', 'legacy', 'legacy']);
  assert.deepEqual(world.failures, []);
});

test('50 claims that nobody has published: each look finishes a few, and no write is refused', async (context) => {
  const world = worldIn(context);
  for (const name of NAMES) world.claim(name);
  const left: number[] = [];
  for (let look = 0; look < 9 && world.phases().includes('legacy'); look++) {
    const next = Date.now() + BETWEEN;
    await timed(() => world.look(), context);
    left.push(world.phases().filter((phase) => phase === 'legacy').length);
    context.mock.timers.tick(Math.max(0, next - Date.now()));
  }
  assert.deepEqual([world.failures, world.api.struck.throttled], [[], 0]);
  assert.equal(left[0], 38);
  assert.deepEqual(new Set(world.phases()), new Set(['expand']), left.join());
});
