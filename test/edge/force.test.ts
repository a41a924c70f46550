/** A force over SSM: what it refuses, what it writes in which order, and who tells of it until it is healed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GetParametersCommand, ParameterAlreadyExists, PutParameterCommand } from '@aws-sdk/client-ssm';
import type { Controller } from '../../functions/control/controller.ts';
import { MoveRefused } from '../../functions/control/move_refused.ts';
import type { Container } from '../../functions/edge/container.ts';
import { controllerOver, lookOver } from '../../functions/edge/controller.ts';
import { parsePhase } from '../../functions/phases/effective_phase.ts';
import { markIn } from '../../functions/phases/forced_mark.ts';
import type { Phase } from '../../functions/protocol/phase.ts';
import type { Ended, Kind } from '../../functions/records/run.ts';
import { StoreUnavailable } from '../../functions/stores/failure.ts';
import { Reach } from '../../functions/stores/reach.ts';
import { evidenceStores, STAMP } from './evidence_stores.ts';

const TIMING = { lease: 30_000, refresh: 5000, request: 20_000, call: 3000, backfill: 300_000 };
const ENVIRONMENT = { PARAMETERS: '/x', RECEIPTS_QUEUE: 'r', DEAD_LETTERS_QUEUE: 'd' };
const PHASE = '/x/collections/orders/phase';

class World {
  readonly written: string[] = [];
  readonly values = new Map([
    ['/x/couchbase-writes', 'true'],
    ['/x/oracle-writes', 'false'],
    ['/x/reads', 'couchbase'],
  ]);
  version = 1;
  /** SSM's clock, and when it has written the phase. */
  now = Date.now();
  changed = 0;
  isAway = false;
  verifications: Ended[] = [];
  readonly control: Controller;
  readonly #parts: Container;

  constructor(phase: Phase) {
    this.values.set(PHASE, JSON.stringify({ phase, since: 0, by: 'test' }));
    const parameters = {
      send: async (command: GetParametersCommand) => {
        const headers = { date: new Date(this.now).toUTCString() };
        const handler = async () => ({ response: { headers }, output: this.#answer(command) as never });
        return (await command.middlewareStack.resolve(handler, {})(command as never)).output;
      },
    };
    const asked = async (store: 'couchbase' | 'oracle') => {
      const target = { store, operation: 'read', collection: 'x', key: null };
      if (this.isAway && store === 'oracle') throw new StoreUnavailable(target, false, new Error('gone'));
    };
    const history = async (kind: Kind) => {
      await asked('oracle');
      return kind === 'verify' ? this.verifications : [];
    };
    const stores = evidenceStores({ ledger: { history, underWay: async () => [] } }, asked);
    const queues = { send: async () => ({ Attributes: {} }) };
    const moves = { hold: false, windows: [] };
    const configuration = { timing: TIMING, moves, guard: null, collections: { orders: {} } };
    const now = () => this.now;
    this.#parts = { parameters, stores, queues, configuration, now } as unknown as Container;
    this.control = controllerOver(this.#parts, ENVIRONMENT);
  }

  get phase() {
    return parsePhase(this.values.get(PHASE) ?? '');
  }

  /** An hour goes by: no bake is left. */
  age(): void {
    this.now += 3_600_000;
  }

  async look() {
    const [seen] = await this.control.look(this.#ports());
    assert.ok(seen !== undefined);
    return seen;
  }

  async step() {
    const failed = (_: string, error: unknown) => assert.fail(String(error));
    const [stepped] = await this.control.step(this.#ports(), failed);
    assert.ok(stepped !== undefined);
    return stepped;
  }

  #ports() {
    return { ...lookOver(this.#parts, ENVIRONMENT, new Reach(() => true)), timely: () => true };
  }

  #answer(command: unknown) {
    const parameter = (Name: string) => {
      const Value = this.values.get(Name) ?? (Name.includes('/collections/') ? 'inherit' : undefined);
      if (Value === undefined || (Name.includes('/moves/') && !this.values.has(Name))) return [];
      const [Version, changed] = Name === PHASE ? [this.version, this.changed] : [1, this.now];
      return [{ Name, Value, Version, LastModifiedDate: new Date(changed) }];
    };
    if (command instanceof GetParametersCommand)
      return { Parameters: (command.input.Names ?? []).flatMap(parameter) };
    assert.ok(command instanceof PutParameterCommand);
    const { Name = '', Value = '', Overwrite = false } = command.input;
    if (this.values.has(Name) && !Overwrite)
      throw new ParameterAlreadyExists({ message: Name, $metadata: {} });
    assert.ok(Buffer.byteLength(Value) <= 4096);
    if (Name === PHASE) assert.match(Value, /^\{"phase":"[a-z]+","since":\d+,"by":".{0,250}"\}$/);
    this.values.set(Name, Value);
    if (Name === PHASE) [this.version, this.changed] = [this.version + 1, this.now];
    this.written.push(Name);
    return {};
  }
}

test('a force is told of before it writes anything, its claim and its phase carry the mark, and no store is asked', async () => {
  const world = new World('settle');
  world.isAway = true;
  const moved = await world.control.force('orders', 'user/me', 'Oracle is away', async ({ from, to }) => {
    world.written.push(`asked ${from} ${to}`);
  });
  assert.deepEqual(world.written, ['asked settle switch', '/x/moves/orders/1', PHASE]);
  const { at } = moved;
  const mark = { from: 'settle', to: 'switch', at, claim: 1 };
  assert.deepEqual(markIn(moved.by), [mark]);
  assert.deepEqual([world.phase.phase, world.phase.forced], ['switch', [mark]]);
  assert.deepEqual(JSON.parse(world.values.get('/x/moves/orders/1') ?? ''), moved);
  assert.equal(moved.why, 'forced: Oracle is away');
  // Not before its bake is over.
  await assert.rejects(
    world.control.force('orders', 'me', 'again, please', async () => assert.fail()),
    MoveRefused,
  );
  const { forced, heals } = await world.look();
  assert.deepEqual(forced, [{ ...mark, by: 'user/me', why: 'Oracle is away' }]);
  assert.match(heals ?? '', /npx crossfade verify start orders --repair/);
});

test('with Oracle away the way back to legacy takes two more forces, and the mark stays', async () => {
  const world = new World('switch');
  world.isAway = true;
  const force = () => world.control.force('orders', 'me', 'Oracle is away', async () => {});
  await force();
  world.age();
  const { decision, moved, forced } = await world.step();
  assert.deepEqual([decision.kind, moved, forced], ['wait', null, 1]);
  await force();
  world.age();
  assert.equal((await world.step()).moved?.to, 'legacy');
  assert.deepEqual(
    world.phase.forced?.map(({ from, to }) => `${from} ${to}`),
    ['switch seal', 'seal expand'],
  );
  world.age();
  assert.deepEqual([(await world.step()).decision.kind, (await world.step()).forced], ['arrived', 2]);
});

test('a free move that is forced leaves no mark, since it skips nothing', async () => {
  const world = new World('expand');
  const { by, why } = await world.control.force('orders', 'me', 'at once', async () => {});
  assert.deepEqual([by, why, world.phase.forced], ['me', 'forced: at once', undefined]);
});

test('once a verification has healed it, status and the count of the controller are silent, and the next move drops the mark', async () => {
  const world = new World('switch');
  const { at } = await world.control.force('orders', 'me', 'for a test', async () => {});
  world.age();
  const started = at + 2 * (TIMING.lease + TIMING.request);
  const options = { mode: 'content' } as const;
  world.verifications = [
    {
      id: 'v',
      kind: 'verify',
      collection: 'orders',
      options,
      stamp: STAMP,
      phase: 'seal',
      started,
      finished: started + 1,
      outcome: 'clean',
    },
  ];
  const { forced, heals } = await world.look();
  assert.deepEqual([forced, heals], [[], null]);
  const { moved } = await world.step();
  assert.deepEqual([moved?.to, moved?.by, world.phase.forced], ['expand', 'controller', undefined]);
});
