/** Which entries are conflicts, how they are decided, and entries of functions of the version before. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { NO_ROW, REASONS, type Reason } from '../../../functions/protocol/state.ts';
import { StoreUnavailable } from '../../../functions/stores/failure.ts';
import { CONTROL } from '../../../functions/stores/oracle/control_tables.ts';
import { SetAside } from '../../../functions/stores/oracle/set_aside.ts';
import { CONFLICTS, REASONS as TEXTS } from '../../../functions/stores/oracle/set_aside_rows.ts';
import { OracleStore } from '../../../functions/stores/oracle/store.ts';
import { upgrade } from '../../../functions/stores/oracle/upgrade.ts';
import { document } from '../contract/subject.ts';
import { type TestDatabase, testDatabase } from './database.ts';

const NOW = Date.UTC(2026, 0, 1);
let database: TestDatabase;
let setAside: SetAside;
before(async () => {
  database = await testDatabase({ now: () => NOW });
  await upgrade(database.connection, [CONTROL], null, () => {});
  setAside = new SetAside(database.connection);
});
after(() => database.stop());

const DECIDED = { state: 'kept', at: NOW + 1, by: 'user/me', why: 'it was written again' } as const;

async function kept(reason: Reason, by: 'document' | 'absence' = 'document', key: string = randomUUID()) {
  const state = { content: document(`"${reason}"`), version: 7n };
  await database.store.keep(key, { state, reason, by: by === 'absence' ? null : document('"by"') });
  const entries = await setAside.list(database.table.name, { key }, null, 10);
  return { key, state, entries };
}

/** As functions of the version before insert it. */
async function keptBefore(key: string, reason: string): Promise<void> {
  const target = { store: 'oracle', operation: 'test', collection: 'CROSSFADE_SET_ASIDE', key } as const;
  await database.connection.use(target, true, (session) =>
    session.execute(
      'INSERT INTO CROSSFADE_SET_ASIDE (aside_id, table_name, doc_key, version, handback, deleted, at, reason) ' +
        'VALUES (:id, :owner, :key, 1, 0, 1, :now, :reason)',
      { id: randomUUID(), owner: database.table.name, key, now: NOW, reason },
      { autoCommit: true },
    ),
  );
}

test('an entry says its reason as a code, and what has replaced it', async () => {
  for (const reason of REASONS) {
    const { entries } = await kept(reason);
    const [{ code, replacedBy, state } = {}] = entries;
    assert.deepEqual([code, replacedBy, state], [reason, document('"by"').digest, 'open']);
  }
  assert.equal((await kept('unexplained', 'absence')).entries[0]?.replacedBy, 'absent');
});

test('what repairs have replaced is a conflict until it is decided, and what a forced move took back is none', async () => {
  const { name } = database.table;
  for (const reason of REASONS) {
    const before = await setAside.openConflicts(name);
    const { key, entries } = await kept(reason, 'document', `conflict-${reason}`);
    const more = CONFLICTS.includes(reason) ? 1 : 0;
    assert.equal(await setAside.openConflicts(name), before + more, reason);
    assert.equal(await setAside.openConflicts('ANOTHER'), 0);
    const all = before + more === 0 ? [] : [[name, before + more]];
    assert.deepEqual([...(await setAside.allOpenConflicts())], all);
    const id = entries[0]?.id ?? '';
    assert.equal(await setAside.decide('ANOTHER', id, DECIDED), false);
    assert.equal(await setAside.decide(name, id, DECIDED), true);
    assert.equal(await setAside.openConflicts(name), before, reason);
    assert.equal(await setAside.decide(name, id, { ...DECIDED, by: 'user/other' }), false, 'decided once');
    const [entry] = await setAside.list(name, { key }, null, 10);
    assert.deepEqual(
      [entry?.state, entry?.decided, entry?.decidedBy, entry?.decidedWhy],
      ['kept', NOW + 1, 'user/me', 'it was written again'],
    );
    assert.deepEqual(await setAside.list(name, { key, open: true }, null, 10), []);
  }
});

test('the same state that is set aside again after a decision stays decided', async () => {
  const { name } = database.table;
  const { key, entries } = await kept('couchbase forgot');
  await setAside.decide(name, entries[0]?.id ?? '', DECIDED);
  assert.equal((await kept('couchbase forgot', 'document', key)).entries[0]?.state, 'kept');
});

test('entries of the version before are open, and have the code that their text stands for', async () => {
  const { name } = database.table;
  for (const reason of REASONS) {
    const [key, before] = [randomUUID(), await setAside.openConflicts(name)];
    await keptBefore(key, TEXTS[reason]);
    const [entry] = await setAside.list(name, { key, reasons: [reason], open: true }, null, 10);
    assert.deepEqual([entry?.code, entry?.state, entry?.replacedBy], [reason, 'open', null]);
    assert.equal(await setAside.openConflicts(name), before + (CONFLICTS.includes(reason) ? 1 : 0), reason);
  }
  // Nobody knows this reason: it must not be passed over.
  const key = randomUUID();
  await keptBefore(key, 'some other text');
  assert.equal((await setAside.list(name, { key }, null, 10))[0]?.code, 'unexplained');
});

test('entries are found by their reason, together with a prefix', async () => {
  const { name } = database.table;
  const prefix = randomUUID();
  for (const reason of REASONS) await kept(reason, 'document', `${prefix}/${reason}`);
  const found = await setAside.list(name, { prefix, reasons: ['unexplained', 'oracle forgot'] }, null, 10);
  assert.deepEqual(
    found.map(({ key }) => key),
    [`${prefix}/oracle forgot`, `${prefix}/unexplained`],
  );
  assert.equal(await setAside.count(name, { prefix, reasons: ['couchbase forgot'] }), 1);
  assert.equal(await setAside.count(name, { id: found[0]?.id }), 1);
});

test('above so many conflicts in a minute a repair replaces nothing, says why, and goes on later or once they are decided', async () => {
  const { connection, table } = database;
  let now = Date.UTC(2027, 0, 1);
  const store = new OracleStore(connection, table, () => now, 2);
  const [content, key] = [document('"bounded"'), randomUUID()];
  const row = { content, version: 7n, handoff: null, handback: 0n };
  await store.swap(key, { from: NO_ROW, to: row });
  const keep = (reason: Reason) =>
    store.keep(randomUUID(), { state: { content, version: 7n }, reason, by: null });
  const replace = () =>
    store.swap(key, { from: row, to: { ...row, content: null, version: 8n }, aside: 'unexplained' });
  await keep('oracle forgot');
  await keep('couchbase forgot');
  const refused = (error: unknown) =>
    error instanceof StoreUnavailable && !error.mayHaveApplied && /TOO_MANY_CONFLICTS/.test(error.message);
  await assert.rejects(keep('oracle forgot'), refused);
  await assert.rejects(replace(), refused);
  assert.deepEqual(await store.read(key), row);
  // What a forced move has taken back is none of them.
  await keep('taken back');
  now += 60_000;
  assert.equal(await replace(), true);
  await keep('oracle forgot');
  await assert.rejects(keep('oracle forgot'), refused);
  const [entry] = await setAside.list(table.name, { key }, null, 1);
  assert.equal(await setAside.decide(table.name, entry?.id ?? '', DECIDED), true);
  await keep('oracle forgot');
});
