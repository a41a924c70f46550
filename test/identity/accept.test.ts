/** Another store is accepted only where the one that is to hold the truth decides, and gates stay shut until all was compared. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { acceptIdentity } from '../../functions/identity/accept.ts';
import { sight } from '../../functions/identity/sight.ts';
import { PHASES, type Phase, type StoreName } from '../../functions/protocol/phase.ts';

const OTHER = sight('orders', 'couchbase', { bucket: 'b2' }, { bucket: 'b1' });

async function accepting(phase: Phase, truth?: StoreName, ahead: Phase | null = null) {
  const done: string[] = [];
  const told = { collection: 'orders', why: 'the standby took over', truth };
  const result = await acceptIdentity(told, {
    phase: async () => ({ phase, ahead }),
    sights: async () => [OTHER],
    audit: async (action, detail) => done.push(`${action}: ${detail}`),
    note: async (until) => {
      done.push(`gates are shut until a verification after ${until}`);
    },
    accept: async (stores) => {
      done.push(`accepted ${stores.join(' and ')}`);
      return [OTHER];
    },
    now: () => 7,
  });
  return { done, refused: 'refused' in result ? result.refused : null };
}

const DECIDING: Readonly<Record<Exclude<Phase, 'legacy'>, StoreName>> = {
  ...{ expand: 'couchbase', seal: 'couchbase', switch: 'oracle', settle: 'oracle', contract: 'oracle' },
};

for (const [phase, store] of Object.entries(DECIDING) as [Exclude<Phase, 'legacy'>, StoreName][]) {
  test(`${phase}: ${store} decides, so it is accepted as the truth, and gates wait for a verification`, async () => {
    const { done, refused } = await accepting(phase, store);
    assert.equal(refused, null);
    assert.deepEqual(done, [
      `orders: identity accepted: truth: ${store}. the standby took over (couchbase: bucket b2)`,
      'gates are shut until a verification after 7',
      phase === 'contract' ? 'accepted oracle' : 'accepted couchbase and oracle',
    ]);
  });

  test(`${phase}: the other store is refused as the truth, with the way to make it so`, async () => {
    const other = store === 'oracle' ? 'couchbase' : 'oracle';
    const { done, refused } = await accepting(phase, other);
    assert.match(refused ?? '', new RegExp(`^IDENTITY_TRUTH: orders is in ${phase}, where ${store} decides`));
    const to = other === 'couchbase' ? 'expand' : 'settle';
    assert.match(
      refused ?? '',
      new RegExp(`npx crossfade set ${to} --collection orders.*npx crossfade force orders`),
    );
    assert.deepEqual(done, [
      `orders: identity refused: truth: ${other}. the standby took over (couchbase: bucket b2)`,
    ]);
  });
}

test('while a share of the keys is read from the other store neither is accepted, with the way to take it back', async () => {
  for (const truth of ['couchbase', 'oracle'] as const) {
    const { done, refused } = await accepting('seal', truth, 'switch');
    assert.match(
      refused ?? '',
      /^IDENTITY_RAMP: orders is in seal, where couchbase decides .*, and a share of its keys in switch, where oracle does\. Nothing was accepted\. .*npx crossfade set expand --collection orders/,
    );
    assert.deepEqual(done, [
      `orders: identity refused: truth: ${truth}. the standby took over (couchbase: bucket b2)`,
    ]);
  }
  // Both phases read Couchbase.
  assert.equal((await accepting('expand', 'couchbase', 'seal')).refused, null);
});

test('without a word of which store holds the truth nothing is accepted, and in legacy there is nothing to accept', async () => {
  for (const phase of PHASES) {
    const { done, refused } = await accepting(phase);
    assert.match(
      refused ?? '',
      phase === 'legacy' ? /nothing to accept/ : /--truth couchbase or --truth oracle/,
    );
    assert.deepEqual(done, []);
  }
});
