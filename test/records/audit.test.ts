import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { Audit } from '../../functions/books/audit.ts';
import { FlagVersions } from '../../functions/books/flag_versions.ts';
import type { KeptAnchor } from '../../functions/records/anchors.ts';
import {
  type Act,
  type AuditEntry,
  BEGINNING,
  brokenAt,
  follow,
  ROOM,
} from '../../functions/records/audit.ts';
import { type AuditVerdict, Comparison } from '../../functions/records/audit_verdict.ts';
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

/** The log of anchors, in memory. */
function anchored() {
  const anchors: KeptAnchor[] = [];
  let ids = 0;
  const audit = new Audit(database.connection).anchoredBy({
    newId: () => `id${++ids}`,
    keep: async (anchor) => void anchors.push({ ...anchor, kept: anchors.length }),
  });
  return { audit, anchors };
}

const acts = (count: number): Act[] =>
  Array.from({ length: count }, (_, n) => ({
    at: n,
    actor: 'ann',
    action: 'dead-letters discard',
    detail: `${n}`,
  }));

/** As the user of the functions, or the owner of the tables. */
const execute = (statement: string, binds: Record<string, string | number> = {}) =>
  database.connection.use(
    { store: 'oracle', operation: 'note', collection: 'CROSSFADE_AUDIT', key: null },
    true,
    (session) => session.execute(statement, binds, { autoCommit: true }),
  );

/** All of the log, page by page. */
async function verified(audit: Audit, anchors: readonly KeptAnchor[]): Promise<AuditVerdict> {
  const comparison = new Comparison(anchors, Number.MAX_SAFE_INTEGER);
  for (let seq = 0, page: AuditEntry[]; ; seq = page.at(-1)?.seq ?? seq) {
    page = await audit.after(seq, 2);
    if (page.length === 0) return comparison.end();
    for (const entry of page) comparison.take(entry);
  }
}

/** Whoever has the database makes all hashes anew from an entry on, with another action in it. */
async function rewrite(audit: Audit, from: number): Promise<void> {
  const all = await audit.after(0, 100);
  let before: Pick<AuditEntry, 'seq' | 'hash'> = all[from - 2] ?? BEGINNING;
  for (const entry of all.slice(from - 1)) {
    const { seq } = entry;
    const action = seq === from ? 'dead-letters redrive' : entry.action;
    const { hash } = follow(before, { ...entry, action });
    await execute('UPDATE CROSSFADE_AUDIT SET action = :action, hash = :hash WHERE seq = :seq', {
      ...{ action, hash, seq },
    });
    before = { seq, hash };
  }
}

const ATTACKS: Readonly<Record<string, [(audit: Audit) => Promise<unknown>, object]>> = {
  'rewritten with new hashes': [(audit) => rewrite(audit, 3), { kind: 'changed', from: 3, to: 6 }],
  'cut at its beginning': [
    () => execute('DELETE FROM CROSSFADE_AUDIT WHERE seq <= 2'),
    { kind: 'missing', where: 'beginning', from: 1, to: 2 },
  ],
  'cut at its end': [
    () => execute('DELETE FROM CROSSFADE_AUDIT WHERE seq >= 5'),
    { kind: 'missing', where: 'end', from: 5, to: 6 },
  ],
  emptied: [() => execute('DELETE FROM CROSSFADE_AUDIT'), { kind: 'missing', where: 'end', from: 1, to: 6 }],
  'cut in the middle, with new numbers and hashes for the rest': [
    async (audit) => {
      await execute('DELETE FROM CROSSFADE_AUDIT WHERE seq = 3');
      for (const seq of [4, 5, 6])
        await execute('UPDATE CROSSFADE_AUDIT SET seq = :now WHERE seq = :seq', { now: seq - 1, seq });
      await rewrite(audit, 3);
    },
    { kind: 'changed', from: 3, to: 5 },
  ],
};

