/** Requests that are sent again with their `Idempotency-Key`, of documents that somebody else has touched in Couchbase since. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MutateInSpec } from 'couchbase';
import type { Phase } from '../../functions/protocol/phase.ts';
import { storedName } from '../../functions/routing/repetition.ts';
import { document } from './contract/subject.ts';
import { type Hands, Row } from './sql_row.ts';

const NAME = { key: 'k'.repeat(21), fingerprint: 'f'.repeat(21), former: null };
const ANOTHER = { ...NAME, fingerprint: 'g'.repeat(21) };
const [BEFORE, WRITTEN] = ['{"n":1}', '{"n":2}'];

const TOUCHES = {
  'another attribute': (hands: Hands, key: string) =>
    hands.cluster.collection.mutateIn(key, [MutateInSpec.upsert('other', { n: 1 }, { xattr: true })]),
  'another expiry': (hands: Hands, key: string) => hands.cluster.collection.touch(key, 3600),
} as const;
type Touch = keyof typeof TOUCHES;

/** What is left of the first time: all of it, with its receipt or before it; or the mutation in Couchbase alone. */
type First = 'settled' | 'written' | 'cut off';

/** A write under the ETag of the document before, and the same again after a touch. */
async function repeated(hands: Hands, phase: Phase, touch: Touch, first: First): Promise<Row> {
  const it = new Row(hands);
  assert.equal(await it.put(phase, document(BEFORE)), 'done');
  const { held, row } = await it.both();
  const version = phase === 'settle' ? row.version : held.version;
  const asked = { precondition: { match: [version], noneMatch: null }, request: NAME };
  if (first === 'cut off') {
    const content = { ...document(WRITTEN), request: storedName(NAME) };
    await hands.cluster.store.swap(it.key, { cas: held.cas, content, version: null });
  } else assert.equal(await it.ask(phase, WRITTEN, asked), 'written');
  for (let n = 0; n < 2; n++) await TOUCHES[touch](hands, it.key);
  if (first === 'settled') await it.settled(phase);
  assert.equal(await it.ask(phase, WRITTEN, asked), 'written', `${phase}, ${touch}, ${first}`);
  assert.equal(await it.ask(phase, WRITTEN, { ...asked, request: ANOTHER }), 'reused');
  return it;
}

/** Declares the tests. @param skip why they cannot be made here. */
export function repeatedAfterTouch(hands: () => Hands, skip: string | false): void {
  test('a PUT under an ETag that is repeated is not refused for its own first time, though somebody has touched the document since', {
    skip,
  }, async () => {
    const touches = Object.keys(TOUCHES) as Touch[];
    // Where Oracle is written first, no first time is in Couchbase alone.
    for (const touch of touches)
      for (const phase of ['legacy', 'expand', 'seal', 'switch', 'settle'] as const)
        for (const first of ['settled', 'written', 'cut off'] as const)
          if (phase !== 'settle' || first !== 'cut off') await repeated(hands(), phase, touch, first);
  });

  test('where somebody has written the document since, also in Couchbase alone, a repetition is judged by its ETag', {
    skip,
  }, async () => {
    const { collection, store } = hands().cluster;
    for (const phase of ['legacy', 'expand', 'seal'] as const) {
      const it = await repeated(hands(), phase, 'another attribute', 'written');
      const { version } = (await it.both()).held;
      const again = { precondition: { match: [version - 1n], noneMatch: null }, request: NAME };
      await collection.upsert(it.key, { n: 3 });
      // A plain write keeps the attribute.
      assert.equal((await store.read(it.key)).content?.request, undefined);
      assert.equal(await it.ask(phase, WRITTEN, again), 'refused', phase);
    }
  });
}
