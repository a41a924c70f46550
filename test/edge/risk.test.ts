/** What is told of keys at risk is asked of the collection's own table and runs, and once. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Controller } from '../../functions/control/controller.ts';
import type { Container } from '../../functions/edge/container.ts';
import { riskPorts } from '../../functions/edge/risk.ts';
import { CONFLICTS } from '../../functions/stores/oracle/set_aside_rows.ts';
import { Reach } from '../../functions/stores/reach.ts';
import { evidenceStores, MAPPING, STAMP } from './evidence_stores.ts';

/** Of a document that differs in nothing a run may note lenient values. */
const TALLIES = [
  { verdict: 'mismatch', kind: 'stale', count: 2 },
  { verdict: 'lenient', kind: 'projected', count: 5 },
  { verdict: 'passed', kind: 'stale', count: 1 },
];
const QUEUES = { RECEIPTS_QUEUE: 'r', DEAD_LETTERS_QUEUE: 'd' };

function asked() {
  const world = { listed: [] as unknown[], sums: 0 };
  const letters = { open: 3, waiting: 2, since: null, ofNobody: 0, queued: 1, queuing: 1 };
  const setAside = {
    list: async (...given: unknown[]) => {
      world.listed.push(given);
      return [{ id: 'i', key: 'k', reason: 'couchbase forgot' }];
    },
  };
  const stores = {
    ...evidenceStores({ letters: { count: async () => letters }, mapping: () => MAPPING }),
    setAside,
    ledger: {
      totals: async () => {
        world.sums++;
        return { failed: 9 };
      },
    },
    findings: { within: () => ({ tally: async () => TALLIES }) },
    identity: {
      sights: async (_: string, phase: string) => [{ problem: null }, { problem: `another in ${phase}` }],
    },
  };
  // Of the three messages in the queue, letters count one.
  const queues = { send: async () => ({ Attributes: { ApproximateNumberOfMessages: '3' } }) };
  const control = { effective: async () => ({ phase: 'settle' }) } as unknown as Controller;
  const parts = { stores, queues } as unknown as Container;
  const reach = new Reach(() => true);
  return { world, ports: riskPorts(parts, control, QUEUES, 'orders', reach, () => true) };
}

test('messages that no letter counts are told apart from open letters', async () => {
  const { open, unread, waiting } = await asked().ports.letters();
  assert.deepEqual([open, waiting, unread], [3, 2, 2]);
});

test('what a verification found beyond what it noted is summed up once for each run', async () => {
  const { world, ports } = asked();
  assert.deepEqual([await ports.unchecked('v'), await ports.unchecked('v'), world.sums], [6, 6, 1]);
  await ports.unchecked('w');
  assert.equal(world.sums, 2);
});

test('stores that are others are told for the phase that is published', async () => {
  assert.deepEqual(await asked().ports.identities(), ['another in settle']);
});

test('conflicts are those of the table that nobody has decided on, page by page', async () => {
  const { world, ports } = asked();
  assert.deepEqual(await ports.conflictKeys('h', 50), [{ key: 'k', why: 'couchbase forgot', cursor: 'i' }]);
  assert.deepEqual(world.listed, [['ORDERS', { reasons: CONFLICTS, open: true }, 'h', 50]]);
});

test('a run of another mapping was about other documents', () => {
  const { ports } = asked();
  const run = { stamp: STAMP } as Parameters<typeof ports.isOfMapping>[0];
  assert.deepEqual([ports.isOfMapping(run), ports.isOfMapping({ ...run, stamp: 'x.y' })], [true, false]);
});
