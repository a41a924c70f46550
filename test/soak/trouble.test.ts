/** Whether a trouble is counted when it strikes, and not when it does not; and that each has a name of its own. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BLOWS } from './blow.ts';
import { POISONS } from './poisons.ts';
import { SICKNESSES } from './sickness.ts';
import { type Ground, Troubles } from './trouble.ts';

/** @param counted what each server has counted by names, until it is asked. */
function ground(
  counted: readonly [oracle: Record<string, number>, couchbase: Record<string, number>],
): Ground {
  const [oracle, couchbase] = counted.map((left) => ({
    calm: async () => {},
    struck: async () => {
      const struck = { ...left };
      for (const name of Object.keys(left)) delete left[name];
      return struck;
    },
  }));
  return { stage: { local: { oracle, couchbase } }, random: () => 0 } as unknown as Ground;
}

/** The event loop goes round, and no time passes. */
const noSleep = () => new Promise((resolve) => setImmediate(resolve));

/** One strike, and no more. */
async function struck(result: number | null, counted: Parameters<typeof ground>[0] = [{}, {}]) {
  const told: string[] = [];
  const once = Promise.withResolvers<void>();
  const all = {
    it: async () => {
      once.resolve();
      return result;
    },
    'it, too': async () => assert.fail('chance has not chosen it'),
  };
  const rest = Promise.withResolvers<void>();
  const troubles = new Troubles(ground(counted), 'it', all, () => rest.promise);
  troubles.begin((name) => told.push(name));
  await once.promise;
  const ended = troubles.end();
  rest.resolve();
  await ended;
  return { told, counts: Object.fromEntries(troubles.counts) };
}

const NEVER = { times: 0, struck: 0 };

test('a trouble is counted with all that it has struck, its server’s count included', async () => {
  assert.deepEqual(await struck(3), {
    ...{ told: ['it'], counts: { it: { times: 1, struck: 3 }, 'it, too': NEVER } },
  });
  assert.deepEqual(await struck(null, [{ it: 4 }, { it: 1, 'it, too': 2 }]), {
    told: ['it'],
    counts: { it: { times: 1, struck: 5 }, 'it, too': { times: 0, struck: 2 } },
  });
});

test('a trouble that has struck nothing is not told, and stays in the list with nothing', async () => {
  assert.deepEqual(await struck(0), { told: [], counts: { it: NEVER, 'it, too': NEVER } });
});

test('each trouble comes once before any comes again, and one that has struck nothing is tried again', async () => {
  const came: string[] = [];
  const enough = Promise.withResolvers<void>();
  const coming = (name: string, result: (times: number) => number) => async () => {
    came.push(name);
    if (came.length === 4) enough.resolve();
    return result(came.filter((each) => each === name).length);
  };
  const all = { a: coming('a', (times) => (times === 1 ? 0 : 1)), b: coming('b', () => 1) };
  const troubles = new Troubles(ground([{}, {}]), '', all, noSleep);
  troubles.begin(() => {});
  await enough.promise;
  await troubles.end();
  assert.deepEqual(came.slice(0, 3).sort(), ['a', 'a', 'b']);
});

test('a trouble that fails ends the soak, and is not passed over', async () => {
  const troubles = new Troubles(ground([{}, {}]), '', { it: () => Promise.reject(new Error('broken')) });
  troubles.begin(() => {});
  await assert.rejects(troubles.end(), /broken/);
});

test('troubles are chosen by parts of their names, and none is chosen by a part that none has', () => {
  const chosen = (only: string) => [...new Troubles(ground([{}, {}]), only).counts.keys()];
  assert.deepEqual(chosen('Oracle is silent, SQS'), ['Oracle is silent', 'SQS throttles every receipt']);
  assert.throws(() => chosen('earthquake'), /No trouble has "earthquake" in its name: there are kill -9/);
  const names = [...Object.keys(BLOWS), ...Object.keys(POISONS), ...SICKNESSES.map(({ name }) => name)];
  assert.equal(chosen('').length, names.length + 2);
  assert.equal(new Set(names).size, names.length);
});
