import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import type { Content, OracleState } from '../../../functions/protocol/state.ts';
import { OperatorNeeded, StoreUnavailable } from '../../../functions/stores/failure.ts';
import { CONTROL } from '../../../functions/stores/oracle/control_tables.ts';
import { SetAside } from '../../../functions/stores/oracle/set_aside.ts';
import { OracleStore } from '../../../functions/stores/oracle/store.ts';
import { upgrade } from '../../../functions/stores/oracle/upgrade.ts';
import { document } from '../contract/subject.ts';
import { counting } from './counting.ts';
import { type TestDatabase, testDatabase } from './database.ts';
import { projectedRows } from './projected_rows.ts';

const NOW = Date.UTC(2026, 0, 1);
const LATER = Date.UTC(2040, 0, 1);
let database: TestDatabase;
let setAside: SetAside;
before(async () => {
  database = await testDatabase({ now: () => NOW });
  await upgrade(database.connection, [CONTROL], null, () => {});
  setAside = new SetAside(database.connection);
});
after(() => database.stop());

const BY_COUCHBASE = { content: document('{"by":"couchbase"}'), handoff: null, handback: 77n };
const above = ({ version }: OracleState): OracleState => ({ ...BY_COUCHBASE, version: version + 1n });

/** A row that Oracle has ordered. */
async function handedOff(content: Content): Promise<{ key: string; row: OracleState }> {
  const [key, { store }] = [randomUUID(), database];
  const past = { content: document('1'), version: 2n ** 63n, handoff: 5n, handback: 3n };
  await store.swap(key, { from: await store.read(key), to: { ...past, content } });
  return { key, row: await store.read(key) };
}

/** A body whole, where it differs, would take minutes to be shown. */
const digestOf = (body: Uint8Array | null) =>
  body === null ? null : createHash('sha256').update(body).digest('hex');

const kept = async (key: string) => {
  const { name } = database.table;
  const entries = await setAside.list(name, { key }, null, 100);
  return Promise.all(
    entries.map(async (entry) => ({ ...entry, body: digestOf(await setAside.body(name, entry.id)) })),
  );
};

const CONTENTS: Readonly<Record<string, Content>> = {
  'JSON with an expiry and the name of its request': {
    ...document('{ "n": 1.0 }', LATER),
    request: 'r'.repeat(43),
  },
  'no JSON': document(new Uint8Array([0, 255, 34, 128])),
  'an empty body': document(''),
  'more than 32,767 bytes': document(`"${'é'.repeat(40_000)}"`),
  'a deletion': null,
};

for (const [name, content] of Object.entries(CONTENTS))
  test(`what a row held is set aside as it was: ${name}`, async () => {
    const { key, row } = await handedOff(content);
    assert.equal(await database.store.swap(key, { from: row, to: above(row), aside: 'taken back' }), true);
    assert.equal((await database.store.read(key)).content?.digest, BY_COUCHBASE.content.digest);
    const [entry, ...more] = await kept(key);
    assert.deepEqual(more, []);
    const body = Buffer.from(content?.body ?? '');
    assert.deepEqual(
      { ...entry, id: '', reason: '' },
      {
        ...{ id: '', key, version: '9223372036854775808', handoff: '5', handback: '3', reason: '' },
        ...{ deleted: content === null, bytes: body.length, body: digestOf(body), at: NOW },
        expires: content?.expiresAt ? content.expiresAt / 1000 : null,
        request: content?.request ?? null,
        ...{ code: 'taken back', replacedBy: BY_COUCHBASE.content.digest, state: 'open' },
        ...{ decided: null, decidedBy: null, decidedWhy: null },
      },
    );
    assert.match(entry?.reason ?? '', /Couchbase/);
  });

test('nothing is set aside where the row has changed, where there was none, or where nobody wants it', async () => {
  const { store } = database;
  const { key, row } = await handedOff(document('1'));
  for (const from of [
    { ...row, version: 9n },
    { ...row, handoff: null },
    { ...row, handback: 4n },
  ])
    assert.equal(await store.swap(key, { from, to: above(row), aside: 'taken back' }), false);
  assert.deepEqual([await store.read(key), await kept(key)], [row, []]);
  assert.equal(await store.swap(key, { from: row, to: above(row) }), true);
  assert.deepEqual(await kept(key), []);
  const other = randomUUID();
  const none = await store.read(other);
  assert.equal(await store.swap(other, { from: none, to: above(none), aside: 'taken back' }), true);
  assert.deepEqual(await kept(other), []);
});

