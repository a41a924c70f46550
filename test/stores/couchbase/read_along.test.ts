/** Many documents at the same time: what is not read is left to others, and a store that fails is not asked on and on. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { type CouchbaseState, NO_DOCUMENT } from '../../../functions/protocol/state.ts';
import { readAlong } from '../../../functions/stores/couchbase/read_along.ts';
import { PoisonDocument } from '../../../functions/stores/failure.ts';
import { document } from '../contract/subject.ts';

const TARGET = { store: 'couchbase', operation: 'read', collection: 'c' } as const;
const options = { concurrency: 2, most: 1e6, timely: () => true };

/** A store that answers what it is told for a key, and counts. */
function storeWith(answers: Readonly<Record<string, Error | CouchbaseState>>) {
  const asked: string[] = [];
  const read = async (key: string) => {
    asked.push(key);
    await setImmediate();
    const answer = answers[key] ?? NO_DOCUMENT;
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return { asked, read };
}

test('states come in the order of the keys, and a key that the store cannot have is left out', async () => {
  const held = { content: document('1'), version: 5n, cas: 5n };
  const store = storeWith({ b: held, bad: new PoisonDocument({ ...TARGET, key: 'bad' }, 'too long') });
  const found = await readAlong(store, ['a', 'bad', 'b', 'c'], options);
  assert.deepEqual(found, [NO_DOCUMENT, null, held, NO_DOCUMENT]);
});

test('after a failure only those on their way are asked for', async () => {
  const store = storeWith({ a: new Error('away'), b: new Error('away') });
  const found = await readAlong(store, ['a', 'b', 'c', 'd', 'e'], options);
  assert.deepEqual(found, [null, null, null, null, null]);
  assert.deepEqual(store.asked, ['a', 'b']);
});

test('no call begins that would not end in time, nor one after too many bytes', async () => {
  const held = { content: document('1'), version: 5n, cas: 5n };
  const store = storeWith({ a: held, b: held, c: held });
  let calls = 1;
  assert.deepEqual(await readAlong(store, ['a', 'b'], { ...options, timely: () => calls-- > 0 }), [
    held,
    null,
  ]);
  const limits = { ...options, concurrency: 1, most: (held.content.body.length as number) - 1 };
  assert.deepEqual(await readAlong(store, ['a', 'b', 'c'], limits), [held, null, null]);
});
