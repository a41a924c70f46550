import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Command } from 'commander';
import { conditionsOf } from '../../functions/control/conditions.ts';
import type { Evidence } from '../../functions/control/evidence.ts';
import type { Listed, Redriven } from '../../functions/operations/dead_letters.ts';
import type { Overview } from '../../functions/operations/overview.ts';
import type { Letter } from '../../functions/records/letter.ts';
import { addDeadLetters, closeAll } from '../../infra/console/dead_letters.ts';
import { choiceLines, closedLines, isWell, letterLines } from '../../infra/console/told/letters.ts';
import { overviewLines } from '../../infra/console/told/phases.ts';

const NONE: Listed = { groups: [], letters: [], open: 0, ofNobody: 0, complete: true };
const letter = (key: string) => ({ collection: 'users', key, reason: 'no number at n' }) as Letter;

test('a list says how many documents a cause has, and what it does not show', () => {
  const groups = [
    { cause: 'no number', count: 2, oldest: 0 },
    { cause: 'too long', count: 1, oldest: 0 },
  ];
  const listed = { ...NONE, groups, letters: [letter('a'), letter('b')], open: 3 };
  assert.deepEqual(letterLines(listed, true, true), [
    '2 documents, since 1970-01-01T00:00:00.000Z: no number',
    '1 document, since 1970-01-01T00:00:00.000Z: too long',
    '  users "a": no number at n',
    '  users "b": no number at n',
    '  These are the oldest 2 of 3.',
  ]);
  assert.equal(letterLines(listed, false, false).length, 2);
  assert.equal(isWell(listed), false);
});

test('a list that shows nothing says whether there may be others', () => {
  assert.deepEqual([letterLines(NONE, false, false), isWell(NONE)], [['There are no dead letters.'], true]);
  const others = { ...NONE, ofNobody: 1, complete: false };
  assert.deepEqual(letterLines(others, true, true), [
    'No dead letter is like that. All of them: npx crossfade dead-letters list',
    '1 message is of no known document, which hold every collection: npx crossfade dead-letters list',
    'The queue has more messages than one request could read: run the command again.',
  ]);
  assert.equal(isWell(others), false);
});

/** An operation that answers this, and then all of it again. */
async function closed(...answers: Redriven[]) {
  let asked = 0;
  const ask = async () => answers[asked++ % answers.length];
  const total = await closeAll({ service: { ask } as never, count: () => {} }, 'discard', {});
  return { asked, lines: closedLines(total, 'given up') };
}

test('what is left after a redrive or a discard is told, with the reason and what to do', async () => {
  const none = { done: 0, skipped: 0, left: true, open: 5 };
  const all = { done: 5, skipped: 0, left: false, open: 0 };
  // A request that has had no time is no reason to give up.
  assert.deepEqual(await closed({ ...none, done: 2 }, none, none, all), {
    ...{ asked: 4, lines: ['7 documents given up.'] },
  });
  const stuck = await closed(none);
  assert.equal(stuck.asked, 3);
  assert.deepEqual(stuck.lines[0], '0 documents given up.');
  assert.match(stuck.lines[1] ?? '', /^5 still open: there was no time for more.* Run the command again\.$/);
  const long = await closed({ done: 1, skipped: 2, left: false, open: 2 });
  assert.equal(long.asked, 1);
  assert.match(long.lines[1] ?? '', /^2 still open: the message is too long for a letter.* Discard it/);
});

test('the status names the command for messages that no letter tells of yet', () => {
  const seen = (collection: string, deadLetters: number, unread: number) =>
    ({
      ...{ collection, wish: null, runs: [], decision: { kind: 'arrived' } },
      effective: { phase: 'expand', since: 0, by: 'test' },
      evidence: {
        receipts: { delayed: 0, due: 0, hidden: 0, waiting: 0, since: null },
        ...{ deadLetters, unread, collection: { verification: null } },
      },
    }) as unknown as Overview;
  const dead = (...all: Overview[]) =>
    overviewLines(all, 0).filter((line) => /dead.letters|no letter/.test(line));
  assert.deepEqual(dead(seen('orders', 2, 0), seen('carts', 0, 0)), ['dead letters  orders 2, carts 0']);
  assert.deepEqual(dead(seen('orders', 3, 1), seen('carts', 1, 1)), [
    'dead letters  orders 3, carts 1',
    '              1 in the queue without a letter yet, counted for every collection: npx crossfade dead-letters list',
  ]);
});

