/** A round of the function that moves phases: what it counts, in which order it works, and what keeps what from happening. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type RoundPorts, round } from '../../functions/operations/round.ts';
import { SURPLUS } from '../../functions/operations/upkeep.ts';
import { BadHeartbeat } from '../../functions/records/heartbeat.ts';
import { BUSY } from '../../functions/runs/lanes.ts';
import { totalsOf } from '../runs/totals.ts';
import { AWAY, run, stepped, World } from './round_world.ts';

test('RunsStalled counts the runs that have got no further for longer than a busy worker takes', async () => {
  const world = new World();
  const stalled = (over?: Partial<RoundPorts>) => world.measured('RunsStalled', over);
  assert.equal(await stalled(), 0, 'no run is under way');
  world.runs = [run('one'), run('two', 'items')];
  world.shard = { ...world.shard, changed: world.now - BUSY };
  assert.equal(await stalled(), 0, 'not yet');
  world.now += 1;
  assert.equal(await stalled(), 2);
  // Workers that die at once take a shard again and again: that it was taken says nothing.
  world.shard = { ...world.shard, changed: world.now };
  assert.equal(await stalled(), 2);
  world.shard = { ...world.shard, listed: 8 };
  assert.equal(await stalled(), 0, 'it has got further');
});

test('runs that nobody can tell of count as none: other alarms tell that a store is away', async () => {
  const world = new World();
  world.runs = [run('one'), run('two', 'items')];
  assert.equal(await world.measured('RunsStalled'), 2);
  assert.equal(await world.measured('RunsStalled', { underWay: AWAY }), 0);
  assert.equal(await world.measured('RunsStalled', { totals: AWAY }), 0);
  const half = (id: string) => (id === 'one' ? AWAY() : Promise.resolve(totalsOf([world.shard])));
  assert.equal(await world.measured('RunsStalled', { totals: half }), 1);
});

test('a move is entered in the name of whoever made it, without its mark, and then the runs that others wait for start', async () => {
  const world = new World();
  const move = { from: 'seal', to: 'switch', by: 'controller', at: 1, why: 'x' } as const;
  const start = [{ job: 'verify', input: {} }] as const;
  world.steps = [
    { ...stepped('orders', 'seal'), moved: move },
    { ...stepped('items', 'settle', 'wait'), start },
  ];
  // Changes of flags are entered after moves: those out of an emergency wait for nothing.
  const enterFlags = async () => void world.acts.push('entered flags');
  assert.equal(await world.measured('Moves', { enterFlags }), 1);
  assert.deepEqual(world.acts, [
    ...['looked orders', 'audited orders controller', 'looked items', 'started verify', 'entered flags'],
    ...['swept orders', 'swept items'],
  ]);
});

test('moves that are due and were not made are named in the log', async () => {
  const world = new World();
  world.steps = [stepped('orders', 'seal', 'wait'), { ...stepped('items', 'seal', 'wait'), postponed: true }];
  await round(world.ports());
  assert.equal(world.said.length, 1);
  assert.match(world.said[0] ?? '', /^Some moves are due and were not made.*"collections":"items"/);
});

test('a collection that could not be looked at fails the round, after everything else was done', async () => {
  const world = new World();
  world.steps = [stepped('items', 'expand')];
  const step: RoundPorts['control']['step'] = async (_, failed) => {
    failed('orders', new Error('broken'));
    return world.steps;
  };
  const { control } = world.ports();
  await assert.rejects(round(world.ports({ control: { ...control, step } })), /^Error: orders: broken$/);
  assert.deepEqual(world.said, ['failed orders']);
  assert.deepEqual(world.acts, ['looked items', 'swept orders', 'swept items']);
  assert.ok(world.metrics.has('RunsStalled') && world.metrics.has('MoveWaitingAge'));
});

test('the state machine is told when it is worth looking again', async () => {
  const world = new World();
  world.steps = [stepped('orders', 'expand')];
  assert.deepEqual(await round(world.ports()), { refused: false, reason: '', wait: 0 });
  // A read that comes at once after a change may still find what was before.
  assert.deepEqual(await round(world.ports({ changed: true })), { refused: false, reason: '', wait: 5 });
  world.steps = [stepped('orders', 'expand', 'wait')];
  assert.equal((await round(world.ports())).wait, 20);
});

test('ages are those of the oldest: of a phase that should not last, and of a move that waits', async () => {
  const world = new World();
  assert.equal(await world.measured('TransitAge'), 0);
  assert.equal(await world.measured('MoveWaitingAge'), 0);
  world.steps = [
    stepped('a', 'seal', 'wait', 30),
    stepped('b', 'switch', 'arrived', 40),
    stepped('c', 'settle', 'wait', 50),
    { ...stepped('d', 'expand', 'arrived', 60), forced: 2 },
  ];
  assert.equal(await world.measured('TransitAge'), 40);
  assert.equal(await world.measured('MoveWaitingAge'), 50);
  assert.equal(await world.measured('MoveWaiting'), 2);
  assert.equal(await world.measured('ForcedUnhealed'), 1);
});

test('nothing is removed behind another store, and its problem is told', async () => {
  const world = new World();
  world.steps = [stepped('orders', 'expand'), stepped('items', 'expand')];
  const sights: RoundPorts['sights'] = async (name) => [
    { store: 'couchbase', problem: name === 'orders' ? 'another one' : null },
  ];
  assert.equal(await world.measured('IdentityChanged', { sights }), 1);
  assert.deepEqual([world.said, world.acts.at(-1)], [['another one'], 'swept items']);
  assert.ok(!world.acts.includes('swept orders'));
  assert.equal(await world.measured('IdentityChanged', { sights: AWAY }), 0);
});

test('whether Oracle has lost commits is asked before anything is decided, and its number rises after that', async () => {
  const world = new World();
  const { control, heartbeat } = world.ports();
  const check = async () => {
    world.beats.push('checked');
    return { found: null };
  };
  const step: RoundPorts['control']['step'] = async () => {
    world.beats.push('stepped');
    return [];
  };
  await round(world.ports({ heartbeat: { ...heartbeat, check }, control: { ...control, step } }));
  assert.deepEqual(world.beats, ['checked', 'stepped', 'raised']);
});

test('the number rests while a collection does not go on with this Oracle, or while it must not rise', async () => {
  const raises = async (over: Partial<RoundPorts>) => {
    const world = new World();
    world.steps = [stepped('orders', 'expand'), stepped('items', 'expand')];
    await round(world.ports(over));
    return world.beats.includes('raised');
  };
  const behind = (store: 'couchbase' | 'oracle') => ({
    sights: async (name: string) => [{ store, problem: name === 'items' ? 'another one' : null }],
  });
  assert.equal(await raises(behind('oracle')), false);
  assert.equal(await raises(behind('couchbase')), true);
  const { heartbeat } = new World().ports();
  assert.equal(await raises({ heartbeat: { ...heartbeat, check: async () => null } }), false);
});

test('where SSM or Oracle is away, the next look checks and raises the number; a parameter that holds no number fails the round', async () => {
  const world = new World();
  const { heartbeat } = world.ports();
  await round(world.ports({ heartbeat: { ...heartbeat, check: AWAY } }));
  await round(world.ports({ heartbeat: { ...heartbeat, raise: AWAY } }));
  assert.deepEqual(world.beats, []);
  assert.deepEqual(
    world.said.map((line) => line.slice(0, line.indexOf(':'))),
    ['Whether Oracle has lost commits was not checked', 'The heartbeat of Oracle was not raised'],
  );
  const check = () => Promise.reject(new BadHeartbeat('/x/oracle-heartbeat', 'seven'));
  await assert.rejects(
    round(world.ports({ heartbeat: { ...heartbeat, check } })),
    /^Error: HEARTBEAT_PARAMETER: the parameter \/x\/oracle-heartbeat holds "seven"/,
  );
  assert.deepEqual(world.acts.slice(-2), ['swept orders', 'swept items']);
  assert.deepEqual(world.beats, []);
});

test('a collection that cannot be swept keeps no other from it, unless Oracle is away', async () => {
  const world = new World();
  const sweepDocuments: RoundPorts['sweepDocuments'] = async (name) =>
    name === 'orders' ? AWAY() : world.acts.push('swept items');
  await round(world.ports({ sweepDocuments }));
  assert.deepEqual([world.acts, world.metrics.get('DocumentsSwept')], [['swept items'], [1]]);
  assert.deepEqual(world.said, ['orders was not swept {"cause":"Error: Oracle is away"}']);
  await round(world.ports({ sweepDocuments, oracleIsAway: () => true }));
  assert.deepEqual(world.acts, ['swept items']);
});

test('the queue of dead letters is swept where a message has no letter, or many have one too many', async () => {
  const world = new World();
  const received = async (over: Partial<RoundPorts> = {}) => {
    world.acts.length = 0;
    await round(world.ports(over));
    return world.acts.filter((act) => act.startsWith('received')).length > 0;
  };
  assert.equal(await received(), false);
  world.deadLetters = { unread: 0, surplus: SURPLUS };
  assert.equal(await received(), false);
  world.deadLetters = { unread: 0, surplus: SURPLUS + 1 };
  assert.equal(await received(), true);
  world.deadLetters = { unread: 1, surplus: 0 };
  assert.equal(await received(), true);
  assert.equal(await received({ deadLetters: AWAY }), false);
  assert.match(world.said.join(), /^The queue of dead letters was not swept/);
});

test('a sweep of the queue takes a quarter of the time that is left, and no more', async () => {
  const world = new World();
  let timely: () => boolean = assert.fail;
  const { sweepPorts } = world.ports();
  await round(
    world.ports({
      sweepPorts: (inTime) => {
        timely = inTime;
        return sweepPorts(inTime);
      },
    }),
  );
  world.left = 30_001;
  assert.equal(timely(), true);
  world.left = 30_000;
  assert.equal(timely(), false);
});

test('letters that are overdue are renewed; where that fails, the round goes on', async () => {
  const world = new World();
  const { overdue } = world.ports();
  const sent: string[] = [];
  const send = async (_: string, key: string) => void sent.push(key);
  const letter = { id: 'l', collection: 'orders', key: 'k' } as never;
  await round(world.ports({ overdue: { ...overdue, overdue: async () => [letter], send } }));
  assert.deepEqual(sent, ['k']);
  await round(world.ports({ overdue: { ...overdue, overdue: AWAY } }));
  assert.match(world.said.join(), /^Letters that are overdue were not renewed/);
  assert.deepEqual(world.metrics.get('RunsStalled'), [0, 0]);
});

test('conflicts are counted over all collections, each that has any is told, and none are counted where Oracle is away', async () => {
  const world = new World();
  const open = new Map([
    ['orders', 2],
    ['items', 0],
  ]);
  assert.equal(await world.measured('ConflictsOpen', { openConflicts: async () => open }), 2);
  assert.deepEqual(world.said, ['Conflicts wait for a decision {"collection":"orders","conflicts":2}']);
  assert.equal(await world.measured('ConflictsOpen', { openConflicts: AWAY }), undefined);
});

test('rows that were changed by SQL are counted over all collections, and none are counted where Oracle is away', async () => {
  const world = new World();
  assert.equal(await world.measured('SqlChangesOpen', { countSqlChanges: async () => 3 }), 6);
  assert.match(
    world.said.join(),
    /^Rows that were changed by SQL wait for a decision {"collection":"orders","rows":3}/,
  );
  assert.equal(await world.measured('SqlChangesOpen', { countSqlChanges: AWAY }), undefined);
});
