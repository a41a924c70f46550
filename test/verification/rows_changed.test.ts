/** Which rows a verification in `contract` takes for changed by SQL. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NOTHING, type Seen } from '../../functions/stores/snapshot.ts';
import { compare } from '../../functions/verification/compare.ts';

const live = (version: bigint, text: string, more: Partial<Seen> = {}): Seen => ({
  ...{ ...NOTHING, presence: 'live', version, body: Buffer.from(text), state: `live@${version}` },
  ...more,
});
const gone = (version: bigint): Seen => ({
  ...{ ...NOTHING, presence: 'deleted', version, state: `deleted@${version}` },
});
const kind = (couchbase: Seen, oracle: Seen, mode: 'version' | 'content' = 'content') =>
  compare('contract', { couchbase, oracle }, mode)?.kind ?? null;

test('in contract a row is compared with what Couchbase was last told, and a write of the API explains a later one', () => {
  const [one, other] = [live(5n, '1'), live(5n, '2')];
  const later = (handoff: bigint | null, version = 6n) => live(version, '2', { handoff });
  for (const [held, row, expected] of [
    [one, one, null],
    [one, other, 'sql-unversioned'],
    [one, live(5n, '1', { expires: 9 }), 'sql-unversioned'],
    [one, gone(5n), 'sql-unversioned'],
    [gone(5n), one, 'sql-unversioned'],
    // Its time is up in Oracle first.
    [live(5n, '1', { expires: 9 }), gone(5n), null],
    [one, later(null), 'sql-document'],
    [one, later(5n), null],
    [one, later(5n, 4n), 'sql-document'],
    [one, { ...gone(6n), handoff: 5n }, null],
    [one, gone(6n), 'sql-document'],
    [one, NOTHING, 'sql-delete'],
    [gone(5n), NOTHING, null],
    [gone(5n), gone(6n), null],
    [NOTHING, one, 'sql-insert'],
    [NOTHING, later(0n), null],
    [NOTHING, gone(5n), null],
    // A placeholder says as much as nothing.
    [gone(0n), one, 'sql-insert'],
    [{ ...one, presence: 'large', body: null }, NOTHING, 'large'],
    [gone(5n), { ...gone(5n), remains: true }, 'remains'],
  ] as const)
    assert.equal(kind(held, row), expected, `${held.state} ${row.state} ${row.handoff}`);
  assert.equal(kind(one, other, 'version'), null);
});
