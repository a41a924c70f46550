/** Writers that race for documents with projections; declared in the test file of races, whose transactions run at the same time. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import type oracledb from 'oracledb';
import pMap from 'p-map';
import { project } from '../../../functions/projection/project.ts';
import { Batches } from '../../../functions/stores/oracle/batch.ts';
import type { OracleConnection } from '../../../functions/stores/oracle/connection.ts';
import { type HeldDocument, holdDocument } from '../../../functions/stores/oracle/hold_document.ts';
import type { TestDatabase } from './database.ts';
import { customer, order, world } from './projected_world.ts';

/** As many lines as the version says, and none now and then. */
const linesOf = (version: bigint) => Number(version % 4n);
const contentOf = (version: bigint) =>
  version % 7n === 0n
    ? null
    : order('1', ...Array.from({ length: linesOf(version) }, (_, n) => `line ${n} of ${version}`));

export function projectedRaces(running: () => TestDatabase): void {
  test('whoever writes a document in whatever order, each commit has the rows of its content, and the last ones are those of the newest', async () => {
    const { connection, table, store, exact } = await world(running());
    const keys = Array.from({ length: 6 }, () => randomUUID());
    const lines = table.projections[1]?.table;
    const query =
      `SELECT TO_CHAR(version), kind, (SELECT COUNT(*) FROM ${lines} WHERE ${lines}.doc_key = ${table.name}.doc_key) ` +
      `FROM ${table.name}`;
    const seen = async () => {
      const { rows = [] } = await connection.use(store.target(null, 'test'), false, (session) =>
        session.execute<[string, string, number]>(query),
      );
      for (const [version, kind, count] of rows)
        assert.equal(count, kind === 'gone' ? 0 : linesOf(BigInt(version)), `version ${version}`);
      return rows.length;
    };
    const batches = new Batches(connection, table);
    const versions = Array.from({ length: 20 }, (_, n) => BigInt(1 + ((n * 7) % 20)));
    let looks = 0;
    await pMap(
      versions,
      async (version) => {
        const copy = { content: contentOf(version), version };
        await store.apply(keys[0] ?? '', copy);
        const outcomes = await batches.apply(keys.slice(1).map((key) => ({ key, ...copy })));
        assert.ok(outcomes.every(({ kind }) => kind !== 'failed'));
        looks += await seen();
      },
      { concurrency: 8 },
    );
    assert.ok(looks > keys.length);
    for (const key of keys) await exact(key, contentOf(20n));
  });
  lateRow(running);
}

function lateRow(running: () => TestDatabase): void {
  test('a document that is written while rows of its key are removed has its rows afterwards', async () => {
    const { store, exact, execute, connection, table } = await world(running());
    const key = randomUUID();
    const customers = table.projections[2]?.table;
    await execute(`INSERT INTO ${customers} (doc_key, name) VALUES ('${key}', 'left')`);
    const content = customer('new');
    let struck = 0;
    // DELETE has found its rows, waits for the writer that has put new values into one of them, and removes that row: it looks again at columns of its condition alone.
    const late = (session: oracledb.Connection) =>
      new Proxy(session, {
        get: (target, name) => {
          const member = Reflect.get(target, name, target);
          if (typeof member !== 'function') return member;
          if (name !== 'execute') return member.bind(target);
          return async (text: string, ...rest: unknown[]) => {
            if (!text.startsWith(`DELETE FROM ${customers}`) || struck++ > 0)
              return member.call(target, text, ...rest);
            await store.apply(key, { content, version: 1n });
            return target.execute(`DELETE FROM ${customers} WHERE doc_key = :key`, { key });
          };
        },
      });
    const use: OracleConnection['use'] = (target, mutation, act) =>
      connection.use(target, mutation, (session) => act(late(session)));
    const slow = { use } as unknown as OracleConnection;
    const mend = ({ content: seen }: HeldDocument) => project(table.projections, key, seen);
    await holdDocument(slow, table, key, { mend, now: Date.now() });
    assert.equal(struck, 1);
    await exact(key, content);
  });
}