const FAULTS = {
  'the replacement is lost': ['UPDATE', { kind: 'drop', applied: false }],
  'the answer to the replacement is lost': ['UPDATE', { kind: 'drop', applied: true }],
  'the copy is lost': ['SET_ASIDE', { kind: 'drop', applied: false }],
  'the answer to the copy is lost': ['SET_ASIDE', { kind: 'drop', applied: true }],
  'there is no room for the copy': [
    'SET_ASIDE',
    { kind: 'error', number: 1653, text: 'unable to extend table' },
  ],
  'there is no table for the copy': [
    'SET_ASIDE',
    { kind: 'error', number: 942, text: 'table or view does not exist' },
  ],
} as const;

for (const [name, [statement, action]] of Object.entries(FAULTS))
  test(`a row is replaced and set aside, or neither, and once: ${name}`, async (t) => {
    const { store, server } = database;
    if (server === null) return t.skip('nothing can be made to fail here');
    const { key, row } = await handedOff(document('"once"'));
    await server.fault({ operation: 'execute', statement, times: 1, action });
    const swap = () => store.swap(key, { from: row, to: above(row), aside: 'taken back' });
    const known = action.kind === 'error';
    await assert.rejects(swap, (error) =>
      known ? error instanceof OperatorNeeded : error instanceof StoreUnavailable && error.mayHaveApplied,
    );
    await server.calm();
    const done = statement === 'SET_ASIDE' && 'applied' in action && action.applied;
    const expected = done ? [true, 1] : [false, 0];
    const replaced = async () => (await store.read(key)).version !== row.version;
    assert.deepEqual([await replaced(), (await kept(key)).length], expected);
    assert.equal(await swap(), !done);
    assert.deepEqual([await replaced(), (await kept(key)).length], [true, 1]);
  });

test('what is set aside a second time, since its row has come again, is kept once', async () => {
  const { store } = database;
  const { key, row } = await handedOff(document('"again"'));
  for (let time = 0; time < 2; time++) {
    assert.equal(await store.swap(key, { from: row, to: above(row), aside: 'taken back' }), true);
    assert.equal(await store.swap(key, { from: above(row), to: row }), true);
  }
  assert.equal((await kept(key)).length, 1);
});

test('a replacement takes one round trip, one that sets aside two, and one whose guard fails one', async () => {
  const { connection, trips } = counting(database.connection);
  const store = new OracleStore(connection, database.table, () => NOW);
  const { key, row } = await handedOff(document('"counted"'));
  const tripsOf = async (from: OracleState, aside?: 'taken back') => {
    const before = trips();
    await store.swap(key, { from, to: above(from), ...(aside && { aside }) });
    return trips() - before;
  };
  assert.deepEqual(
    [await tripsOf(row), await tripsOf(above(row), 'taken back'), await tripsOf(row, 'taken back')],
    [1, 2, 1],
  );
});

test('entries are listed page by page in the order of their keys, filtered by prefix, and counted', async () => {
  const { store, table } = database;
  const prefix = randomUUID();
  const names = [`${prefix}-a`, `${prefix}-b`, `${prefix}-b%`, `${prefix}-\u{10ffff}`];
  for (const key of names)
    for (const n of [1n, 2n]) {
      const from = await store.read(key);
      const content = document(`${n}`);
      const row = { content, version: n * 2n, handoff: 1n, handback: 0n };
      await store.swap(key, { from, to: row });
      await store.swap(key, { from: row, to: above(row), aside: 'taken back' });
    }
  const listed = async (wanted: { prefix?: string }, most: number) => {
    const keys: string[] = [];
    for (let last: string | null = null; ; ) {
      const page = await setAside.list(table.name, wanted, last, most);
      keys.push(...page.map(({ key }) => key));
      if (page.length < most) return keys;
      last = page.at(-1)?.id ?? null;
    }
  };
  const twice = names.flatMap((name) => [name, name]);
  for (const most of [1, 3, 100]) assert.deepEqual(await listed({ prefix }, most), twice);
  assert.deepEqual(await listed({ prefix: `${prefix}-b` }, 3), twice.slice(2, 6));
  assert.equal(await setAside.count(table.name, { prefix }), 8);
  assert.equal(await setAside.count(table.name, {}), (await listed({}, 100)).length);
  assert.equal(await setAside.count('ANOTHER', {}), 0);
  await assert.rejects(setAside.list(table.name, {}, 'nothing', 1), /nothing was set aside|UnknownEntry/i);
  const [first] = await setAside.list(table.name, { prefix }, null, 1);
  assert.equal(await setAside.body('ANOTHER', first?.id ?? ''), null);
});

projectedRows(() => database);
