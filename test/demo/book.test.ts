import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import fc from 'fast-check';
import { Book, type Mark, type Outcome } from '../../infra/demo/book.ts';
import { Tally } from '../../infra/demo/tally.ts';

const LATE = 10;
let now: number;
let book: Book;
beforeEach(() => {
  now = 100;
  book = new Book(LATE, () => now);
});

function write(mark: Mark, outcome: Outcome, took = 1): void {
  const end = book.begin('k', mark);
  now += took;
  end(outcome);
}
const kind = (held: Mark) => book.judge('k', held, 'Oracle')?.kind ?? null;

test('what was acknowledged last must be there, and what was deleted must be gone', () => {
  assert.equal(kind(null), null);
  assert.equal(kind(1), 'resurrected');
  write(1, 'acknowledged');
  assert.deepEqual([kind(1), kind(null)], [null, 'lost']);
  write(2, 'acknowledged');
  assert.deepEqual([kind(1), kind(2)], ['lost', null]);
  write(null, 'acknowledged');
  assert.deepEqual([kind(2), kind(null)], ['resurrected', null]);
  assert.equal(book.next('k'), 3);
  assert.equal(book.acknowledged, 3);
  assert.match(book.judge('k', 2, 'Oracle')?.detail ?? '', /Oracle should hold nothing, and holds write 2/);
});

test('what nobody could answer may be there or not, and what was refused may not', () => {
  write(1, 'acknowledged');
  write(2, 'unknown');
  write(3, 'refused');
  assert.deepEqual([kind(1), kind(2), kind(3), kind(null)], [null, null, 'lost', 'lost']);
  // It may come late, but not for ever.
  write(4, 'acknowledged');
  assert.deepEqual([kind(2), kind(4)], [null, null]);
  now += LATE;
  write(5, 'acknowledged');
  assert.deepEqual([kind(2), kind(5)], ['lost', null]);
});

test('what a store has forgotten may be there or what was before, until it is written over', () => {
  write(1, 'acknowledged');
  write(2, 'acknowledged');
  const end = book.begin('k', null);
  now += 5;
  const since = now;
  write(3, 'acknowledged');
  assert.deepEqual(
    book.forgotten(since, () => false),
    [],
  );
  assert.deepEqual([kind(2), kind(3)], ['lost', null]);
  assert.deepEqual(
    book.forgotten(since, (key) => key === 'k'),
    ['k'],
  );
  // It was under way, and is as uncertain.
  end('acknowledged');
  assert.deepEqual([kind(1), kind(2), kind(null), kind(3)], ['resurrected', null, null, null]);
  assert.deepEqual([book.isOvertaken('k', 3), book.isOvertaken('k', 2)], [false, true]);
  now++;
  write(4, 'refused');
  assert.equal(book.isOvertaken('k', 3), false);
  write(5, 'acknowledged');
  assert.deepEqual([kind(2), kind(3), kind(5), book.isOvertaken('k', 3)], ['lost', 'lost', null, true]);
});

test('a read finds what was acknowledged before it began, or what has come since', () => {
  write(1, 'acknowledged');
  write(2, 'acknowledged');
  now++;
  const judged = book.reading('k');
  const end = book.begin('k', null);
  assert.deepEqual([judged(2), judged(null)], [null, null]);
  assert.equal(judged(1)?.kind, 'stale');
  end('acknowledged');
  now++;
  assert.deepEqual([judged(2), judged(null)], [null, null]);
  const later = book.reading('k');
  assert.deepEqual([later(2)?.kind, later(null)], ['stale', null]);
});

test('a service that is right is never judged wrong, whatever it leaves in doubt', () => {
  const step = fc.record({
    deletes: fc.boolean(),
    outcome: fc.constantFrom<Outcome>('acknowledged', 'unknown', 'refused'),
    takesEffect: fc.boolean(),
    reads: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      book = new Book(LATE, () => now);
      let held: Mark = null;
      for (const { deletes, outcome, takesEffect, reads } of steps) {
        const judged = book.reading('k');
        const mark = deletes ? null : book.next('k');
        const end = book.begin('k', mark);
        now++;
        if (outcome === 'acknowledged' || (outcome === 'unknown' && takesEffect)) held = mark;
        if (reads) assert.equal(judged(held), null);
        end(outcome);
      }
      assert.equal(book.judge('k', held, 'it'), null);
    }),
  );
});

test('requests are counted by phase, and the longest time in which nobody was served is told', () => {
  const tally = new Tally(() => now);
  for (const [phase, took, why] of [
    ['legacy', 5, null],
    ['legacy', 7, null],
    ['expand', 9, '503 unavailable'],
    ['expand', 11, null],
  ] as const) {
    now += 20;
    tally.count(phase, took, why);
  }
  tally.pause();
  now += 1000;
  tally.count('expand', 1, null);
  assert.equal(tally.silence, 40);
  assert.deepEqual(tally.phases.get('legacy'), { requests: 2, failed: 0, p50: 5, p99: 5, longest: 7 });
  assert.deepEqual([tally.total.requests, tally.total.failed, tally.total.longest], [5, 1, 11]);
  assert.deepEqual([...tally.failures], [['503 unavailable', 1]]);
});
