import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { Audit } from '../../functions/books/audit.ts';
import { type Act, type AuditEntry, BEGINNING, brokenAt, follow } from '../../functions/records/audit.ts';
import { CONTROL } from '../../functions/stores/oracle/control_tables.ts';
import { upgrade } from '../../functions/stores/oracle/upgrade.ts';
import { type TestDatabase, testDatabase } from '../stores/oracle/database.ts';

let database: TestDatabase;
before(async () => {
  database = await testDatabase({ size: 4 });
  await upgrade(database.connection, [CONTROL], null, () => {});
});
after(() => database.stop());

const act = fc.record<Act>({ at: fc.nat(), actor: fc.string(), action: fc.string(), detail: fc.string() });

function chainOf(acts: readonly Act[]): AuditEntry[] {
  const entries: AuditEntry[] = [];
  for (const each of acts) entries.push(follow(entries.at(-1) ?? BEGINNING, each));
  return entries;
}

test('whatever of an entry is changed, left out or put elsewhere is noticed; a part of the chain is whole', () => {
  fc.assert(
    fc.property(fc.array(act, { minLength: 3, maxLength: 8 }), fc.nat(), act, (acts, which, other) => {
      const entries = chainOf(acts);
      assert.equal(brokenAt(entries), null);
      assert.equal(brokenAt(entries.slice(1)), null);
      const n = 1 + (which % (entries.length - 2));
      const entry = entries[n] as AuditEntry;
      const changed = { ...entry, ...other };
      if (JSON.stringify(changed) !== JSON.stringify(entry))
        assert.equal(brokenAt(entries.with(n, changed)), entry.seq);
      assert.equal(brokenAt(entries.toSpliced(n, 1)), entry.seq + 1);
    }),
  );
});

test('a last entry with another number is noticed, although no hash after it depends on that number', () => {
  fc.assert(
    fc.property(
      fc.array(act, { minLength: 2, maxLength: 5 }),
      fc.integer({ min: 0, max: 9 }),
      (acts, seq) => {
        const entries = chainOf(acts);
        const last = entries.at(-1) as AuditEntry;
        const broken = brokenAt(entries.with(-1, { ...last, seq }));
        assert.equal(broken, seq === last.seq ? null : seq);
      },
    ),
  );
});

test('entries of many writers at once follow each other', async () => {
  const audit = new Audit(database.connection);
  const acts = Array.from({ length: 8 }, (_, n) => ({ at: n, actor: `a${n}`, action: 'x', detail: 'é' }));
  await Promise.all(acts.map((each) => audit.write(each)));
  const entries = (await audit.latest(8)).reverse();
  assert.deepEqual(entries.map(({ actor }) => actor).sort(), acts.map(({ actor }) => actor).sort());
  assert.equal(brokenAt(entries), null);
});
