/** What `npx crossfade audit --verify` says of each finding: what, from which entry on, and what to do. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AuditFinding } from '../../functions/records/audit_verdict.ts';
import { auditLines, isWell, type Verified, verdictLines } from '../../infra/console/told/audit.ts';

const VERIFIED: Verified = {
  ...{ whole: true, entries: 9, anchors: 18, last: { seq: 9, hash: 'h9' }, anchoredFrom: 1, findings: [] },
  ...{ trusted: [{ from: 1, to: 9 }], young: 0, group: 'G', foreign: 0 },
  ...{ late: [], known: [] },
};

const told = (given: Partial<Verified>) => verdictLines({ ...VERIFIED, ...given }).join('\n');
const finding = (each: AuditFinding) => told({ whole: false, findings: [each] });

test('a log that is whole is told with its last hash, and with the entries that this is proven of', () => {
  assert.deepEqual(verdictLines(VERIFIED), [
    '9 entries, and 18 anchors of them in the log group G, from entry 1 on.',
    'Proven to be as they were when their hashes were kept: entries 1 to 9.',
    'AUDIT_WHOLE: nothing was changed, and nothing taken out. The last hash is h9.',
  ]);
  assert.doesNotMatch(finding({ kind: 'changed', from: 4, to: 4, anchored: 0 }), /AUDIT_WHOLE/);
  assert.match(told({ trusted: [] }), /No entry is proven/);
  assert.match(told({ anchors: 0, anchoredFrom: null }), /0 anchors of them in the log group G\.\n/);
  assert.match(told({ young: 2, foreign: 3 }), /3 texts .* no anchors[\s\S]*2 of the newest .* in 2 minutes/);
});

test('each finding has a code of its own, and says which entries, since when, and what to do', () => {
  const missing = { kind: 'missing', from: 2, to: 3, anchored: 0 } as const;
  assert.match(
    finding({ ...missing, where: 'beginning' }),
    /AUDIT_MISSING: entries 2 to 3 are not there, at the beginning; its hash was kept at 1970-01-01T00:00:00.000Z\. .* Compare/,
  );
  assert.match(
    finding({ ...missing, to: 2, where: 'middle', anchored: null }),
    /entry 2 is not there\. Somebody/,
  );
  assert.match(finding({ ...missing, where: 'end' }), /not there, at the end;/);
  assert.match(
    finding({ kind: 'changed', from: 4, to: 4, anchored: 0 }),
    /AUDIT_CHANGED: entry 4 is not what was entered; its hash was kept at 1970/,
  );
  assert.match(
    finding({ kind: 'changed', from: 4, to: 5, anchored: null }),
    /AUDIT_CHANGED: entries 4 to 5 do not follow what is before/,
  );
  const unanchored = { kind: 'unanchored', from: 5, to: 6, between: [0, 60_000] } as const;
  assert.match(
    finding({ ...unanchored, covered: { seq: 7, since: 120_000 } }),
    /AUDIT_UNANCHORED: entries 5 to 6, of 1970-01-01T00:00:00.000Z to 1970-01-01T00:01:00.000Z, have no anchor\. That of entry 7 covers .* since 1970-01-01T00:02/,
  );
  assert.match(
    finding({ ...unanchored, to: 5, covered: null }),
    /entry 5, .* has no anchor\. None covers it/,
  );
  assert.match(
    finding({ kind: 'begun', seq: 8, action: 'orders: retired', at: 0 }),
    /AUDIT_BEGUN: an entry 8 "orders: retired" was begun at 1970.* It was not taken out/,
  );
});

test('hashes that were kept late are told with where they were until then, and are no finding', () => {
  const late = { from: 3, to: 4, kept: 120_000 };
  assert.match(
    told({ late: [{ ...late, since: 60_000 }] }),
    /AUDIT_LATE: the log group has taken the hashes of entries 3 to 4 only at 1970-01-01T00:02.* SSM had them since 1970-01-01T00:01[\s\S]*AUDIT_WHOLE/,
  );
  assert.match(told({ late: [{ ...late, since: null }] }), /in its memory alone/);
});

test('entries without an anchor that somebody has looked into are told, and wrong no more, as long as a later anchor covers all of them', () => {
  const covered = { seq: 7, since: 120_000 };
  const unanchored = { kind: 'unanchored', from: 5, to: 6, between: [0, 60_000], covered } as const;
  const well = (known: Verified['known'], findings: readonly AuditFinding[] = [unanchored]) =>
    isWell({ findings, known });
  assert.deepEqual([well([]), well([{ from: 5, to: 5 }]), well([{ from: 4, to: 6 }])], [false, false, true]);
  assert.equal(
    well([
      { from: 5, to: 5 },
      { from: 6, to: 6 },
    ]),
    true,
  );
  assert.equal(well([{ from: 5, to: 6 }], [{ ...unanchored, covered: null }]), false);
  assert.equal(well([{ from: 5, to: 6 }], [{ kind: 'changed', from: 5, to: 6, anchored: null }]), false);
  assert.equal(well([], [{ kind: 'begun', seq: 8, action: 'a', at: 0 }]), true);
  const text = told({ whole: false, findings: [unanchored], known: [{ from: 5, to: 6 }] });
  assert.match(text, /AUDIT_UNANCHORED: .*You have said that they are known\n[\s\S]*AUDIT_WHOLE/);
});

test('a chain that is whole by itself is not told to be as it was written', () => {
  const entry = { seq: 1, at: 0, actor: 'ann', action: 'a', detail: 'd', hash: 'h' };
  const lines = auditLines({ entries: [entry], brokenAt: null });
  assert.equal(lines[0], '1 1970-01-01T00:00:00.000Z ann a d');
  assert.match(lines[1] ?? '', /last hash is h\. Whoever can write the database .* audit --verify$/);
  assert.match(
    auditLines({ entries: [entry], brokenAt: 1 }).at(-1) ?? '',
    /^AUDIT_BROKEN: entry 1 .* --verify$/,
  );
  assert.match(auditLines({ entries: [], brokenAt: null })[0] ?? '', /^Nothing yet\. .* --verify$/);
});
