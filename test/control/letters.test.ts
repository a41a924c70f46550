/** Messages of the queue of dead letters against the letters that count them: nothing that no letter counts may be missed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CountedLetters, setAsideCount } from '../../functions/control/letters.ts';

const letters = (queued: number, open = 0) => ({
  ...{ open, queued, queuing: open, waiting: 0, since: null },
});

test('messages that no letter counts are unread, and hold gates beside open letters', () => {
  const { open, unread } = setAsideCount(letters(2, 2), 5, letters(2, 2));
  assert.deepEqual([open, unread], [5, 3]);
  assert.deepEqual(setAsideCount(letters(2, 2), 2, letters(2, 2)).open, 2);
});

test('where the letters count more than SQS shows, nothing is unread, and no letter is missing', () => {
  const { open, unread, surplus } = setAsideCount(letters(4, 3), 0, letters(4, 3));
  assert.deepEqual([open, unread, surplus], [3, 0, 0]);
});

test('a message that is counted or deleted between the counts hides no other one', () => {
  // 1 Letters count 1. 2 The queue has 2, one of them without a letter. 3 Another document was set aside since: letters count 2.
  assert.equal(setAsideCount(letters(1, 1), 2, letters(2, 2)).unread, 1);
  // 1 Letters count 2. A letter is closed, and its message deleted. 2 The queue has 2, one of them without a letter. 3 Letters count 1.
  assert.equal(setAsideCount(letters(2, 2), 2, letters(1, 1)).unread, 1);
});

test('messages beside one of each letter are a surplus: a sweep can delete them', () => {
  const many = { ...letters(150, 1), queuing: 1 };
  const { unread, surplus, open } = setAsideCount(many, 150, many);
  assert.deepEqual([unread, surplus, open], [0, 149, 1]);
});

test('letters of functions that count no messages leave all of them unread', () => {
  const old: CountedLetters = { open: 1, waiting: 2, since: 7 };
  assert.deepEqual(setAsideCount(old, 3, old), { open: 4, unread: 3, surplus: 3, waiting: 2, since: 7 });
});