for (const [name, [attack, expected]] of Object.entries(ATTACKS))
  test(`a log that was ${name} looks whole by itself, and its anchors tell what was done`, async () => {
    await execute('DELETE FROM CROSSFADE_AUDIT');
    const { audit, anchors } = anchored();
    for (const act of acts(6)) await audit.write(act);
    assert.equal((await verified(audit, anchors)).whole, true);
    await attack(audit);
    // All that there was to be seen before there were anchors.
    assert.equal(brokenAt((await audit.latest(1000)).reverse()), null);
    const { whole, findings } = await verified(audit, anchors);
    assert.equal(whole, false);
    assert.partialDeepStrictEqual(findings[0], expected);
  });

test('writers at once leave anchors of which each fits its entry; an entry that cannot be inserted was begun, and no more', async () => {
  await execute('DELETE FROM CROSSFADE_AUDIT');
  const { audit, anchors } = anchored();
  await Promise.all(acts(8).map((act) => audit.write(act)));
  const { whole, findings, entries } = await verified(audit, anchors);
  assert.deepEqual([whole, findings, entries], [true, [], 8]);
  // Oracle refuses it.
  await assert.rejects(audit.write({ at: 10 ** 15, actor: 'ann', action: 'x', detail: 'y' }));
  const after = await verified(audit, anchors);
  assert.deepEqual(
    after.findings.map(({ kind }) => kind),
    ['begun'],
  );
  await audit.write({ at: 1, actor: 'ann', action: 'x', detail: 'y' });
  const { whole: isWhole, trusted } = await verified(audit, anchors);
  assert.deepEqual([isWhole, trusted], [true, [{ from: 1, to: 9 }]]);
});

test('who, what and why are stored whole, whatever characters they have, and what has no room is refused and not cut off', async () => {
  await execute('DELETE FROM CROSSFADE_AUDIT');
  const { audit, anchors } = anchored();
  const path = `arn:aws:iam::000000000000:user/${'division/'.repeat(50)}ann`;
  const act = { at: 1, actor: path, action: 'dead-letters discard', detail: '' };
  // Three, four and two bytes a character, across the borders of columns.
  const details = ['\u20ac'.repeat(3996), `x${'\u{1f600}'.repeat(2997)}`, '\u00e9'.repeat(2001), 'why'];
  for (const detail of details) await audit.write({ ...act, detail });
  const entries = await audit.after(0, 10);
  assert.deepEqual(
    entries.map(({ actor, detail }) => [actor, detail]),
    details.map((detail) => [path, detail]),
  );
  // Half a character comes back as another one, and an empty text as none: neither may break the chain.
  for (const detail of ['\ud83d', '']) await audit.write({ ...act, detail });
  assert.equal((await verified(audit, anchors)).whole, true);
  for (const [part, most] of Object.entries(ROOM)) {
    await audit.write({ ...act, detail: 'd', [part]: 'x'.repeat(most) });
    await assert.rejects(audit.write({ ...act, detail: 'd', [part]: 'x'.repeat(most + 1) }), {
      message: `AUDIT_TOO_LONG: the ${part} of the entry has ${most + 1} bytes, and the audit log has room for ${most}`,
    });
  }
  assert.equal((await verified(audit, anchors)).entries, 9);
});

test('what is changed with an entry is changed with it or not at all, and an entry that is not wanted any more is not written', async () => {
  await execute('DELETE FROM CROSSFADE_AUDIT');
  const { audit, anchors } = anchored();
  const versions = new FlagVersions(database.connection);
  const act = { at: 1, actor: 'ann', action: 'all collections: flag changed', detail: 'reads oracle' };
  const [second, third] = [
    { version: 2, at: 20 },
    { version: 3, at: 30 },
  ];
  const enter = (before: typeof second | null, now: typeof second) =>
    audit.writeWith(act, versions.noting('/x/reads', before, now));
  assert.equal((await enter(null, second))?.seq, 1);
  // Another controller was faster: of two that enter the same change one does.
  assert.deepEqual(
    [await enter(null, second), await enter(second, third)].map((each) => each?.seq),
    [undefined, 2],
  );
  assert.equal(await enter(second, third), null);
  assert.deepEqual([...(await versions.all())], [['/x/reads', third]]);
  const { whole, entries } = await verified(audit, anchors);
  assert.deepEqual([whole, entries], [true, 2]);
  // One that fails takes its entry back.
  await assert.rejects(audit.writeWith(act, () => Promise.reject(new Error('no'))));
  assert.equal((await audit.after(0, 10)).length, 2);
});
