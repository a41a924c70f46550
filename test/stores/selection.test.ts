import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { byUtf8 } from '../../functions/protocol/order.ts';
import { contains, type Shard } from '../../functions/protocol/shard.ts';
import { PROBE } from '../../functions/stores/feed_probe.ts';
import {
  IGNORED,
  listedWithin,
  ownerOf,
  rangesBeside,
  requireTaken,
  Selection,
  sharedRange,
} from '../../functions/stores/selection.ts';

const of = (include: readonly string[], ignore: readonly string[] = IGNORED) =>
  new Selection({ include, ignore });
const character = fc.constantFrom('a', 'b', ':', '\u007f', 'é', '\uffff', '\u{10000}', '\u{10ffff}');
const key = fc.array(character, { minLength: 1, maxLength: 4 }).map((all) => all.join(''));
const globs = fc.array(
  fc.tuple(key, fc.boolean()).map(([prefix, isWhole]) => (isWhole ? prefix : `${prefix}*`)),
  { minLength: 1, maxLength: 4 },
);

test('a key is taken, ignored or elsewhere; what is ignored is so whatever includes it', () => {
  const orders = of(['order::*', '_sync:order*']);
  assert.deepEqual(
    ['order::1', 'cart::1', '_sync:rev:1', '_sync:order', '_txn:client-record'].map((each) =>
      orders.of(each),
    ),
    ['taken', 'elsewhere', 'ignored', 'ignored', 'ignored'],
  );
  assert.equal(of(['*'], []).of('_sync:x'), 'taken');
});

test('each key that is taken is in a range of the selection, however long it is, and no range overlaps another', () => {
  fc.assert(
    fc.property(globs, key, (include, other) => {
      const selection = of(include, []);
      const { ranges } = selection;
      const places = ranges.filter((range) => contains(range, other)).length;
      assert.ok(places <= 1);
      if (selection.takes(other)) assert.equal(places, 1);
      for (const [n, range] of ranges.slice(1).entries())
        assert.ok(byUtf8(ranges[n]?.upTo ?? '', range.after ?? '') < 0);
    }),
    { numRuns: 300 },
  );
  for (const prefix of [
    'a',
    'é',
    '\u{10ffff}',
    'x'.repeat(100),
    'x'.repeat(247),
    'x'.repeat(249),
    'x'.repeat(250),
  ]) {
    const [range] = of([`${prefix}*`]).ranges;
    const room = 250 - Buffer.byteLength(prefix);
    const keys = [prefix, ...['\u007f', '\u07ff', '\uffff', '\u{10ffff}'].map((each) => prefix + each)];
    const longest =
      prefix + '\u{10ffff}'.repeat(Math.floor(room / 4)) + ['', '\u007f', '\u07ff', '\uffff'][room % 4];
    for (const each of [...keys, longest].filter((one) => Buffer.byteLength(one) <= 250))
      assert.ok(contains(range as Shard, each), `${prefix.length} ${JSON.stringify(each.slice(-2))}`);
  }
});

test('ranges beside ranges hold all other keys, and none of theirs', () => {
  fc.assert(
    fc.property(globs, key, (include, other) => {
      const { ranges } = of(include, []);
      const [mine, beside] = [ranges, rangesBeside(ranges)].map((all) =>
        all.some((each) => contains(each, other)),
      );
      assert.notEqual(mine, beside);
    }),
    { numRuns: 200 },
  );
  assert.deepEqual(rangesBeside([]), [{ after: null, upTo: null }]);
  assert.deepEqual(rangesBeside(of(['*']).ranges), []);
});

test('what two ranges share is what is in both', () => {
  const bound = fc.option(key, { nil: null });
  const range = fc.record({ after: bound, upTo: bound });
  fc.assert(
    fc.property(range, range, key, (one, other, each) => {
      const shared = sharedRange(one, other);
      const isIn = shared !== null && contains(shared, each);
      assert.equal(isIn, contains(one, each) && contains(other, each));
    }),
  );
});

test('keys are listed within ranges as if there were no others, page by page, and no range is asked in vain', async () => {
  const keys = ['a::1', 'a::2', 'b', 'c::1', 'c::2', 'c::3', 'd'];
  const asked: Shard[] = [];
  const list = listedWithin(of(['a::*', 'c::*']).ranges, async (shard, limit) => {
    asked.push(shard);
    return keys.filter((each) => contains(shard, each)).slice(0, limit);
  });
  assert.deepEqual(await list({ after: null, upTo: null }, 3), ['a::1', 'a::2', 'c::1']);
  assert.deepEqual(await list({ after: 'c::1', upTo: null }, 3), ['c::2', 'c::3']);
  assert.deepEqual(await list({ after: 'c::1', upTo: 'c::2' }, 3), ['c::2']);
  assert.equal(asked.length, 4);
  assert.deepEqual(await list({ after: 'a::3', upTo: 'b' }, 3), []);
});

test('among collections over the same documents each key is one’s, is ignored, or is an orphan', () => {
  const [orders, others] = [of(['order::*']), [of(['cart::*'], ['audit::*']), of(['*::old'], [])]];
  const whose = ['order::1', 'cart::1', 'x::old', 'audit::1', '_sync:1', 'stray'].map((each) =>
    ownerOf(each, orders, others),
  );
  assert.deepEqual(whose, ['taken', 'elsewhere', 'elsewhere', 'ignored', 'ignored', 'orphan']);
});

test('no step writes a key that the collection does not take, but for the probes of its own feed', () => {
  const stores = { selection: of(['order::*']) };
  const code = (each: string) => {
    try {
      requireTaken('orders', each, stores);
      return null;
    } catch (error) {
      return /KEY_NOT_TAKEN: [\w ]+\.\w+/.exec((error as Error).message)?.[0] ?? error;
    }
  };
  assert.deepEqual(['order::1', `${PROBE}1`].map(code), [null, null]);
  assert.match(String(code('_sync:1')), /keys\.ignore/);
  assert.match(String(code('cart::1')), /keys\.include/);
  assert.doesNotThrow(() => requireTaken('orders', 'cart::1', {}));
});
