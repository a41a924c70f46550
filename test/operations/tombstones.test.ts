/** The operation that tells which tombstones may be dropped enters that they are, before they are. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Seen } from '../../functions/control/seen.ts';
import type { TombstonePorts } from '../../functions/operations/tombstones.ts';
import { tombstones } from '../../functions/operations/tombstones.ts';

const DAY = 86_400_000;
const effective = { phase: 'expand', since: 0, by: 'a test' } as const;
const orders = { collection: 'orders', effective, evidence: { missing: 'x' } } as unknown as Seen;

async function asked(collection: string, confirm: boolean, seen: readonly Seen[] = [orders], changed = 0) {
  const entered: string[] = [];
  const ports: TombstonePorts = {
    overview: { look: async () => seen },
    ...{ about: () => ({ bake: 1 }), tableOf: (name) => name.toUpperCase(), now: () => 100 * DAY },
    sqlChanges: () => ({ count: async () => changed }),
  };
  const enter = async (action: string) => void entered.push(action);
  const input = { name: 'tombstones', collection, why: 'too many', confirm, life: 40 } as const;
  return { answer: await tombstones(input, { enter } as never, ports), entered };
}

test('without confirm the bounds are told, and nothing is entered', async () => {
  const { answer, entered } = await asked('orders', false);
  const bounds = { until: 60 * DAY, agreed: null, created: null, held: null };
  assert.deepEqual([answer, entered], [{ ...bounds, phase: 'expand', table: 'ORDERS' }, []]);
});

test('with confirm it is entered, unless it is refused', async () => {
  assert.deepEqual((await asked('orders', true)).entered, ['orders: tombstones dropped']);
  const { answer, entered } = await asked('orders', true, []);
  assert.deepEqual(entered, []);
  assert.ok('refused' in answer && answer.refused.includes('npx crossfade status'));
});

test('in contract no key counts as one that Couchbase never had while changes by SQL wait for a decision', async () => {
  const inContract = { ...orders, effective: { ...effective, phase: 'contract' } } as unknown as Seen;
  const told = async (changed: number) => {
    const { answer } = await asked('orders', false, [inContract], changed);
    return 'refused' in answer ? assert.fail(answer.refused) : answer;
  };
  assert.notEqual((await told(0)).created, null);
  const { created, held } = await told(2);
  assert.equal(created, null);
  assert.match(held ?? '', /^2 rows were changed by SQL, .*: npx crossfade sql-changes list orders$/);
});
