import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import type { Call } from '../../../functions/protocol/call.ts';
import { type Content, NO_ROW, type OracleState } from '../../../functions/protocol/state.ts';
import { CONTROL } from '../../../functions/stores/oracle/control_tables.ts';
import { createdAt as createdAtOf } from '../../../functions/stores/oracle/new_row.ts';
import { SetAside } from '../../../functions/stores/oracle/set_aside.ts';
import { OracleStore } from '../../../functions/stores/oracle/store.ts';
import { upgrade } from '../../../functions/stores/oracle/upgrade.ts';
import { portOf } from '../../../functions/stores/port.ts';
import { createdAt, EMPTY, execute, type World } from '../../model/world.ts';
import { document } from '../contract/subject.ts';
import { Reference } from '../reference.ts';
import { type TestDatabase, testDatabase } from './database.ts';

let database: TestDatabase;
before(async () => {
  database = await testDatabase();
  await upgrade(database.connection, [CONTROL], null, () => {});
});
after(() => database.stop());

const NOW = Date.UTC(2027, 0, 1);
const expiringIn = (year: number) => document('"mortal"', Date.UTC(year, 0, 1));
const [PAST, SOON, LATER] = [expiringIn(2001), expiringIn(2040), expiringIn(2050)];
const anyContent = fc.constantFrom<Content>(
  ...[document('1'), document('{"a":2}'), document('not json')],
  ...[PAST, SOON, LATER, null],
);
const anyVersion = fc.bigInt(1n, 6n);
const anyCondition = fc.oneof(
  fc.constant({ kind: 'none' } as const),
  fc.constant({ kind: 'absent' } as const),
  fc.record({ kind: fc.constant('version' as const), version: anyVersion }),
);
/** `from`: the row as it is, as it was before, or none. */
const anyCommand = fc.oneof(
  fc.record({ name: fc.constant('oracle.read' as const) }),
  fc.record({ name: fc.constant('oracle.apply' as const), content: anyContent, version: anyVersion }),
  fc.record({
    name: fc.constant('oracle.write' as const),
    content: anyContent,
    condition: anyCondition,
    handedOff: fc.boolean(),
  }),
  fc.record({
    name: fc.constant('oracle.swap' as const),
    from: fc.constantFrom('now', 'before', 'none'),
    content: anyContent,
    version: anyVersion,
    handoff: fc.option(anyVersion),
    handback: fc.bigInt(0n, 6n),
    aside: fc.option(fc.constant('taken back' as const), { nil: undefined }),
  }),
);

/** Its clock is that of the store. */
const SAME_TIME: World = {
  ...{ ...EMPTY, clock: createdAtOf(NOW) + EMPTY.clock - createdAt(EMPTY) },
  expired: PAST.digest,
};

type Command = typeof anyCommand extends fc.Arbitrary<infer C> ? C : never;

function callOf(command: Command, rows: Readonly<Record<string, OracleState>>): Call {
  if (command.name !== 'oracle.swap') return command;
  const { name, from, content, version, handoff, handback, aside } = command;
  const to = { content, version, handoff, handback };
  return { name, from: rows[from] ?? NO_ROW, to, ...(aside && { aside }) };
}

test('the store answers every sequence of calls as the model’s world does', async () => {
  const property = fc.asyncProperty(fc.array(anyCommand, { maxLength: 12 }), async (commands) => {
    const key = randomUUID();
    const { connection, table } = database;
    const store = new OracleStore(connection, table, () => NOW);
    const port = portOf(key, { ...new Reference(() => NOW), oracle: store });
    let world = SAME_TIME;
    let before: OracleState = NO_ROW;
    const aside = new Set<string>();
    for (const command of commands) {
      const call = callOf(command, { now: world.row, before, none: NO_ROW });
      const expected = execute(world, call, {});
      assert.deepEqual(await port(call), expected.reply, JSON.stringify(call, shown));
      if ('aside' in call && expected.reply === true && world.row.version > 0n) aside.add(nameOf(world.row));
      if (expected.world.row !== world.row) before = world.row;
      world = expected.world;
    }
    assert.deepEqual(await store.read(key), world.row);
    assert.deepEqual(await setAsideOf(key), [...aside].sort());
  });
  await fc.assert(property, { numRuns: 150 });
});

