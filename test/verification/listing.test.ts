import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Phase } from '../../functions/protocol/phase.ts';
import { Listing } from '../../functions/verification/listing.ts';

/** Lists of so many keys at a time, as they are now. */
function listed(
  keys: { readonly couchbase: string[]; readonly oracle: string[] },
  limit: number,
  phase: Phase = 'expand',
) {
  const list = (store: keyof typeof keys) => async (shard: { after: string | null }) =>
    keys[store].filter((key) => shard.after === null || key > shard.after).slice(0, limit);
  const listing = new Listing({ couchbase: list('couchbase'), oracle: list('oracle') }, phase);
  const next = (after: string | null) => listing.next({ after, upTo: null }, limit);
  const presence = async (store: 'couchbase' | 'oracle', page: readonly string[]) =>
    (await listing.looks()[store](page, 0)).map((seen) => seen.presence);
  return { next, presence };
}

test('which store has which key is known of one page while the next one is listed already', async () => {
  const { next, presence } = listed({ couchbase: ['a', 'b', 'd', 'e'], oracle: ['a', 'c', 'd', 'f'] }, 2);
  const first = await next(null);
  assert.deepEqual(first, ['a', 'b']);
  const second = await next('b');
  assert.deepEqual(await presence('couchbase', first), ['live', 'live']);
  assert.deepEqual(await presence('oracle', first), ['live', 'absent']);
  assert.deepEqual(second, ['c', 'd']);
  assert.deepEqual(await presence('couchbase', second), ['absent', 'live']);
});

test('a key beyond the reach of its page is taken for what it is when its own page is listed', async () => {
  const keys = { couchbase: ['a', 'z'], oracle: ['a', 'b', 'z'] };
  const { next, presence } = listed(keys, 2);
  assert.deepEqual(await next(null), ['a', 'b'], 'of z nobody can tell yet');
  keys.couchbase = ['a'];
  const page = await next('b');
  assert.deepEqual(page, ['z']);
  assert.deepEqual(await presence('couchbase', page), ['absent']);
});

test('in contract the keys of both stores are listed, and in legacy those of Couchbase alone', async () => {
  const keys = { couchbase: ['a'], oracle: ['b'] };
  assert.deepEqual(await listed(keys, 2, 'contract').next(null), ['a', 'b']);
  assert.deepEqual(await listed(keys, 2, 'legacy').next(null), ['a']);
});

test('keys that have nothing but rows of projections are listed among the others, as far as those are known', async () => {
  const asked: (string | null)[][] = [];
  const keysOf =
    (keys: readonly string[]) => (shard: { after: string | null; upTo: string | null }, limit: number) => {
      const within = (key: string) =>
        (shard.after === null || key > shard.after) && (shard.upTo === null || key <= shard.upTo);
      return Promise.resolve(keys.filter(within).slice(0, limit));
    };
  const orphans: string[] = [];
  const listing = new Listing(
    {
      ...{ couchbase: keysOf(['a', 'c', 'e', 'g']), oracle: keysOf(['a', 'c', 'e', 'g']) },
      orphans: (shard, limit) => {
        asked.push([shard.after, shard.upTo]);
        return keysOf(orphans)(shard, limit);
      },
    },
    'expand',
  );
  const all = async (limit: number) => {
    const pages: string[][] = [];
    for (let after: string | null = null; ; after = pages.at(-1)?.at(-1) ?? null) {
      const page = await listing.next({ after, upTo: 'z' }, limit);
      pages.push(page);
      if (page.length < limit) return pages;
    }
  };
  assert.deepEqual(await all(3), [['a', 'c', 'e'], ['g']]);
  assert.deepEqual(asked, [
    [null, 'e'],
    ['e', 'z'],
  ]);
  orphans.push('b', 'd', 'd1', 'd2', 'd3', 'h', 'i', 'j', 'k');
  // A page whose orphans are not all known ends at the last of them, and is never taken for the end.
  assert.deepEqual(await all(3), [
    ['a', 'b', 'c', 'd', 'd1'],
    ['d2', 'd3', 'e', 'g', 'h'],
    ['i', 'j', 'k'],
    [],
  ]);
});
