import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { contains } from '../../functions/protocol/shard.ts';
import { parseRequest } from '../../functions/runs/request.ts';

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
