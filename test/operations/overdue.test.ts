/** Letters that wait for a receipt which is settled already. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OVERDUE, type OverduePorts, renewOverdue } from '../../functions/operations/overdue.ts';
import type { Letter } from '../../functions/stores/oracle/letters.ts';

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
