/** What a copy-back does with rows that SQL has changed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Phase } from '../../functions/protocol/phase.ts';
import type { Content } from '../../functions/protocol/state.ts';
import type { Rig } from '../runs/rig.ts';
import { document } from '../stores/contract/subject.ts';

interface Parts {
  readonly rig: Rig;
  readonly put: (phase: Phase, key: string, content: Content) => Promise<unknown>;
  readonly copyBack: (back: 'changed' | 'all') => Promise<unknown>;
}

/** Declares the tests. */
export function changedBySql(parts: () => Parts): void {
  test('a copy-back writes over nothing that SQL has changed without a version, and brings back what it has changed of keys that Oracle orders', async () => {
    const { rig, put, copyBack } = parts();
    const { connection, store, table } = rig.database;
    const sql = (key: string, text: string, binds: object = {}) =>
      connection.use(store.target(key, 'meddle'), true, (session) =>
        session.execute(text, { key, ...binds }, { autoCommit: true }),
      );
    const [plain, ordered, gone] = ['back-sql-1', 'back-sql-2', 'back-sql-3'] as const;
    for (const key of [plain, gone]) await put('expand', key, document('{"by":"ours"}'));
    await put('contract', ordered, document('{"by":"ours"}'));
    const body = Buffer.from('{"by":"theirs"}');
    for (const key of [plain, ordered])
      await sql(key, `UPDATE ${table.name} SET body = :body WHERE doc_key = :key`, { body });
    await sql(gone, `DELETE FROM ${table.name} WHERE doc_key = :key`);
    const texts = async (key: string) =>
      [await rig.cluster.store.read(key), await store.read(key)].map(({ content }) =>
        content === null ? null : Buffer.from(content.body).toString(),
      );
    for (const back of ['changed', 'all'] as const) {
      await copyBack(back);
      assert.deepEqual(await texts(plain), ['{"by":"ours"}', '{"by":"theirs"}']);
      assert.deepEqual(await texts(ordered), ['{"by":"theirs"}', '{"by":"theirs"}']);
      // Where all documents are looked at, a row that is missing is brought back, as by any repair.
      assert.deepEqual(await texts(gone), ['{"by":"ours"}', back === 'all' ? '{"by":"ours"}' : null]);
    }
  });
}