test('the condition of a move says what to do about letters, and about messages that have none', () => {
  const measured = (deadLetters: number, unread: number) => {
    const evidence = {
      receipts: { delayed: 0, due: 0, hidden: 0, waiting: 0, since: null },
      ...{ deadLetters, unread },
      collection: { name: 'orders', backfills: [], copybacks: [], verifications: [] },
    } as Evidence;
    const from = { phase: 'seal', since: 0, by: 'test' } as const;
    const times = { now: 1_000_000, bake: 50_000, redelivery: 120_000 };
    const all = conditionsOf(from, 'switch', evidence, times);
    return all.find(({ name }) => name === 'dead letters')?.measured;
  };
  const unread =
    'about 1 in the queue without a letter yet, of any collection: npx crossfade dead-letters list';
  assert.equal(measured(0, 0), 'there are none');
  assert.equal(measured(2, 0), '2: mend, then redrive or discard');
  assert.equal(measured(1, 1), unread);
  assert.equal(measured(3, 1), `2: mend, then redrive or discard; ${unread}`);
});

test('leave-out closes no letter of what Oracle could take, and tells of those that stay open', async () => {
  const asked: [string, object][] = [];
  const lines: string[] = [];
  const answers: Readonly<Record<string, object>> = {
    'leave-out': { of: 'prefix', subject: 't::', changed: true },
    discard: { done: 2, skipped: 0, left: false, open: 0 },
    'dead-letters': { ...NONE, open: 3 },
  };
  const ask = async (name: string, input: object) => {
    asked.push([name, input]);
    return answers[name];
  };
  const terminal = {
    service: { ask },
    count: () => {},
    show: (_: object, told: string[]) => lines.push(...told),
  };
  const program = new Command();
  addDeadLetters(program, () => terminal as never);
  const words = ['dead-letters', 'leave-out', '--collection', 'orders', '--prefix', 't::', '--why', 'a test'];
  await program.parseAsync(words, { from: 'user' });
  const wanted = { collection: 'orders', prefix: 't::' };
  assert.deepEqual(asked, [
    ['leave-out', { ...wanted, why: 'a test' }],
    ['discard', { ...wanted, why: 'a test', unstorable: true }],
    ['dead-letters', wanted],
  ]);
  assert.match(
    lines.at(-1) ?? '',
    /^3 of them stay open, for another reason: .* --collection orders --prefix "t::"$/,
  );
});

test('who has written what was set aside is told, whose documents are left out, and what a choice does', () => {
  const listed: Listed = {
    ...NONE,
    callers: [{ caller: 'shop~1', count: 2, oldest: 0 }],
    leftOut: [{ of: 'prefix', subject: 'test::', at: 0 }],
  };
  assert.deepEqual(letterLines(listed, false, true).slice(1), [
    '2 documents, since 1970-01-01T00:00:00.000Z, written by shop~1',
    'Left out since 1970-01-01T00:00:00.000Z: what Oracle can never take of keys that begin with "test::"',
  ]);
  const choice = { of: 'caller', subject: 'shop~1', changed: true } as const;
  const closed = { done: 1, skipped: 0, left: false, open: 0 };
  assert.deepEqual(choiceLines(choice, false, closed), [
    'From now on they are left out, and hold no gate: what Oracle can never take of what shop~1 writes. Oracle never gets them.',
    '1 document given up.',
  ]);
  assert.match(choiceLines(choice, true, null).join(), /^From now on they are set aside again/);
  assert.match(choiceLines({ ...choice, changed: false }, false, closed).join(), /^That was so already/);
  // A prefix that is mistyped would be left out on.
  assert.match(
    choiceLines({ ...choice, changed: false }, true, null).join(),
    /^No such choice holds, and nothing was changed: .* dead-letters list --collection NAME/,
  );
});