/** A row, as an entry of what was set aside tells it. */
function nameOf({ version, handoff, handback, content }: OracleState): string {
  return [version, handoff ?? '-', handback, content === null ? 'deleted' : [...content.body].join()].join(
    ' ',
  );
}

async function setAsideOf(key: string): Promise<string[]> {
  const { connection, table } = database;
  const setAside = new SetAside(connection);
  const entries = await setAside.list(table.name, { key }, null, 100);
  const named = entries.map(async ({ id, version, handoff, handback, deleted }) => {
    const body = await setAside.body(table.name, id);
    return [version, handoff ?? '-', handback, deleted ? 'deleted' : [...(body ?? [])].join()].join(' ');
  });
  return (await Promise.all(named)).sort();
}

function shown(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `${value}` : value;
}

/** What may have become of a row since it was read, in the same version. */
const MEANWHILE: Readonly<Record<string, { was: Content; is: Content; at?: number; swept?: boolean }>> = {
  'it was given an expiry': { was: document('"mortal"'), is: SOON },
  'it was given an earlier expiry': { was: LATER, is: SOON },
  'it was given an expiry that is over': { was: document('"mortal"'), is: PAST },
  'it was given an expiry that is over, and was swept': {
    ...{ was: document('"mortal"'), is: PAST, swept: true },
  },
  'its time is up': { was: SOON, is: SOON, at: Date.UTC(2041, 0, 1) },
  'its time is up, and it was swept': { was: SOON, is: SOON, at: Date.UTC(2041, 0, 1), swept: true },
};

for (const [what, { was, is, at = NOW, swept = false }] of Object.entries(MEANWHILE))
  for (const handoff of [null, 3n])
    test(`a row is not replaced where it has kept its version, and ${what}: handoff ${handoff}`, async () => {
      const { connection, table } = database;
      let now = NOW;
      const oracle = new OracleStore(connection, table, () => now);
      for (const store of [oracle, portsOf(new Reference(() => now))]) {
        now = NOW;
        const key = randomUUID();
        const row = { content: was, version: 5n, handoff, handback: 2n };
        assert.equal(await store.swap(key, { from: NO_ROW, to: row }), true);
        const from = await store.read(key);
        if (is !== was) assert.equal(await store.swap(key, { from, to: { ...from, content: is } }), true);
        now = at;
        if (swept && store === oracle) assert.ok((await oracle.sweep(1000)) >= 1);
        const found = await store.read(key);
        assert.equal(await store.swap(key, { from, to: { ...from, handback: 3n } }), false);
        assert.deepEqual(await store.read(key), found);
        // Who has read it since replaces it.
        const to = { ...found, handback: 3n };
        assert.equal(await store.swap(key, { from: found, to }), true);
        assert.deepEqual(await store.read(key), to);
      }
    });

/** Oracle's half of a reference, as the store has it. */
function portsOf({ oracle }: Reference): Pick<OracleStore, 'read' | 'swap'> {
  return { read: (key) => oracle.read(key, {}), swap: (key, args) => oracle.swap(key, args) };
}

test('what has expired is swept: its version stays, its body goes', async () => {
  const { store } = database;
  const [old, young] = [randomUUID(), randomUUID()];
  await store.apply(old, { content: document('"old"', Date.UTC(2001, 0, 1)), version: 7n });
  await store.apply(young, { content: document('"young"', Date.UTC(2040, 0, 1)), version: 7n });
  const before = await store.read(old);
  assert.ok((await store.sweep(1000)) >= 1);
  assert.equal(await store.sweep(1000), 0);
  assert.deepEqual(await store.read(old), before);
  assert.equal((await store.read(young)).content?.expiresAt, Date.UTC(2040, 0, 1));
});
