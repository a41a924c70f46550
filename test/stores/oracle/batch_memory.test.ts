/** Documents of a batch wait in memory for its commit: as bytes, and not as trees, which can be 70 times as large. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type PreflightPorts, preflight } from '../../../functions/operations/preflight.ts';
import { documentFrom } from '../../../functions/protocol/fingerprint.ts';
import { Batches } from '../../../functions/stores/oracle/batch.ts';
import type { OracleConnection } from '../../../functions/stores/oracle/connection.ts';
import { fill } from '../../../functions/stores/oracle/table.ts';

setFlagsFromString('--expose_gc');
const collect = runInNewContext('gc') as () => void;
/**
 * Bytes of the heap that are held. The runtime itself holds some 500 KB for a moment now and then, for code that it compiles, say; a
 * tree that is held stays. So the least of several looks counts, with turns of the event loop in between.
 */
async function heap(): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let look = 0; look < 5; look++) {
    await nextTurn();
    collect();
    least = Math.min(least, process.memoryUsage().heapUsed);
  }
  return least;
}

const NESTED = `${'{"a":'.repeat(30)}1${'}'.repeat(30)}`;
const BODY = Buffer.from(`{"total":1,"parts":[${Array(1000).fill(NESTED).join(',')}]}`);
const COUNT = 4;
/** As much as their bytes: the tree of one of them takes 18 times as much. */
const MOST = COUNT * BODY.length;
const TABLE = {
  name: 'ORDERS',
  columns: [
    {
      ...{ name: 'TOTAL', path: 'total', nullable: false },
      type: { kind: 'number', precision: 20, scale: 2 },
    },
  ],
  projections: [],
} as const;
const documents = () => Array.from({ length: COUNT }, () => documentFrom(BODY, null));

test('a batch holds no tree of its documents while Oracle works on it', async () => {
  let held = 0;
  const before = await heap();
  const session = {
    executeMany: async (_: string, rows: readonly unknown[]) => {
      held = (await heap()) - before;
      return { dmlRowCounts: rows.map(() => 1) };
    },
    commit: async () => {},
  };
  const connection = { use: (_: unknown, __: unknown, act: (on: typeof session) => unknown) => act(session) };
  const batches = new Batches(connection as unknown as OracleConnection, TABLE);
  const copies = documents().map((content, n) => ({ key: `k-${n}`, content, version: 1n }));
  const outcomes = await batches.apply(copies);
  assert.deepEqual(
    outcomes.map(({ kind }) => kind),
    copies.map(() => 'applied'),
  );
  assert.ok(held < MOST, `${held} bytes are held for ${COUNT} bodies of ${BODY.length} bytes`);
});

test('a preflight holds no tree of documents that it has looked at', async () => {
  const before = await heap();
  const reads = documents().map((content, n) => ({
    key: `k-${n}`,
    state: { content, version: 1n, cas: 1n },
  }));
  const target = { store: 'oracle', operation: 'check', collection: 'ORDERS', key: '' } as const;
  const found = await preflight(
    { name: 'preflight', collection: 'orders', after: '', upTo: null },
    {
      ...({} as Pick<PreflightPorts, 'walks' | 'attempts'>),
      ...{ stamp: '', now: () => 0, durabilityProblem: async () => null },
      load: () => Promise.reject(new Error('It is asked for at the beginning of a collection alone')),
      keys: async () => reads.map(({ key }) => key),
      sizes: async (keys) => keys.map(() => BODY.length),
      read: async () => reads,
      require: (_, content) => {
        fill(TABLE, content, target, 0);
      },
      timely: () => true,
    },
  );
  assert.deepEqual([found.checked, found.refused, found.notJson], [COUNT, 0, 0]);
  const held = (await heap()) - before;
  // They are what is measured: were they not used here, they could be gone by now, and their trees with them.
  assert.equal(reads.length, COUNT);
  assert.ok(held < MOST, `${held} bytes are held`);
});

test('a batch that is over has left none of its rows with documents that wait for the others of their look', async () => {
  const source = { kind: 'element', path: '' } as const;
  const policies = { missing: { kind: 'null' }, misfit: { kind: 'refuse' } } as const;
  const column = {
    name: 'A',
    source,
    type: { kind: 'number', precision: null, scale: null },
    ...policies,
  } as const;
  const list = { table: 'L', where: [], each: '', identifiedBy: null, foreignKey: false, indexes: [] };
  const table = { name: 'LISTS', columns: [], projections: [{ ...list, columns: [column] }] };
  const body = Buffer.from(JSON.stringify(Array.from({ length: 10_000 }, () => 1)));
  const copies = Array.from({ length: COUNT }, (_, n) => ({
    ...{ key: `k-${n}`, content: documentFrom(body, null), version: 1n },
  }));
  const session = {
    executeMany: async (_: string, rows: readonly unknown[]) => ({ dmlRowCounts: rows.map(() => 1) }),
    commit: async () => {},
  };
  const connection = { use: (_: unknown, __: unknown, act: (on: typeof session) => unknown) => act(session) };
  const before = await heap();
  const outcomes = await new Batches(connection as unknown as OracleConnection, table).apply(copies);
  const held = (await heap()) - before;
  assert.deepEqual(
    outcomes.map(({ kind }) => kind),
    copies.map(() => 'applied'),
  );
  assert.ok(held < 1_000_000, `${held} bytes are held of ${COUNT * 10_000} rows`);
});
