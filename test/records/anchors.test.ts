/** The audit log compared with its anchors: who can change the database alone can change, cut and forge nothing unseen. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Anchor, anchorIn, anchorOf, type KeptAnchor } from '../../functions/records/anchors.ts';
import { type Act, type AuditEntry, BEGINNING, brokenAt, follow } from '../../functions/records/audit.ts';
import { type AuditVerdict, Comparison, YOUNG } from '../../functions/records/audit_verdict.ts';

const NOW = 10 * YOUNG;

function act(n: number): Act {
  return { at: n, actor: 'ann', action: 'orders: flags set', detail: `reads oracle ${n}` };
}

function chain(acts: readonly Act[], before: Pick<AuditEntry, 'seq' | 'hash'> = BEGINNING): AuditEntry[] {
  const entries: AuditEntry[] = [];
  for (const each of acts) entries.push(follow(entries.at(-1) ?? before, each));
  return entries;
}

const acts = (count: number) => Array.from({ length: count }, (_, n) => act(n + 1));

function anchorsOf(
  entries: readonly AuditEntry[],
  events: Anchor['event'][] = ['begun', 'entered'],
): KeptAnchor[] {
  return entries.flatMap((entry) =>
    events.map((event, n) => ({ ...anchorOf(event, `id${entry.seq}`, entry), kept: 10 * entry.seq + n })),
  );
}

function compared(entries: readonly AuditEntry[], anchors: readonly KeptAnchor[], now = NOW): AuditVerdict {
  const comparison = new Comparison(anchors, now);
  for (const each of entries) comparison.take(each);
  return comparison.end();
}

test('a log that nobody has touched is whole, and all of it can be trusted', () => {
  const entries = chain(acts(5));
  const { whole, trusted, findings, last } = compared(entries, anchorsOf(entries));
  assert.deepEqual([whole, trusted, findings], [true, [{ from: 1, to: 5 }], []]);
  assert.equal(last?.hash, entries[4]?.hash);
});

test('whatever is done to the entries with all hashes made anew is seen, and what is trusted is as it was entered', () => {
  const edits = fc.array(
    fc.record({
      at: fc.nat(),
      remove: fc.nat({ max: 3 }),
      insert: fc.array(fc.integer({ min: 100, max: 200 }), { maxLength: 2 }),
    }),
    { minLength: 1, maxLength: 3 },
  );
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 8 }), edits, (count, edits) => {
      const before = chain(acts(count));
      let changed = acts(count);
      for (const { at, remove, insert } of edits)
        changed = changed.toSpliced(at % (changed.length + 1), remove, ...insert.map(act));
      const forged = chain(changed);
      const { whole, trusted } = compared(forged, anchorsOf(before));
      // The chain alone tells nothing of it.
      assert.equal(brokenAt(forged), null);
      assert.equal(whole, JSON.stringify(forged) === JSON.stringify(before));
      for (const { from, to } of trusted)
        for (let seq = from; seq <= to; seq++)
          assert.deepEqual(
            forged.find((each) => each.seq === seq),
            before[seq - 1],
          );
    }),
  );
});

test('whatever rows are changed, left out or exchanged as they are is seen, and what is trusted is as it was entered', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 8 }),
      fc.array(fc.record({ row: fc.nat(), detail: fc.option(fc.string()), keepsHash: fc.boolean() }), {
        minLength: 1,
        maxLength: 4,
      }),
      (count, changes) => {
        const before = chain(acts(count));
        let rows = before;
        for (const { row, detail, keepsHash } of changes) {
          const n = row % Math.max(1, rows.length);
          const found = rows[n];
          if (found === undefined) continue;
          const entry = { ...found, detail: detail ?? '' };
          const hash = follow({ seq: entry.seq - 1, hash: rows[n - 1]?.hash ?? '' }, entry).hash;
          rows =
            detail === null ? rows.toSpliced(n, 1) : rows.with(n, keepsHash ? entry : { ...entry, hash });
        }
        const { whole, trusted } = compared(rows, anchorsOf(before));
        assert.equal(whole, JSON.stringify(rows) === JSON.stringify(before));
        for (const each of rows)
          if (trusted.some(({ from, to }) => from <= each.seq && each.seq <= to))
            assert.deepEqual(each, before[each.seq - 1]);
      },
    ),
  );
});

test('a cut is told with where it is: at the beginning, in the middle, at the end, or all of it', () => {
  const entries = chain(acts(6));
  const anchors = anchorsOf(entries);
  const where = (left: readonly AuditEntry[]) =>
    compared(left, anchors).findings.map((each) =>
      each.kind === 'missing' ? [each.where, each.from, each.to, each.anchored] : each.kind,
    );
  assert.deepEqual(where(entries.slice(2)), [['beginning', 1, 2, 21]]);
  assert.deepEqual(where(entries.toSpliced(2, 2)), [['middle', 3, 4, 41]]);
  assert.deepEqual(where(entries.slice(0, 4)), [['end', 5, 6, 61]]);
  assert.deepEqual(where([]), [['end', 1, 6, 61]]);
  assert.deepEqual(compared(entries.toSpliced(2, 2), anchors).trusted, [
    { from: 1, to: 2 },
    { from: 5, to: 6 },
  ]);
});

test('a log that was rewritten from an entry on is told as changed from there on, and trusted before it', () => {
  const entries = chain(acts(6));
  const rewritten = chain(acts(6).with(3, { ...act(4), actor: 'somebody else' }));
  const { findings, trusted } = compared(rewritten, anchorsOf(entries));
  assert.deepEqual(findings, [{ kind: 'changed', from: 4, to: 6, anchored: 61 }]);
  assert.deepEqual(trusted, [{ from: 1, to: 3 }]);
});

test('who may also write anchors cannot replace those that are there', () => {
  const entries = chain(acts(4));
  const rewritten = chain(acts(4).with(1, { ...act(2), detail: 'nothing to see here' }));
  const later = anchorsOf(rewritten.slice(1)).map((each) => ({
    ...each,
    id: `forged ${each.id}`,
    kept: 900,
  }));
  const { whole, findings } = compared(rewritten, [...anchorsOf(entries), ...later]);
  assert.equal(whole, false);
  assert.deepEqual(findings, [{ kind: 'changed', from: 2, to: 4, anchored: 41 }]);
});

test('an entry that was begun and is not there is told as that, and not as taken out', () => {
  const entries = chain(acts(3));
  const [, , third] = entries;
  const anchors = [...anchorsOf(entries.slice(0, 2)), ...anchorsOf(entries.slice(2), ['begun'])];
  const { whole, findings } = compared(entries.slice(0, 2), anchors);
  assert.deepEqual(findings, [{ kind: 'begun', seq: 3, action: third?.action, at: 3 }]);
  assert.equal(whole, true);
  // It may still be on its way.
  assert.deepEqual(compared(entries.slice(0, 2), anchors, 40).findings, []);
  // Its function has died after it was inserted: the hash is known, and it was never in doubt.
  assert.deepEqual(compared(entries, anchors).findings, []);
});

test('a writer who lost a number to another one, and entered under the next, has left nothing behind', () => {
  const [first, second] = chain([act(1), act(2)]) as [AuditEntry, AuditEntry];
  const lost = { ...anchorOf('begun', 'id2', follow(BEGINNING, act(2))), kept: 9 };
  const { whole, findings } = compared([first, second], [lost, ...anchorsOf([first, second])]);
  assert.deepEqual([whole, findings], [true, []]);
});

test('entries of a time without anchors are told with that time; the next anchor covers them', () => {
  const entries = chain(acts(6));
  const [, , third, fourth] = entries;
  const anchors = anchorsOf(entries).filter(({ seq }) => seq !== 3 && seq !== 4);
  const { whole, findings, trusted } = compared(entries, anchors);
  assert.equal(whole, false);
  const between = [third?.at, fourth?.at];
  assert.deepEqual(findings, [
    { kind: 'unanchored', from: 3, to: 4, between, covered: { seq: 5, since: 50 } },
  ]);
  assert.deepEqual(trusted, [{ from: 1, to: 6 }]);
  // Confirmed later, by the function that wrote them.
  const late = anchorsOf(entries.slice(2, 4), ['late']).map((each) => ({ ...each, kept: 55 }));
  const settled = compared(entries, [...anchors, ...late]);
  assert.deepEqual([settled.findings, settled.late], [[], [{ from: 3, to: 4, kept: 55, since: null }]]);
  assert.deepEqual(compared(entries.slice(0, 5), anchorsOf(entries.slice(0, 3))).findings, [
    { kind: 'unanchored', from: 4, to: 5, between: [4, 5], covered: null },
  ]);
});

test('entries whose hashes have waited in SSM are told apart from others, with since when; one that was kept in time is none of them', () => {
  const entries = chain(acts(5));
  const inTime = anchorsOf(entries).filter(({ seq }) => seq !== 2 && seq !== 3);
  const waited = anchorsOf(entries.slice(1, 3), ['begun', 'late']).map((each) => ({
    ...{ ...each, kept: 70 + each.seq, since: 20 + each.seq },
  }));
  const { whole, findings, late, trusted } = compared(entries, [...inTime, ...waited]);
  assert.deepEqual([whole, findings, trusted], [true, [], [{ from: 1, to: 5 }]]);
  assert.deepEqual(late, [{ from: 2, to: 3, kept: 73, since: 22 }]);
  const begunInTime = anchorsOf(entries.slice(1, 3), ['begun']);
  assert.deepEqual(compared(entries, [...inTime, ...begunInTime, ...waited]).late, []);
});

test('a hash that has waited in SSM proves nothing of an entry that was put into its place before it was sent', () => {
  const entries = chain(acts(4));
  const forged = chain(acts(4).with(1, { ...act(2), detail: 'nothing to see here' }));
  const waited = anchorsOf(entries.slice(1, 2), ['late']).map((each) => ({ ...each, kept: 90, since: 21 }));
  const others = anchorsOf(entries).filter(({ seq }) => seq < 2);
  assert.deepEqual(compared(forged.slice(0, 2), [...others, ...waited]).findings, [
    { kind: 'changed', from: 2, to: 2, anchored: 90 },
  ]);
  // Nor of one that is not there any more.
  assert.deepEqual(compared(entries.slice(0, 1), [...others, ...waited]).findings, [
    { kind: 'missing', where: 'end', from: 2, to: 2, anchored: 90 },
  ]);
});

test('entries of before there were anchors are no finding, and the first anchor covers them; their beginning is looked at all the same', () => {
  const entries = chain(acts(5));
  const anchors = anchorsOf(entries.slice(3));
  const { whole, anchoredFrom, trusted } = compared(entries, anchors);
  assert.deepEqual([whole, anchoredFrom, trusted], [true, 4, [{ from: 1, to: 5 }]]);
  assert.deepEqual(compared(entries.slice(1), anchors).findings, [
    { kind: 'missing', where: 'beginning', from: 1, to: 1, anchored: null },
    // What it followed is not known any more, so nothing proves it.
    { kind: 'changed', from: 2, to: 2, anchored: null },
  ]);
  assert.equal(
    compared(entries.with(1, { ...(entries[1] as AuditEntry), detail: '' }), anchors).whole,
    false,
  );
});

test('the newest entry may be without an anchor for a moment, and no longer; one of the future is told at once', () => {
  const entries = chain([act(1), { ...act(2), at: NOW }]);
  const anchors = anchorsOf(entries.slice(0, 1));
  const { whole, young } = compared(entries, anchors, NOW);
  assert.deepEqual([whole, young], [true, 1]);
  assert.equal(compared(entries, anchors, NOW + YOUNG).whole, false);
  assert.equal(compared(entries, anchors, NOW - YOUNG).whole, false);
});

test('an anchor is read back as it was written, and nothing else is taken for one', () => {
  const [entry] = chain([act(1)]) as [AuditEntry];
  const anchor = anchorOf('begun', 'x', entry);
  assert.deepEqual(anchorIn(JSON.stringify(anchor)), anchor);
  // A later version may say more.
  assert.deepEqual(anchorIn(JSON.stringify({ ...anchor, more: 1 })), anchor);
  for (const text of ['', '{', 'null', '[]', JSON.stringify({ ...anchor, seq: '1' })])
    assert.equal(anchorIn(text), null);
  // Who and why stay in the database, from which they can be erased.
  assert.ok(!JSON.stringify(anchor).includes('ann'));
});
