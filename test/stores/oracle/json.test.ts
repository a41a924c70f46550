/** What goes into the column that must be JSON, on a database that also accepts scalars there; the contract runs on one that does not. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { RACES } from '../../../functions/certification/races.ts';
import { WRITES } from '../../../functions/certification/writes.ts';
import { PoisonDocument } from '../../../functions/stores/failure.ts';
import { Batches } from '../../../functions/stores/oracle/batch.ts';
import { LOBS_AS_BYTES, OracleConnection } from '../../../functions/stores/oracle/connection.ts';
import { inspectOracle } from '../../../functions/stores/oracle/inspect.ts';
import { OracleStore } from '../../../functions/stores/oracle/store.ts';
import { fill } from '../../../functions/stores/oracle/table.ts';
import { RELEASES, type ReleaseName } from '../../../infra/local/servers/oracle/releases.ts';
import { keepsRules } from '../contract/contract.ts';
import { document, type Subject, TEST_KEYS } from '../contract/subject.ts';
import { Reference } from '../reference.ts';
import { type TestDatabase, testDatabase } from './database.ts';

let database: TestDatabase;
let subject: Subject;
before(async () => {
  database = await testDatabase({ release: '23ai' });
  const { couchbase, receipt } = new Reference(Date.now);
  const { store } = database;
  subject = {
    ...{ ...TEST_KEYS, phase: 'contract', partners: { couchbase, oracle: store, receipt } },
    apply: (key, content, version) => store.apply(key, { content, version }),
    reversion: () => assert.fail('not a part of this run'),
    keys: () => assert.fail('not a part of this run'),
  };
});
after(() => database.stop());

keepsRules([...WRITES, ...RACES], () => subject);

const BODIES: Readonly<Record<string, 'json' | 'other'>> = {
  '{"a":1}': 'json',
  ' \n\t{ } ': 'json',
  '[1e400]': 'json',
  '42': 'other',
  '  42': 'other',
  '-0': 'other',
  '1e400': 'other',
  '"text"': 'other',
  true: 'other',
  null: 'other',
  '\ufeff{}': 'other',
  "{'a':1}": 'other',
  '': 'other',
};

/** A name that no version of Oracle takes in JSON. */
const REFUSED = `{"${'n'.repeat(32_768)}":1}`;

type Held = readonly [kind: string, body: string | undefined, bytes: string | undefined];

async function heldBy(key: string): Promise<Held> {
  const query = `SELECT kind, body, bytes FROM ${database.table.name} WHERE doc_key = :key`;
  const rows = await database.connection.use(database.store.target(key, 'test'), false, async (session) => {
    type Row = [string, Buffer | null, Buffer | null];
    return (await session.execute<Row>(query, { key }, LOBS_AS_BYTES)).rows;
  });
  const [kind, body, bytes] = rows?.[0] ?? ['none', null, null];
  return [kind, body?.toString(), bytes?.toString()];
}

test('an object or an array goes into the JSON column, byte for byte; all else beside it', () => {
  for (const [body, kind] of Object.entries(BODIES)) {
    const table = { name: 'T', columns: [], projections: [] };
    const { held } = fill(table, document(body), database.store.target('k', 'test'), 0);
    const [inside, beside] = kind === 'json' ? [held.body, held.bytes] : [held.bytes, held.body];
    assert.deepEqual([held.kind, inside?.toString(), beside], [kind, body, null]);
  }
});

test('a document that the parser of Oracle refuses is held as bytes, by copies, writes and swaps', async () => {
  const { store } = database;
  const content = document(REFUSED);
  const [first, second] = [randomUUID(), randomUUID()];
  assert.equal(await store.apply(first, { content, version: 1n }), true);
  assert.equal(await store.apply(first, { content: document('[2]'), version: 2n }), true);
  assert.deepEqual(await heldBy(first), ['json', '[2]', undefined]);
  const write = { content, condition: { kind: 'none' }, handedOff: false } as const;
  assert.equal(await store.write(first, write), 3n);
  assert.notEqual(await store.write(second, { ...write, condition: { kind: 'absent' } }), null);
  for (const key of [first, second]) {
    assert.deepEqual(await heldBy(key), ['other', undefined, REFUSED]);
    assert.equal((await store.read(key)).content?.digest, content.digest);
  }
  const from = await store.read(first);
  assert.equal(await store.swap(first, { from, to: { ...from, version: 9n } }), true);
  assert.equal(await store.swap(first, { from, to: { ...from, version: 10n } }), false);
  const to = { ...from, content, version: 4n };
  assert.equal(await store.swap(randomUUID(), { from: await store.read(randomUUID()), to }), true);
});

