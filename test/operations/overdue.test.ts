/** Letters that wait for a receipt which is settled already. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OVERDUE, type OverduePorts, renewOverdue } from '../../functions/operations/overdue.ts';
import { newBreaker } from '../../functions/reconciliation/breaker.ts';
import { mayHaveLetter, reconcile } from '../../functions/reconciliation/reconciler.ts';
import type { Letter } from '../../functions/records/letter.ts';
import { askForRepair, type Receipt } from '../../functions/stores/receipt.ts';

const NOW = 10_000_000;

function desk(letters: readonly Pick<Letter, 'id' | 'collection' | 'key' | 'lastSeen'>[]) {
  const seen = new Map(letters.map(({ id, lastSeen }) => [id, lastSeen]));
  const sent: string[] = [];
  const ports: OverduePorts = {
    overdue: async (before, most) =>
      letters.filter(({ id }) => (seen.get(id) ?? 0) < before).slice(0, most) as Letter[],
    answers: async (collection) => collection !== 'away',
    send: async (collection, key) => {
      if (key === 'refused') throw new Error('The queue is away');
      sent.push(`${collection} ${key}`);
    },
    renewed: async (id, now) => void seen.set(id, now),
    ...{ timely: () => true, now: () => NOW },
  };
  return { ports, sent, seen };
}

test('a receipt is sent anew for each letter that nobody has noted for long, once, and not while a store is away', async () => {
  const [old, young] = [NOW - OVERDUE - 1, NOW - OVERDUE];
  const { ports, sent, seen } = desk([
    { id: '1', collection: 'orders', key: 'a', lastSeen: old },
    { id: '2', collection: 'away', key: 'b', lastSeen: old },
    { id: '3', collection: 'orders', key: 'c', lastSeen: young },
    { id: '4', collection: null, key: null, lastSeen: old },
    { id: '5', collection: 'orders', key: 'd', lastSeen: old },
  ]);
  assert.equal(await renewOverdue(ports), 2);
  assert.deepEqual(sent, ['orders a', 'orders d']);
  assert.deepEqual([seen.get('1'), seen.get('2'), seen.get('3')], [NOW, old, young]);
  assert.equal(await renewOverdue(ports), 0);
});

test('a letter whose receipt the queue does not take stays overdue', async () => {
  const { ports, seen } = desk([{ id: '1', collection: 'orders', key: 'refused', lastSeen: 0 }]);
  await assert.rejects(renewOverdue(ports), /away/);
  assert.equal(seen.get('1'), 0);
});

test('a letter that could not be closed when its receipt was settled is closed by the receipt that is sent for it', async () => {
  const waiting = new Map<string, number>();
  let [now, isAway] = [NOW, false];
  const queue: { readonly receipt: Receipt; deliveries: number }[] = [];
  const send = async (receipt: Receipt) => queue.push({ receipt, deliveries: 0 }) > 0;
  /** As the function does with each delivery. */
  const handle = async (settles: boolean) => {
    const [message] = queue;
    assert.ok(message);
    message.deliveries++;
    const ports = {
      ...{ breaker: newBreaker(), bake: 0, parse: () => message.receipt },
      settle: async () => (settles ? ('settled' as const) : ('busy' as const)),
    };
    const about = { body: '', deliveries: message.deliveries, sent: now, now };
    const fate = await reconcile(about, ports, 1);
    if (fate.kind !== 'settled') return void waiting.set(message.receipt.key, now);
    if (mayHaveLetter(fate.cause, message.deliveries) && !isAway) waiting.delete(message.receipt.key);
    queue.shift();
  };
  await send({ collection: 'orders', key: 'k', phase: 'expand', cause: 'write', expired: 0n });
  await handle(false);
  isAway = true;
  await handle(true);
  isAway = false;
  // Nothing is delivered again, and the letter is there.
  assert.deepEqual([queue.length, waiting.size], [0, 1]);
  const ports: OverduePorts = {
    overdue: async (before) =>
      [...waiting].flatMap(([key, lastSeen]) =>
        lastSeen < before ? [{ id: key, collection: 'orders', key } as Letter] : [],
      ),
    answers: async () => true,
    send: (collection, key) => askForRepair(send, { collection, key, phase: 'expand' }),
    renewed: async (id, at) => void waiting.set(id, at),
    ...{ timely: () => true, now: () => now },
  };
  assert.equal(await renewOverdue(ports), 0);
  now += OVERDUE + 1;
  assert.equal(await renewOverdue(ports), 1);
  await handle(true);
  assert.deepEqual([queue.length, waiting.size], [0, 0]);
});
