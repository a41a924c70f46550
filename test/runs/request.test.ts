import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { contains } from '../../functions/protocol/shard.ts';
import { parseRequest, RunRefused } from '../../functions/runs/request.ts';

const collections = ['orders'];
const key = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 20 })
  .filter((each) => each.isWellFormed() && Buffer.byteLength(each) <= 250);

test('a prefix is the range of the keys that begin so, and of no others', () => {
  fc.assert(
    fc.property(key, key, (prefix, other) => {
      const { range } = parseRequest({ collection: 'orders', prefix }, 'copy', collections);
      assert.equal(contains(range, prefix), true);
      for (const each of [prefix + other, other, other + prefix])
        if (Buffer.byteLength(each) <= 250)
          assert.equal(contains(range, each), each.startsWith(prefix), JSON.stringify(each));
    }),
    { numRuns: 2000 },
  );
  for (const prefix of ['\0', 'a\0', '\u{10ffff}', '\ue000', '\u{10000}', 'é']) {
    const { range } = parseRequest({ collection: 'orders', prefix }, 'copy', collections);
    assert.equal(contains(range, prefix), true, JSON.stringify(prefix));
    assert.equal(contains(range, `${prefix}\u{10ffff}`), true);
  }
  const { range } = parseRequest({ collection: 'orders', prefix: '\u0001' }, 'copy', collections);
  assert.deepEqual([contains(range, '\0'), contains(range, '\0\u{10ffff}')], [false, false]);
});

test('what is not said is all keys, copied', () => {
  assert.deepEqual(parseRequest({ collection: 'orders' }, 'copy', collections), {
    ...{
      kind: 'backfill',
      options: {},
      collection: 'orders',
      range: { after: null, upTo: null },
      shards: null,
      dryRun: false,
      look: false,
      abandon: false,
      resume: false,
      ifPossible: false,
    },
  });
});

test('a run copies forward, back, or compares', () => {
  const kinds = (value: object, job: 'copy' | 'verify') => {
    const { kind, options } = parseRequest({ collection: 'orders', ...value }, job, collections);
    return { kind, options };
  };
  assert.deepEqual(kinds({ back: 'changed' }, 'copy'), { kind: 'copyback', options: { back: 'changed' } });
  assert.deepEqual(kinds({}, 'verify'), { kind: 'verify', options: { mode: 'content', repair: false } });
  assert.deepEqual(kinds({ mode: 'count' }, 'verify').options, { mode: 'count', repair: false });
  assert.throws(() => kinds({ mode: 'count' }, 'copy'), /wrong at mode/);
  assert.throws(() => kinds({ back: 'all' }, 'verify'), /wrong at back/);
});

test('a range that is no range of keys is refused, and so is a collection that is not there', () => {
  const refused = (given: object, why: RegExp) =>
    assert.throws(
      () => parseRequest({ collection: 'orders', ...given }, 'copy', collections),
      (error) => error instanceof RunRefused && error.name === 'RunRefused' && why.test(error.message),
    );
  refused({ collection: 'items' }, /There is no collection "items": it is none of orders/);
  for (const range of [{ after: 'a' }, { upTo: 'a' }, { after: 'a', upTo: 'b' }])
    refused({ prefix: 'p', ...range }, /The input has a prefix and a range: give one of them/);
  refused({ after: 'b', upTo: 'a' }, /No key is above "b" and not above "a": the range is empty/);
  refused({ after: 'a', upTo: 'a' }, /the range is empty/);
  // In the order of their bytes, a character above the first 65,536 is the higher one.
  refused({ after: '\u{10000}', upTo: '\uffee' }, /the range is empty/);
});

test('a run over a part of the keys keeps its range, and one over all of them keeps none', () => {
  const of = (given: object) => parseRequest({ collection: 'orders', ...given }, 'verify', collections);
  for (const range of [
    { after: 'a', upTo: 'b' },
    { after: 'a', upTo: null },
    { after: null, upTo: 'b' },
  ]) {
    const given = Object.fromEntries(Object.entries(range).filter(([, bound]) => bound !== null));
    assert.deepEqual([of(given).range, of(given).options.range], [range, range]);
  }
  assert.equal('range' in of({}).options, false);
});
