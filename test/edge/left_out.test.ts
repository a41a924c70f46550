/** What operators have chosen to leave out, and what is never left out by a choice. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Made } from '../../functions/books/left_out.ts';
import { isUnstorableByChoice, leftByChoice } from '../../functions/edge/left_out.ts';
import { PoisonDocument, TooLargeToRead } from '../../functions/stores/failure.ts';
import { document } from '../stores/contract/subject.ts';
import { Reference } from '../stores/reference.ts';

const PLACE = { collection: 'orders', key: 'test::1' };
const MESSAGE = { body: 'b', reason: 'no number', place: PLACE };

/** A service in which operators have made these choices. */
class World {
  readonly stores = new Reference(() => 0);
  choices: Omit<Made, 'at'>[] = [];
  /** Who the letter of before says has written the document. */
  writer: string | null = null;
  isAway = false;
  /** Whether an open letter is there. */
  isOpen = false;
  readonly left: unknown[] = [];

  get parts() {
    const require = () => {
      throw new PoisonDocument(
        { store: 'oracle', operation: 'write', collection: 'O', key: 'k' },
        'no number',
      );
    };
    return {
      stores: {
        of: () => ({ couchbase: this.couchbase, oracle: { require: this.fits ? () => {} : require } }),
        leftOut: {
          choices: async (collection: string) => {
            if (this.isAway) throw new Error('ORA-12541');
            return collection === 'orders' ? this.choices : [];
          },
          caller: async () => this.writer,
          leave: async (...given: unknown[]) => {
            this.left.push(given);
            return !this.isOpen;
          },
        },
      },
      // The state of both stores cannot be read: the letter keeps none.
      phases: { current: () => Promise.reject(new Error('SSM')) },
      now: () => 7,
    } as unknown as Parameters<typeof leftByChoice>[0];
  }

  /** As the stores of production, and not those of a model. */
  readonly couchbase = {
    readUpTo: (key: string, _most: number): Promise<unknown> => this.stores.couchbase.read(key, {}),
  };
  fits = false;
}

test('what a caller has written is left out where that was chosen, by its message or by the letter of before', async () => {
  const world = new World();
  assert.equal(await leftByChoice(world.parts, MESSAGE, 'shop~1'), false);
  world.choices = [{ of: 'caller', subject: 'shop~1' }];
  assert.equal(await leftByChoice(world.parts, MESSAGE, 'shop~1'), true);
  assert.deepEqual(world.left, [[MESSAGE, { state: null, caller: 'shop~1', now: 7 }]]);
  assert.equal(await leftByChoice(world.parts, MESSAGE, null), false);
  world.writer = 'shop~1';
  assert.equal(await leftByChoice(world.parts, MESSAGE, null), true);
  // Somebody else has written it since.
  assert.equal(await leftByChoice(world.parts, MESSAGE, 'other~2'), false);
});

test('keys that begin so are left out, whoever writes them; of another collection nothing is', async () => {
  const world = Object.assign(new World(), { choices: [{ of: 'prefix', subject: 'test::' }] });
  assert.equal(await leftByChoice(world.parts, MESSAGE, 'anybody~1'), true);
  for (const place of [
    { ...PLACE, key: 'live::1' },
    { ...PLACE, collection: 'carts' },
  ])
    assert.equal(await leftByChoice(world.parts, { ...MESSAGE, place }, 'anybody~1'), false);
});

test('nothing is left out beside an open letter, nor where that cannot be told', async () => {
  const world = Object.assign(new World(), { choices: [{ of: 'prefix', subject: 'test::' }] });
  assert.equal(await leftByChoice(Object.assign(world, { isOpen: true }).parts, MESSAGE, null), false);
  assert.equal(await leftByChoice(Object.assign(world, { isAway: true }).parts, MESSAGE, null), false);
});

test('a difference is left out by a choice only where Oracle can never take what Couchbase holds', async () => {
  const world = Object.assign(new World(), { choices: [{ of: 'prefix', subject: 'test::' }] });
  await world.stores.couchbase.upsert(PLACE.key, { content: document('1') });
  const isLeft = (key = PLACE.key) => isUnstorableByChoice(world.parts, PLACE.collection, key);
  assert.deepEqual([await isLeft(), await isLeft('live::1')], [true, false]);
  world.fits = true;
  assert.equal(await isLeft(), false);
});

test('a document that is too large to be moved is left out by a choice without being read, which would end the process', async () => {
  const world = Object.assign(new World(), { choices: [{ of: 'prefix', subject: 'test::' }], fits: true });
  const target = { store: 'couchbase', operation: 'read', ...PLACE } as const;
  world.couchbase.readUpTo = async (_key, most) => {
    throw new TooLargeToRead(target, { bytes: 20 * 1024 * 1024, version: 1n, expiresAt: null }, most);
  };
  assert.equal(await isUnstorableByChoice(world.parts, PLACE.collection, PLACE.key), true);
});
