/** What expires in thousands is swept in few statements. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Target } from '../../../functions/stores/failure.ts';
import type { OracleConnection } from '../../../functions/stores/oracle/connection.ts';
import { sweepBatch } from '../../../functions/stores/oracle/expired.ts';
import { type TestDatabase, testDatabase } from './database.ts';

let database: TestDatabase;
before(async () => {
  database = await testDatabase();
});
after(() => database.stop());

const [PAST, NOW, FUTURE] = [1_000_000_000, 1_100_000_000, 1_200_000_000];
const TARGET: Target = { store: 'oracle', operation: 'sweep', collection: 'T', key: null };

/** 100 documents that expire then, or 10,000: one for each pair of them. */
async function fill(expires: number, prefix: string, pairs: boolean): Promise<void> {
  const { connection, table } = database;
  const rows = Array.from({ length: 100 }, (_, n) => ({ k: `${prefix}-${n}`, expires }));
  const into = `INSERT INTO ${table.name} (doc_key, version, handback, kind, expires)`;
  await connection.use(TARGET, true, async (session) => {
    await session.executeMany(`${into} VALUES (:k, 1, 0, 'other', :expires)`, rows, { autoCommit: true });
    if (!pairs) return;
    const cross = `SELECT a.doc_key || '.' || b.doc_key, 1, 0, 'other', a.expires FROM ${table.name} a, ${table.name} b`;
    await session.execute(`${into} ${cross}`, [], { autoCommit: true });
    await session.execute(`DELETE FROM ${table.name} WHERE doc_key NOT LIKE '%.%'`, [], { autoCommit: true });
  });
}

/** The same connection, which counts the statements that go through it. */
function counting(connection: OracleConnection, texts: string[]): OracleConnection {
  const use: OracleConnection['use'] = (target, mutation, act) =>
    connection.use(target, mutation, (session) =>
      act(
        new Proxy(session, {
          get: (whole, name) => {
            const found = Reflect.get(whole, name);
            if (name !== 'execute') return typeof found === 'function' ? found.bind(whole) : found;
            return (text: string, ...rest: [never]) => {
              texts.push(text);
              return whole.execute(text, ...rest);
            };
          },
        }),
      ),
    );
  return { use } as OracleConnection;
}

test('10,000 expired documents are swept in 25 statements, and no other document', async () => {
  const { connection, table } = database;
  await fill(PAST, 'past', true);
  await fill(FUTURE, 'future', false);
  const texts: string[] = [];
  const counted = counting(connection, texts);
  const batches: number[] = [];
  for (let swept = -1; swept !== 0; batches.push(swept))
    swept = await sweepBatch(counted, table, TARGET, 2048, NOW * 1000);
  assert.deepEqual(batches, [2048, 2048, 2048, 2048, 1808, 0]);
  // 5 batches with 4 updates each, and the one that finds nothing.
  assert.equal(texts.length, 5 * (1 + 4) + 1);
  const count = `SELECT kind, COUNT(*), COUNT(expires) FROM ${table.name} GROUP BY kind ORDER BY kind`;
  const { rows } = await connection.use(TARGET, false, (session) => session.execute(count));
  assert.deepEqual(rows, [
    ['gone', 10_000, 0],
    ['other', 100, 100],
  ]);
});
