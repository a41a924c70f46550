/** The book of preflights, on a server that other tests have started. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Preflights, type Written } from '../../functions/books/preflights.ts';
import { example, NOTHING_FOUND } from '../../functions/records/preflight.ts';
import type { TestDatabase } from '../stores/oracle/database.ts';

const ALL = { after: null, upTo: null };
const PART = { after: 'a', upTo: 'é\u{10ffff}' };
const walk = (range: Written['range'], epoch: number): Written => ({
  ...{ collection: 'walked', range, stamp: '.m', epoch, state: 'going', doneKey: null },
  ...{ started: 1, changed: 2, found: NOTHING_FOUND, largeBefore: 3 },
});

/** @param database whose control tables are there. */
export function preflights(database: () => TestDatabase): void {
  test('a walk of a preflight is written by who has it, comes back as it was, and keeps what an operator has accepted', async () => {
    const book = new Preflights(database().connection);
    assert.equal(await book.find('walked', ALL), null);
    const first = await Promise.all([1, 2, 3].map(() => book.write(walk(ALL, 1), null)));
    assert.equal(first.filter(Boolean).length, 1);
    assert.equal(await book.write(walk(PART, 1), null), true);
    await book.accept('walked', ALL, 5);
    await book.accept('walked', ALL, 7, 'orphans');
    // Documents whose keys and reasons are as long as they may be: what has no room is left out, and counts stay.
    const samples = Array.from({ length: 24 }, (_, n) =>
      example('refused', `${n}é`.padEnd(125, 'é'), 'é'.repeat(900)),
    );
    const found = {
      ...NOTHING_FOUND,
      checked: 40_000_000,
      tooLarge: 7,
      causes: { 'no number at total': 9 },
      samples,
    };
    const moved = { ...walk(ALL, 1), doneKey: '"k"\n', state: 'done', found } as const;
    assert.equal(await book.write({ ...moved, epoch: 2 }, 1), true);
    assert.equal(await book.write({ ...moved, epoch: 2 }, 1), false);
    const { found: kept, ...rest } = (await book.find('walked', ALL)) ?? assert.fail();
    assert.deepEqual(rest, { ...without(moved), epoch: 2, accepted: 5, acceptedOrphans: 7 });
    assert.deepEqual([kept.checked, kept.tooLarge, kept.causes], [40_000_000, 7, found.causes]);
    assert.ok(kept.samples.length > 3 && kept.samples.length < 24);
    assert.deepEqual(kept.samples, samples.slice(0, kept.samples.length));
    const ranges = (await book.of('walked')).map(({ range }) => range);
    assert.deepEqual(new Set(ranges.map(({ after }) => after)), new Set([null, 'a']));
    assert.deepEqual(await book.of('another'), []);
    assert.equal(await book.write({ ...walk(ALL, 3), stamp: '.other' }, 2), true);
    const anew = await book.find('walked', ALL);
    assert.deepEqual([anew?.accepted, anew?.acceptedOrphans], [0, 0]);
  });
}

function without({ found: _, ...walk }: Written) {
  return walk;
}
