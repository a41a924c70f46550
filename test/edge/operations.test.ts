/** What operations reach of a deployment, and for how long they may ask. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lastCall, lastQuestion } from '../../functions/configuration/configuration.ts';
import type { Controller } from '../../functions/control/controller.ts';
import type { Container } from '../../functions/edge/container.ts';
import { operationPorts } from '../../functions/edge/operations.ts';
import type { ProjectedColumn, Projection } from '../../functions/projection/projection.ts';
import { documentFrom } from '../../functions/protocol/fingerprint.ts';
import { OutOfTime } from '../../functions/stores/reach.ts';
import { WHOLE } from '../../functions/stores/selection.ts';

const TIMING = { lease: 30_000, refresh: 5000, request: 20_000, call: 3000, backfill: 300_000 };
const ENVIRONMENT = {
  ...{ COUCHBASE_SECRET: 'c', ORACLE_SECRET: 'o', ORACLE_LOGINS: 'control' },
  ...{ PARAMETERS: '/x', RECEIPTS_QUEUE: 'r', DEAD_LETTERS_QUEUE: 'd' },
  ...{ COPY_MACHINE: 'copy', VERIFY_MACHINE: 'verify' },
};

const COLUMN: Omit<ProjectedColumn, 'name'> = {
  source: { kind: 'document', path: 'a.b' },
  ...{ type: { kind: 'clob' }, missing: { kind: 'null' }, misfit: { kind: 'null' } },
};
const PROJECTIONS: readonly Projection[] = [
  {
    ...{ table: 'T', where: [], each: null, identifiedBy: null, foreignKey: false, indexes: [] },
    columns: [
      { ...COLUMN, name: 'EASY' },
      { ...COLUMN, name: 'STRICT', tolerate: 0 },
    ],
  },
];

function deployed(remaining = 20_000) {
  const asked: unknown[][] = [];
  const noted =
    <Result>(what: string, result: Result) =>
    async (...given: unknown[]) => {
      asked.push([what, ...given]);
      return result;
    };
  const run = { id: 'r', kind: 'verify', phase: 'expand', started: 0, options: {} };
  const stores = {
    mapping: () => ({}),
    siblings: () => [],
    of: () => ({
      selection: WHOLE,
      table: { name: 'ORDERS', projections: PROJECTIONS },
      couchbase: { durabilityProblem: async (keys: readonly string[]) => `asked with ${keys.length} keys` },
      oracle: { require: noted('require', undefined) },
    }),
    audit: { write: noted('write', undefined), latest: noted('latest', []) },
    identity: { sights: noted('sights', []), accept: noted('accept', []) },
    notDurable: { note: noted('note', undefined) },
    ledger: {
      ...{
        underWay: noted('underWay', [run]),
        shardWith: noted('shard', null),
        totals: noted('totals', NO_SHARDS),
        open: noted('open', []),
        history: noted('history', []),
      },
    },
    findings: {
      ofKey: noted('findings', []),
      within: (timely: () => boolean) => ({
        tally: noted(`tally, timely: ${timely()}`, []),
        of: noted(`mismatches, timely: ${timely()}`, []),
      }),
    },
    repairs: { of: noted('repairs', []) },
    letters: { ofKey: noted('letters', []) },
    setAside: { list: noted('list', []), openConflicts: noted('conflicts', 3) },
  };
  const parts = {
    ...{ stores, audit: stores.audit, queues: {} },
    ...{ configuration: { timing: TIMING, collections: { orders: {} } }, now: () => 9 },
    phases: { current: async () => ({ phase: 'seal' }) },
  } as unknown as Container;
  const control = {
    effective: async () => ({ phase: 'settle', since: 0, by: 'test' }),
    look: noted('look', []),
  } as unknown as Controller;
  return { asked, ports: operationPorts(parts, ENVIRONMENT, control, () => remaining) };
}

const NO_SHARDS = {
  shards: 0,
  done: 0,
  changed: 0,
  listed: 0,
  applied: 0,
  stale: 0,
  gone: 0,
  failed: 0,
  bytes: 0,
};

test('where a deployment is, is told by its environment and configuration', () => {
  const { ports } = deployed();
  assert.deepEqual(ports.about(), {
    ...{ parameters: '/x', machines: { copy: 'copy', verify: 'verify' }, collections: ['orders'] },
    ...{ bake: 50_000, request: 20_000, auditLog: null },
  });
  assert.equal(ports.tableOf('orders'), 'ORDERS');
});

test('stores are accepted for the phase that is published, and not for one that a container remembers', async () => {
  const { ports } = deployed();
  assert.deepEqual(await ports.accept('orders').phase(), { phase: 'settle', ahead: null });
  assert.equal(await ports.explain('orders').phase('a'), 'seal');
});

test('what is accepted is noted by the clock of all containers, of the collection that was named', async () => {
  const { ports, asked } = deployed();
  const accept = ports.accept('orders');
  await accept.note(accept.now());
  await accept.sights('settle');
  await accept.accept(['oracle']);
  assert.deepEqual(asked, [
    ['note', 'orders', 9],
    ['sights', 'orders', 'settle'],
    ['accept', 'orders', ['oracle']],
  ]);
});

test('what is told of one document is a few notes of each kind, and one shard of each unfinished run', async () => {
  const { ports, asked } = deployed();
  const explain = ports.explain('orders');
  const told = [explain.findings('k'), explain.repairs('k'), explain.letters('k'), explain.setAside('k')];
  await Promise.all(told);
  assert.equal((await explain.runs('k'))[0]?.shard, null);
  assert.deepEqual(asked, [
    ['findings', 'k', 20],
    ['repairs', 'orders', 'k', 20],
    ['letters', 'orders', 'k'],
    ['list', 'ORDERS', { key: 'k' }, null, 100],
    ['underWay', 'orders'],
    ['shard', 'r', 'k'],
  ]);
});

test('a look before a backfill asks whether Couchbase can write with enough keys, and changes nothing', async () => {
  const { ports } = deployed();
  assert.equal(await ports.preflight('orders').durabilityProblem(), 'asked with 16 keys');
});

test('a look before a backfill counts what the projections of the collection take', () => {
  const { filling, projections } = deployed().ports.preflight('orders');
  const column = { missing: 1, nulled: 0, rounded: 0, refused: 0 };
  const of = (name: string) => ({ name, from: 'a.b', tolerate: name === 'STRICT' ? 0 : undefined });
  assert.deepEqual(projections, [{ table: 'T', columns: [of('EASY'), of('STRICT')] }]);
  const counts = filling?.('k', documentFrom(Buffer.from('{}'), null));
  assert.deepEqual(counts, [{ taken: 1, rows: 1, refused: 0, columns: [column, column] }]);
});

test('what is left of the time bounds each operation: nothing more is asked that could outlast the function', async () => {
  const [least, call, reserve] = [lastQuestion(TIMING), lastCall(TIMING) + TIMING.call, TIMING.request / 8];
  for (const remaining of [20_000, least + reserve + 1, least + reserve, least + 1, least, call + 1, call]) {
    const { asked, ports } = deployed(remaining);
    const conflicts = (left: number) =>
      ports
        .questions('orders', left)
        .risks.conflicts()
        .catch((error: unknown) => (error instanceof OutOfTime ? null : Promise.reject(error)));
    assert.equal(await conflicts(0), remaining > least ? 3 : null, `${remaining}`);
    // The move itself needs what is reserved.
    assert.equal(await conflicts(reserve), remaining > least + reserve ? 3 : null, `${remaining}`);
    const runs = ports.overview.runs('orders');
    if (remaining > least) assert.equal((await runs)[0]?.run, 'r');
    else await assert.rejects(runs, OutOfTime);
    const tallies = asked.filter(([what]) => String(what).startsWith('tally'));
    assert.deepEqual(tallies, remaining > least ? [['tally, timely: true', 'r']] : []);
    await ports.verified('orders').mismatches('r');
    assert.deepEqual(asked.at(-1), [`mismatches, timely: ${remaining > call}`, 'r', 'mismatch', 1000]);
    for (const timely of [ports.preflight('orders').timely, ports.setAside('orders').timely])
      assert.equal(timely(), remaining > call, `${remaining}`);
    // Of a decision, a write follows the look.
    const decide = ports.decide('orders', 'me', 'why');
    assert.equal(decide.timely(), remaining > call + TIMING.call, `${remaining}`);
  }
});
