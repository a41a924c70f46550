/** What a round of the controller reaches of a deployment. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SFNClient } from '@aws-sdk/client-sfn';
import { FlagsSeen } from '../../functions/edge/changed_flags.ts';
import type { Container } from '../../functions/edge/container.ts';
import { pacedWrites } from '../../functions/edge/controller.ts';
import { roundPorts } from '../../functions/edge/round.ts';
import { StoreUnavailable } from '../../functions/stores/failure.ts';
import { OutOfTime } from '../../functions/stores/reach.ts';
import { evidenceStores } from './evidence_stores.ts';

const TIMING = { lease: 30_000, refresh: 5000, request: 20_000, call: 3000, backfill: 300_000 };
const ENVIRONMENT = {
  ...{ PARAMETERS: '/x', RECEIPTS_QUEUE: 'r', DEAD_LETTERS_QUEUE: 'd' },
  ...{ COPY_MACHINE: 'the copy machine', VERIFY_MACHINE: 'the verify machine' },
};
const TARGET = { store: 'oracle', operation: 'read', collection: 'x', key: null } as const;

interface Started {
  readonly name?: string;
  readonly stateMachineArn: string;
  readonly input: string;
}

function deployed(remaining = 60_000) {
  const world = {
    oracleIsAway: false,
    sent: [] as Started[],
    receipts: [] as object[],
    swept: [] as unknown[],
  };
  const asked = async (store: 'couchbase' | 'oracle') => {
    if (world.oracleIsAway && store === 'oracle')
      throw new StoreUnavailable(TARGET, false, new Error('gone'));
  };
  const stores = evidenceStores({}, asked);
  const of = (name: string) => ({
    ...stores.of(name),
    table: { name: name.toUpperCase() },
    oracle: {
      ...stores.of(name).oracle,
      sweep: async (most: number) => {
        await asked('oracle');
        return world.swept.push([name, most]);
      },
    },
  });
  const setAside = {
    allOpenConflicts: async () =>
      new Map([
        ['ORDERS', 2],
        ['FORMER', 5],
      ]),
  };
  const parts = {
    ...{ configuration: { timing: TIMING, collections: { orders: {}, items: {} } }, now: () => 7 },
    stores: { ...stores, of, setAside },
    phases: { current: async () => ({ phase: 'seal' }) },
    sendReceipt: async (receipt: object) => {
      world.receipts.push(receipt);
      return true;
    },
  } as unknown as Container;
  const states = { send: async ({ input }: { input: Started }) => void world.sent.push(input) };
  const kept = {
    control: {} as never,
    standing: {} as never,
    retentionTurn: {} as never,
    writes: pacedWrites(),
    flags: new FlagsSeen(),
    toldMoves: { told: async () => null, keep: async () => {} } as never,
    guard: { controls: {}, asked: {} } as never,
  };
  const ports = roundPorts(parts, ENVIRONMENT, kept, states as unknown as SFNClient, () => remaining);
  return { world, ports };
}

test('a copy and a verification are started on machines of their own, each under a name of its own', async () => {
  const { world, ports } = deployed();
  await ports.start({ job: 'copy', input: { collection: 'orders', back: 'changed' } });
  await ports.start({ job: 'verify', input: { collection: 'orders' } });
  const named = world.sent.map(({ name, ...started }) => {
    assert.match(name ?? '', /^.{36}$/);
    return started;
  });
  assert.deepEqual(named, [
    { stateMachineArn: 'the copy machine', input: '{"collection":"orders","back":"changed"}' },
    { stateMachineArn: 'the verify machine', input: '{"collection":"orders"}' },
  ]);
  assert.notEqual(world.sent[0]?.name, world.sent[1]?.name);
});

test('conflicts are counted by table, and told of each collection that there is', async () => {
  const { ports } = deployed();
  assert.deepEqual(
    [...(await ports.openConflicts())],
    [
      ['orders', 2],
      ['items', 0],
    ],
  );
});

test('an overdue receipt is sent again for collections that are configured, and whose stores answer', async () => {
  const { world, ports } = deployed();
  assert.deepEqual(
    [await ports.overdue.answers('orders'), await ports.overdue.answers('former')],
    [true, false],
  );
  await ports.overdue.send('orders', 'k');
  assert.deepEqual(world.receipts, [
    { collection: 'orders', key: 'k', phase: 'seal', cause: 'run', expired: 0n },
  ]);
  world.oracleIsAway = true;
  assert.equal(await ports.overdue.answers('items'), false);
});

test('once Oracle has left two questions without an answer, it is not asked again in this round', async () => {
  const { world, ports } = deployed();
  world.oracleIsAway = true;
  for (const _ of [1, 2]) {
    assert.equal(ports.oracleIsAway(), false);
    await assert.rejects(ports.sweepDocuments('orders', 500), StoreUnavailable);
  }
  assert.equal(ports.oracleIsAway(), true);
  world.oracleIsAway = false;
  await assert.rejects(ports.sweepDocuments('orders', 500), StoreUnavailable);
  assert.deepEqual(world.swept, []);
});

test('a sweep of expired documents has the bound that it is given, and where no time is left no store is asked', async () => {
  const { world, ports } = deployed();
  await ports.sweepDocuments('orders', 500);
  assert.deepEqual(world.swept, [['orders', 500]]);
  const late = deployed(1000);
  await assert.rejects(late.ports.sweepDocuments('orders', 500), OutOfTime);
  assert.equal(late.ports.overdue.timely(), false);
});
