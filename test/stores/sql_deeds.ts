/** What somebody does by SQL to the row of a key, and the trigger that sees it. */
import assert from 'node:assert/strict';
import type { Phase } from '../../functions/protocol/phase.ts';
import { dropWatch, enableWatch, watchTrigger } from '../../functions/stores/oracle/sql_watch.ts';
import type { Hands, Row } from './sql_row.ts';

export const OURS = '{"by":"ours"}';
export const THEIRS = '{"by":"theirs"}';
const BODY = { body: Buffer.from(THEIRS) };

const update = (what: string) => (it: Row, table: string) =>
  it.sql(`UPDATE ${table} SET ${what} WHERE doc_key = :key`, what.includes(':body') ? BODY : {});

export const DEEDS = {
  'UPDATE of the body': update('body = :body'),
  'UPDATE of body and version': update('body = :body, version = version + 1'),
  'UPDATE of the body, with a lower version': update('body = :body, version = version - 1'),
  'UPDATE that empties it': update("kind = 'gone', body = NULL"),
  'UPDATE of the expiry': update('expires = 4102444800'),
  DELETE: (it: Row, table: string) => it.sql(`DELETE FROM ${table} WHERE doc_key = :key`),
  INSERT: (it: Row, table: string) =>
    it.sql(
      `INSERT INTO ${table} (doc_key, version, handback, kind, body) VALUES (:key, 7, 0, 'json', :body)`,
      BODY,
    ),
  'UPDATE that makes of a deletion a document': async (it: Row, table: string, phase: Phase = 'settle') => {
    assert.equal(await it.put(phase, null), 'done');
    await update("kind = 'json', body = :body, expires = NULL")(it, table);
  },
} as const;
export type Deed = keyof typeof DEEDS;

/** Acts while the trigger is enabled, for the user of the functions alone it does not fire. */
export async function watching({ database }: Hands, act: (table: string) => Promise<void>): Promise<void> {
  const { name } = database.table;
  const define = (statement: string) =>
    database.connection.use(database.store.target(null, 'define'), true, (session) =>
      session.execute(statement),
    );
  await define(watchTrigger(name, ['APP']));
  await define(enableWatch(name));
  try {
    await act(name);
  } finally {
    await define(dropWatch(name));
  }
}
