import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { byUtf8 } from '../../functions/protocol/order.ts';
import type { Phase } from '../../functions/protocol/phase.ts';
import { agree, type CouchbaseState, type OracleState } from '../../functions/protocol/state.ts';
import type { Noted } from '../../functions/records/finding.ts';
import { NOTHING, type Seen, stateOf } from '../../functions/stores/snapshot.ts';
import { compare } from '../../functions/verification/compare.ts';
import { firstDifference } from '../../functions/verification/first_difference.ts';
import { judge, recheck } from '../../functions/verification/recheck.ts';
import { unionOf } from '../../functions/verification/union.ts';
import { document } from '../stores/contract/subject.ts';

const body = (text: string) => Buffer.from(text);
const live = (version: bigint, text: string, more: Partial<Seen> = {}): Seen => ({
  ...{ ...NOTHING, presence: 'live', version, body: body(text), state: `live@${version}` },
  ...more,
});
const gone = (version: bigint): Seen => ({
  ...{ ...NOTHING, presence: 'deleted', version, state: `deleted@${version}` },
});
const kind = (
  phase: Phase,
  couchbase: Seen,
  oracle: Seen,
  mode: 'count' | 'version' | 'content' = 'content',
) => compare(phase, { couchbase, oracle }, mode)?.kind ?? null;

test('each difference has its name, from the side of the store that leads', () => {
  const one = live(5n, '{"a":1}');
  assert.equal(kind('expand', one, live(5n, '{ "a": 1.0 }')), null);
  assert.equal(kind('expand', one, NOTHING), 'missing');
  assert.equal(kind('expand', one, gone(4n)), 'tombstone');
  assert.equal(kind('expand', NOTHING, one), 'extra');
  assert.equal(kind('expand', NOTHING, gone(9n)), null);
  assert.equal(kind('expand', one, live(4n, '{"a":1}')), 'stale');
  assert.equal(kind('expand', one, live(6n, '{"a":1}')), 'ahead');
  assert.equal(kind('expand', one, live(5n, '{"a":2}')), 'content');
  assert.equal(kind('expand', one, live(5n, '{"a":1}', { expires: 9 })), 'expiry');
  assert.equal(kind('expand', gone(5n), gone(5n)), 'marker');
  assert.equal(kind('expand', one, live(5n, '{"a":1}', { handoff: 3n })), 'handed-off');
  assert.equal(kind('settle', one, live(5n, '{"a":1}', { handoff: 3n })), null);
  assert.equal(kind('settle', NOTHING, one), 'missing');
  assert.equal(kind('settle', one, NOTHING), 'extra');
  assert.equal(kind('settle', live(4n, '{"a":1}'), one), 'stale');
  assert.equal(kind('legacy', one, NOTHING), null);
  assert.equal(kind('legacy', gone(5n), NOTHING), 'marker');
  assert.equal(kind('expand', { ...one, presence: 'large', body: null }, NOTHING), 'large');
});

test('what a mode does not look at, it does not find', () => {
  const [one, other] = [live(5n, '{"a":1}'), live(5n, '{"a":2}')];
  assert.deepEqual(
    [kind('expand', one, other, 'version'), kind('expand', one, other, 'count')],
    [null, null],
  );
  assert.equal(kind('expand', one, live(4n, '{"a":1}'), 'count'), null);
  assert.equal(kind('expand', one, live(4n, '{"a":1}'), 'version'), 'stale');
});

test('bodies of any JSON are compared as the protocol compares them', () => {
  for (const [a, b] of [
    ['12345678901234567890123456789012345678', '12345678901234567890123456789012345679'],
    ['{"a":""}', '{"a":null}'],
    ['{"a":null}', '{}'],
    ['1', '"1"'],
    ['not JSON', 'not  JSON'],
  ] as const)
    assert.equal(kind('expand', live(5n, a), live(5n, b)), 'content', `${a} ${b}`);
  for (const [a, b] of [
    ['{"a":1,"b":2}', '{"b":2.0,"a":1e0}'],
    ['"\\u0041"', '"A"'],
  ] as const)
    assert.equal(kind('expand', live(5n, a), live(5n, b)), null, `${a} ${b}`);
});