test('a batch holds what the parser refuses as bytes, and everything else as it would without it', async () => {
  const { connection, table, store } = database;
  const batches = new Batches(connection, table);
  const key = randomUUID();
  const copies = (version: bigint) =>
    [REFUSED, '{"a":1}', 'true', REFUSED].map((body, n) => ({
      key: `${key}-${n}`,
      content: document(body),
      version,
    }));
  // Inserted; then updated after an insertion that met a row; then updated after a look.
  for (const version of [1n, 2n, 3n]) {
    const outcomes = await batches.apply(copies(version));
    assert.deepEqual(new Set(outcomes.map(({ kind }) => kind)), new Set(['applied']), `${version}`);
    const held = await Promise.all(copies(version).map((copy) => heldBy(copy.key)));
    assert.deepEqual(held, [
      ['other', undefined, REFUSED],
      ['json', '{"a":1}', undefined],
      ['other', undefined, 'true'],
      ['other', undefined, REFUSED],
    ]);
  }
  assert.deepEqual(new Set((await batches.apply(copies(3n))).map(({ kind }) => kind)), new Set(['stale']));
  assert.equal((await store.read(`${key}-3`)).version, 3n);
});

test('a scalar that an earlier version has put into the JSON column is the same document as one beside it', async (t) => {
  if (database.server === null)
    return t.skip('a database of your own may refuse what an earlier version wrote');
  const { connection, table, store } = database;
  const [old, now] = [randomUUID(), randomUUID()];
  const content = document(' 42');
  const insert =
    `INSERT INTO ${table.name} (doc_key, version, handback, kind, body) ` +
    "VALUES (:key, 5, 0, 'json', :body)";
  await connection.use(store.target(old, 'test'), true, (session) =>
    session.execute(insert, { key: old, body: Buffer.from(content.body) }, { autoCommit: true }),
  );
  await store.apply(now, { content, version: 5n });
  assert.deepEqual(await Promise.all([old, now].map(heldBy)), [
    ['json', ' 42', undefined],
    ['other', undefined, ' 42'],
  ]);
  const read = await Promise.all([store.read(old), store.read(now)]);
  assert.deepEqual(read[0]?.content?.digest, content.digest);
  assert.deepEqual(read[0], read[1]);
  const options = { bodies: true, most: Number.POSITIVE_INFINITY, now: 0, columns: [] };
  const [left, right] = await inspectOracle(connection, table.name, [old, now], options);
  assert.deepEqual(left, right);
  assert.equal(await store.swap(old, { from: read[0], to: { ...read[0], version: 6n } }), true);
  assert.deepEqual(await heldBy(old), ['other', undefined, ' 42']);
});

test('every release takes the same documents, and what it says of an error is sorted all the same', async (t) => {
  const { server, credentials, table } = database;
  if (server === null) return t.skip('a database of your own has one release');
  for (const release of Object.keys(RELEASES) as ReleaseName[]) {
    await server.release(release);
    // A session keeps the release that it was opened with.
    const connection = new OracleConnection({ login: async () => credentials, size: 2, timeout: 10_000 });
    const [store, batches] = [new OracleStore(connection, table, Date.now), new Batches(connection, table)];
    try {
      for (const [body, kind] of Object.entries({ ...BODIES, [REFUSED]: 'other' })) {
        const [alone, batched, written] = [randomUUID(), randomUUID(), randomUUID()];
        const content = document(body);
        assert.equal(await store.apply(alone, { content, version: 1n }), true);
        // The second one meets the row of the first: ORA-00001, whose words differ.
        for (const version of [1n, 2n])
          assert.deepEqual(await batches.apply([{ key: batched, content, version }]), [{ kind: 'applied' }]);
        const created = { content, condition: { kind: 'absent' }, handedOff: false } as const;
        assert.notEqual(await store.write(written, created), null);
        assert.equal(await store.write(written, created), null);
        for (const key of [alone, batched, written]) {
          assert.equal((await heldBy(key))[0], kind, `${release}: ${body.slice(0, 20)}`);
          assert.equal((await store.read(key)).content?.digest, content.digest);
        }
      }
      const over = { content: document('{}'), version: 2n ** 64n };
      for (const refused of [
        await store.apply(randomUUID(), over).catch((error: unknown) => error),
        ...(await batches.apply([{ key: randomUUID(), ...over }])).map((outcome) =>
          outcome.kind === 'failed' ? outcome.failure : outcome,
        ),
      ]) {
        assert.ok(refused instanceof PoisonDocument, release);
        assert.doesNotMatch(refused.message, /details|18446744073709551616|Help:/);
      }
    } finally {
      await connection.close();
    }
  }
});
