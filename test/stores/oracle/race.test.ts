/** Races, over an engine in which transactions really run at the same time. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import oracledb from 'oracledb';
import pMap from 'p-map';
import { Partitions } from '../../../functions/books/partitions.ts';
import type { Target } from '../../../functions/stores/failure.ts';
import { Batches } from '../../../functions/stores/oracle/batch.ts';
import type { OracleConnection } from '../../../functions/stores/oracle/connection.ts';
import { CONTROL } from '../../../functions/stores/oracle/control_tables.ts';
import { SetAside } from '../../../functions/stores/oracle/set_aside.ts';
import { upgrade } from '../../../functions/stores/oracle/upgrade.ts';
import type { Running } from '../../../infra/local/servers/oracle/start.ts';
import { brokenOff } from '../../local/oracle/broken_off.ts';
import { document } from '../contract/subject.ts';
import { type TestDatabase, testDatabase } from './database.ts';
import { projectedRaces } from './projected_races.ts';
import { shuffled } from './shuffled.ts';

let database: TestDatabase;
before(async () => {
  database = await testDatabase({ concurrent: true, size: 16, timeout: 30_000 });
});
after(() => database.stop());

test('thousands of copies that contend for a few keys leave the newest of each', async () => {
  const keys = Array.from({ length: 10 }, () => randomUUID());
  const copies = keys.flatMap((key) =>
    Array.from({ length: 200 }, (_, n) => ({ key, version: BigInt(n + 1) })),
  );
  const apply = ({ key, version }: (typeof copies)[number]) =>
    database.store.apply(key, { content: document(`${version}`), version });
  await pMap(shuffled(copies, 1), apply, { concurrency: 64 });
  for (const key of keys) {
    const { content, version } = await database.store.read(key);
    assert.deepEqual([version, content?.digest], [200n, document('200').digest]);
  }
});

test('insertions that race for one new key: the newest stays, whichever came first', async () => {
  for (let round = 0; round < 30; round++) {
    const key = randomUUID();
    const versions = shuffled([1n, 2n, 3n, 4n, 5n, 6n], round);
    await Promise.all(
      versions.map((v) => database.store.apply(key, { content: document(`${v}`), version: v })),
    );
    assert.equal((await database.store.read(key)).version, 6n);
  }
});

test('writes that Oracle orders count every one of them, and no version twice', async () => {
  const key = randomUUID();
  const write = { content: document('1'), condition: { kind: 'none' }, handedOff: false } as const;
  const versions = await pMap(Array.from({ length: 500 }), () => database.store.write(key, write), {
    concurrency: 64,
  });
  const told = versions.filter((version) => version !== null).sort((a, b) => Number(a - b));
  const [first = 0n] = told;
  assert.deepEqual(
    told,
    Array.from({ length: told.length }, (_, n) => first + BigInt(n)),
  );
  assert.equal((await database.store.read(key)).version, told.at(-1));
  assert.ok(told.length >= 499, `${told.length} of 500`);
});

test('a swap succeeds once for one state', async () => {
  const key = randomUUID();
  await database.store.apply(key, { content: document('1'), version: 1n });
  for (let round = 0; round < 20; round++) {
    const from = await database.store.read(key);
    const swaps = Array.from({ length: 8 }, (_, n) =>
      database.store.swap(key, { from, to: { ...from, version: from.version + BigInt(n + 1) } }),
    );
    assert.equal((await Promise.all(swaps)).filter(Boolean).length, 1);
  }
});

test('of replacements that race for one state, the one that succeeds sets aside what the row held, and no other', async () => {
  const { connection, store, table } = database;
  await upgrade(connection, [CONTROL], null, () => {});
  const key = randomUUID();
  await store.apply(key, { content: document('0'), version: 1n });
  for (let round = 1; round <= 10; round++) {
    const from = await store.read(key);
    const to = { ...from, content: document(`${round}`), version: from.version + 1n };
    const swaps = Array.from({ length: 8 }, () => store.swap(key, { from, to, aside: 'taken back' }));
    assert.equal((await Promise.all(swaps)).filter(Boolean).length, 1);
  }
  const entries = await new SetAside(connection).list(table.name, { key }, null, 100);
  const versions = entries.map(({ version }) => Number(version)).sort((a, b) => a - b);
  assert.deepEqual(
    versions,
    Array.from({ length: 10 }, (_, n) => n + 1),
  );
});

test('batches of the same keys in different orders leave the newest, without a deadlock', async () => {
  const keys = Array.from({ length: 50 }, (_, n) => `${randomUUID()}-${n}`);
  const batch = (order: readonly string[], version: bigint) =>
    order.map((key) => ({ key, content: document(`${version}`), version }));
  const batches = Array.from({ length: 8 }, (_, n) => batch(shuffled(keys, n), BigInt(n + 1)));
  const outcomes = await Promise.all(
    batches.map((copies) => new Batches(database.connection, database.table).apply(copies)),
  );
  assert.ok(outcomes.flat().every(({ kind }) => kind !== 'failed'));
  const rows = await Promise.all(keys.map((key) => database.store.read(key)));
  for (const row of rows) assert.equal(row.version, 8n);
});

test('a row that comes after the look of a batch is met as if it had been there', async () => {
  const { connection, table, store } = database;
  const [older, newer] = [randomUUID(), randomUUID()];
  const meanwhile = async () => {
    await store.apply(older, { content: document('older'), version: 4n });
    await store.apply(newer, { content: document('newer'), version: 6n });
  };
  const done: string[] = [];
  const racing = Object.create(connection, {
    use: {
      value: (target: Target, mutation: boolean, act: (session: oracledb.Connection) => Promise<unknown>) =>
        connection.use(target, mutation, (session) =>
          act(
            new Proxy(session, {
              get: (of, name) => {
                const member: unknown = Reflect.get(of, name);
                if (typeof member !== 'function') return member;
                return async (...args: unknown[]) => {
                  // 1. The look finds neither row. 2. Somebody else writes both. 3. The batch inserts them.
                  if (done.at(-1) === 'execute') await meanwhile();
                  done.push(String(name));
                  return member.apply(of, args);
                };
              },
            }),
          ),
        ),
    },
  }) as OracleConnection;
  const batches = new Batches(racing, table);
  const content = document('1');
  const known = { key: randomUUID(), content, version: 1n };
  for (let time = 0; time < 2; time++) await batches.apply([known]);
  done.length = 0;
  const copies = [older, newer].map((key) => ({ key, content, version: 5n }));
  assert.deepEqual(
    (await batches.apply(copies)).map(({ kind }) => kind),
    ['applied', 'stale'],
  );
  assert.deepEqual(done.slice(0, 3), ['execute', 'executeMany', 'executeMany']);
});

test('a deadlock ends with ORA-00060 for one of the two', async () => {
  const [one, two] = await Promise.all([1, 2].map(() => oracledb.getConnection(database.credentials)));
  assert.ok(one !== undefined && two !== undefined);
  const keys = [randomUUID(), randomUUID()];
  for (const key of keys) await database.store.apply(key, { content: document('1'), version: 1n });
  const lock = (connection: oracledb.Connection, key: string | undefined) =>
    connection.execute(`UPDATE ${database.table.name} SET version = version + 1 WHERE doc_key = :key`, {
      key,
    });
  await lock(one, keys[0]);
  await lock(two, keys[1]);
  // The one that is told so still holds its first row, and the other waits on until that is given up.
  const told = (connection: oracledb.Connection, key: string | undefined) =>
    lock(connection, key).then(
      () => null,
      async (error: { errorNum: number }) => {
        await connection.rollback();
        return error.errorNum;
      },
    );
  const failures = await Promise.all([told(one, keys[1]), told(two, keys[0])]);
  assert.deepEqual(failures.sort(), [60, null]);
  for (const connection of [one, two]) {
    await connection.rollback();
    await connection.close();
  }
});

test('containers that remember histories in different orders do not wait for each other in a circle', async () => {
  await upgrade(database.connection, [CONTROL], null, () => {});
  const partitions = new Partitions(database.connection);
  const ids = Array.from({ length: 50 }, (_, id) => id);
  for (const [before, uuid] of [
    [null, 'a'],
    ['a', 'b'],
  ] as const)
    await Promise.all(
      [1, 2, 3].map((seed) =>
        partitions.remember(
          'shop',
          shuffled(ids, seed).map((id) => ({ id, uuid, before })),
        ),
      ),
    );
  assert.deepEqual(new Set((await partitions.of('shop')).values()), new Set(['b']));
});

if (process.env.ORACLE_CONNECT_STRING === undefined)
  brokenOff(() => ({ server: database.server as Running, credentials: database.credentials }));

test('a database that falls back takes nothing from clients that it has cut off', {
  skip: process.env.ORACLE_CONNECT_STRING !== undefined && 'a database of your own takes no orders',
  timeout: 30_000,
}, async () => {
  const { credentials } = database;
  const server = database.server as Running;
  const clients = await Promise.all(Array.from({ length: 4 }, () => oracledb.getConnection(credentials)));
  await clients[0]?.execute('CREATE TABLE counted (k NUMBER PRIMARY KEY)');
  await server.restorePoint();
  let next = 0;
  const busy = clients.map(async (client) => {
    for (;;) await client.execute('INSERT INTO counted (k) VALUES (:1)', [next++], { autoCommit: true });
  });
  const ended = Promise.allSettled(busy);
  while (next < 20) await new Promise(setImmediate);
  await server.fallBack();
  await ended;
  const client = await oracledb.getConnection(credentials);
  assert.deepEqual((await client.execute('SELECT k FROM counted')).rows, []);
  await client.close();
});

test('a sweep of expired documents passes over a row that a transaction holds, and waits for nobody', async () => {
  const { store, table, credentials } = database;
  const [held, free] = [`held-${randomUUID()}`, `free-${randomUUID()}`];
  for (const key of [held, free])
    await store.apply(key, { content: document('1', Date.UTC(2001, 0, 1)), version: 1n });
  const other = await oracledb.getConnection(credentials);
  await other.execute(`UPDATE ${table.name} SET version = 2 WHERE doc_key = :held`, { held });
  const waits = new Promise<'waits'>((resolve) => setTimeout(resolve, 5000, 'waits').unref());
  assert.equal(await Promise.race([store.sweep(1000), waits]), 1);
  await other.commit();
  await other.close();
  assert.equal(await store.sweep(1000), 1);
  assert.equal((await store.read(held)).version, 2n);
});

projectedRaces(() => database);