test('where both agree in the protocol’s eyes, nothing is found, and the other way round', () => {
  const content = fc.constantFrom(null, document('{"a":1}'), document('{"a":2}'));
  const version = fc.bigInt({ min: 1n, max: 3n });
  const couchbase = fc.oneof(
    fc.constant<CouchbaseState>({ content: null, version: 0n, cas: 0n }),
    fc.record({ content, version, cas: fc.constant(7n) }),
  );
  const oracle = fc.oneof(
    fc.constant<OracleState>({ content: null, version: 0n, handoff: null, handback: 0n }),
    fc.record({ content, version, handoff: fc.constant(null), handback: fc.constant(0n) }),
  );
  const seen = (state: CouchbaseState | OracleState, there: boolean): Seen =>
    !there
      ? NOTHING
      : state.content === null
        ? gone(state.version)
        : { ...live(state.version, ''), body: state.content.body };
  fc.assert(
    fc.property(couchbase, oracle, fc.constantFrom<Phase>('expand', 'settle'), (held, row, phase) => {
      const found = kind(phase, seen(held, held.cas !== 0n), seen(row, row.version !== 0n));
      const marker = held.cas !== 0n && held.content === null;
      assert.equal(found === null, agree(held, row) && !marker);
    }),
  );
});

test('the place of the first difference is told, and nothing of what stands there', () => {
  const where = (a: string, b: string) => firstDifference(body(a), body(b));
  assert.equal(where('{"a":{"b":[1,2,3]}}', '{"a":{"b":[1,2,4]}}'), '/a/b/2');
  assert.equal(where('{"a":1}', '{"a":1,"b/c":2}'), '/b~1c');
  assert.equal(where('[1]', '[1,2]'), '/1');
  assert.equal(where('{"a":12345678901234567890123}', '{"a":12345678901234567890124}'), '/a');
  assert.equal(where('{"a":1,"c":1}', '{"a":1.0,"b":1}'), '/b');
  assert.equal(where('1', '2'), 'the whole');
  assert.equal(where('1', 'x'), 'the whole');
  assert.equal(where('{"a":1}', '{"a":1e0}'), null);
});

test('a difference is real only if it stands in the same states for as long as writes take', () => {
  const how = { phase: 'expand', mode: 'content', repair: false, stands: 1000 } as const;
  const differ = { couchbase: live(5n, '1'), oracle: live(4n, '1') };
  const suspect: Noted = {
    ...{ run: 'r', key: 'k', verdict: 'suspect', kind: 'stale', detail: '', seen: stateOf(differ) },
    ...{ looks: 0, firstSeen: 0, lastSeen: 0 },
  };
  assert.equal(judge(suspect, differ, how, 999).verdict, 'suspect');
  assert.equal(judge(suspect, differ, how, 1000).verdict, 'mismatch');
  assert.equal(judge(suspect, { ...differ, oracle: live(5n, '1') }, how, 1000).verdict, 'passed');
  const changed = judge(suspect, { couchbase: live(6n, '1'), oracle: live(5n, '1') }, how, 5000);
  assert.deepEqual([changed.verdict, changed.firstSeen], ['suspect', 5000]);
  assert.equal(judge({ ...suspect, looks: 19, seen: 'x' }, differ, how, 5000).verdict, 'busy');
});

test('a marker is left over only once both receipts that it takes have had their time', () => {
  const pair = { couchbase: gone(5n), oracle: gone(5n) };
  const how = { phase: 'seal', mode: 'version', repair: false, stands: 1000 } as const;
  const suspect: Noted = {
    ...{ run: 'r', key: 'k', verdict: 'suspect', kind: 'marker', detail: '', seen: stateOf(pair) },
    ...{ looks: 0, firstSeen: 0, lastSeen: 0 },
  };
  assert.equal(judge(suspect, pair, how, 1999).verdict, 'suspect');
  assert.equal(judge(suspect, pair, how, 2000).verdict, 'mismatch');
});

test('keys of both stores are walked once each, as far as both lists reach', () => {
  const keys = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 3 }), { maxLength: 40 });
  fc.assert(
    fc.property(keys, keys, fc.integer({ min: 1, max: 9 }), (a, b, limit) => {
      const list = (all: string[], after: string | null) => {
        const left = all.filter((key) => after === null || byUtf8(key, after) > 0).sort(byUtf8);
        return { keys: left.slice(0, limit), complete: left.length < limit };
      };
      const walked: string[] = [];
      for (let after: string | null = null; ; after = walked.at(-1) ?? null) {
        const next = unionOf(list(a, after), list(b, after));
        if (next.length === 0) break;
        walked.push(...next);
      }
      assert.deepEqual(walked, [...new Set([...a, ...b])].sort(byUtf8));
    }),
  );
});

