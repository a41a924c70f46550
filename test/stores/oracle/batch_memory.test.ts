/** Documents of a batch wait in memory for its commit: as bytes, and not as trees, which can be 70 times as large. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type PreflightPorts, preflight } from '../../../functions/operations/preflight.ts';
import { documentFrom } from '../../../functions/protocol/fingerprint.ts';
import { Batches } from '../../../functions/stores/oracle/batch.ts';
import type { OracleConnection } from '../../../functions/stores/oracle/connection.ts';
import { fill } from '../../../functions/stores/oracle/table.ts';

setFlagsFromString('--expose_gc');
const collect = runInNewContext('gc') as () => void;
function heap(): number {
  collect();
  return process.memoryUsage().heapUsed;
}

const NESTED = `${'{"a":'.repeat(30)}1${'}'.repeat(30)}`;
const BODY = Buffer.from(`{"total":1,"parts":[${Array(1000).fill(NESTED).join(',')}]}`);
const [COUNT, MOST] = [4, 2 * BODY.length];
const TABLE = {
  name: 'ORDERS',
  columns: [
    {
      ...{ name: 'TOTAL', path: 'total', nullable: false },
      type: { kind: 'number', precision: 20, scale: 2 },
    },
  ],
} as const;
const documents = () => Array.from({ length: COUNT }, () => documentFrom(BODY, null));

test('a batch holds no tree of its documents while Oracle works on it', async () => {
  let held = 0;
  const before = heap();
  const session = {
    executeMany: async (_: string, rows: readonly unknown[]) => {
      held = heap() - before;
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
  const before = heap();
  const held: number[] = [];
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
        held.push(heap() - before);
        fill(TABLE, content, target, 0);
      },
      timely: () => true,
    },
  );
  assert.deepEqual([found.checked, found.refused, found.notJson], [COUNT, 0, 0]);
  assert.ok(Math.max(...held) < MOST, `${held} bytes are held`);
});
