/** A key whose row is deleted by SQL in `contract`, and that comes again: Couchbase still holds what was there, so a later deletion has to be remembered. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dropWatch, enableWatch, watchTrigger } from '../../functions/stores/oracle/sql_watch.ts';
import { dropWithin } from '../../functions/stores/oracle/tombstones.ts';
import { document } from './contract/subject.ts';
import { type Hands, Row } from './sql_row.ts';

const DAY = 86_400_000;
const BODY = { body: Buffer.from('{"by":"theirs"}') };

/** How the key comes again, what an operator says of the change, and in which order. */
const WAYS = {
  'a client writes it, and then the deletion is left': async (it: Row) => {
    await it.put('contract', document('{"by":"a client"}'));
    assert.equal(await it.decide('leave', 'contract'), null);
  },
  'SQL inserts it, and that is accepted': async (it: Row, table: string) => {
    const columns = '(doc_key, version, handback, kind, body)';
    await it.sql(`INSERT INTO ${table} ${columns} VALUES (:key, 7, 0, 'json', :body)`, BODY);
    assert.equal(await it.decide('accept', 'contract'), null);
  },
  'the deletion is accepted, and then a client writes it': async (it: Row) => {
    assert.match(
      (await it.decide('leave', 'contract')) ?? '',
      /^in contract no repair brings the document back/,
    );
    assert.equal(await it.decide('accept', 'contract'), null);
    await it.put('contract', document('{"by":"a client"}'));
  },
} as const;

/** Declares the tests. @param skip why they cannot be made here. */
export function sqlRecreated(hands: () => Hands, skip: string | false): void {
  for (const [name, comesAgain] of Object.entries(WAYS))
    test(`what a client deletes in contract stays deleted on the way back, where SQL had deleted it before: ${name}`, {
      skip,
    }, async () => {
      const { connection, store, table } = hands().database;
      const define = (text: string) =>
        connection.use(store.target(null, 'define'), true, (session) => session.execute(text));
      const it = new Row(hands());
      await it.put('expand', document('{"by":"ours"}'));
      await define(watchTrigger(table.name, ['APP']));
      await define(enableWatch(table.name));
      try {
        await it.sql(`DELETE FROM ${table.name} WHERE doc_key = :key`);
        await comesAgain(it, table.name);
      } finally {
        await define(dropWatch(table.name));
      }
      await it.put('contract', null);
      // A month later, of a stay of contract that began before all this.
      const bounds = { until: Date.now() + DAY, agreed: null, created: Date.now() - DAY };
      await dropWithin(connection, table.name, bounds, () => {});
      for (let n = 0; n < 3; n++) await it.receipt('settle');
      assert.deepEqual((await it.both()).texts, [null, null]);
    });
}