test('places of differences: of names in their order, of what is no JSON, and of nothing to compare', () => {
  const where = (a: string, b: string) => firstDifference(body(a), body(b));
  assert.deepEqual([where('x', '1'), where('x', 'y'), where('x', 'x')], ['the whole', 'the whole', null]);
  assert.deepEqual([firstDifference(null, body('1')), firstDifference(body('1'), null)], [null, null]);
  // Names in the order of their bytes: the first that only one of both has.
  assert.deepEqual([where('{"a":1}', '{"b":1}'), where('{"b":1}', '{"a":1}')], ['/a', '/a']);
  assert.equal(where('{"a":{"x":1},"b":2}', '{"a":[1],"b":2}'), '/a');
  assert.equal(where('{"~":1}', '{"~":2}'), '/~0');
  assert.equal(where('12', '123'), 'the whole');
});

test('a body that only one store has is another content, and two that have none are the same', () => {
  const bare = live(5n, '', { body: null });
  assert.deepEqual([kind('expand', bare, bare), kind('expand', bare, live(5n, '1'))], [null, 'content']);
  assert.equal(kind('expand', live(5n, '1'), bare), 'content');
});

/** Pages of suspects whose stores differ as ever, and what one round of looks makes of them. */
async function rechecked(pages: readonly (readonly Partial<Noted>[])[], now: number, lasts = 1000) {
  const differ = { couchbase: live(5n, '1'), oracle: live(4n, '1') };
  let looks = 0;
  const noted: Noted[] = [];
  const ports = {
    suspects: async (after: string | null) => {
      const page = after === null ? 0 : Number(after);
      const suspects = (pages[page] ?? []).map(
        (each): Noted => ({
          ...{ run: 'r', key: 'k', verdict: 'suspect', kind: 'stale', detail: '', seen: stateOf(differ) },
          ...{ looks: 0, firstSeen: 0, lastSeen: 0, ...each },
        }),
      );
      return { suspects, next: page + 1 < pages.length ? String(page + 1) : null };
    },
    looked: async (each: Noted) => void noted.push(each),
    look: async () => differ,
    leftOut: async () => false,
    repair: async () => {},
    now: () => now,
    timely: () => looks++ < lasts,
  };
  const how = { phase: 'expand', mode: 'content', repair: false, stands: 60_000 } as const;
  return { ...(await recheck(ports, how)), noted };
}

test('the longer a difference stands, the later the next look, and no later than it can be decided', async () => {
  const wait = async (looks: number, now: number) => (await rechecked([[{ looks }]], now)).wait;
  assert.deepEqual(
    [await wait(0, 1000), await wait(1, 1000), await wait(3, 1000), await wait(9, 1000)],
    [1, 2, 8, 30],
  );
  assert.deepEqual([await wait(9, 54_001), await wait(9, 55_000), await wait(9, 59_999)], [6, 5, 1]);
  const next = await rechecked([[{ looks: 5 }, { looks: 1 }, { looks: 4 }]], 1000);
  assert.deepEqual([next.suspects, next.wait], [3, 2], 'the first of them decides');
});

test('a round of looks goes through all pages, and one without time is followed by another at once', async () => {
  const late = await rechecked([[{}, {}, {}, {}]], 1000, 2);
  assert.deepEqual([late.suspects, late.wait, late.noted.length], [3, 1, 2]);
  const pages = [
    [{ looks: 9, key: 'a' }],
    [],
    [
      { looks: 2, key: 'b' },
      { key: 'c', firstSeen: -60_000 },
    ],
  ];
  const all = await rechecked(pages, 1000);
  assert.deepEqual([all.suspects, all.wait, all.noted.map(({ key }) => key)], [2, 4, ['a', 'b', 'c']]);
  // Those of the first page are decided, and nobody has looked at the others.
  const decided = [[{ firstSeen: -60_000 }], [], [{}]];
  assert.deepEqual((await rechecked(decided, 1000, 2)).suspects, 1);
  assert.deepEqual((await rechecked(decided, 1000, 1)).suspects, 1);
  const none = await rechecked([], 1000);
  assert.deepEqual([none.suspects, none.wait], [0, 30]);
});
