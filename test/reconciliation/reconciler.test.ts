/** What becomes of receipts while stores are away, documents are poison, and others fail for no reason. Time is a number here. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CallFailed } from '../../functions/protocol/call.ts';
import { newBreaker } from '../../functions/reconciliation/breaker.ts';
import { ATTEMPTS, type Fate, reconcile } from '../../functions/reconciliation/reconciler.ts';
import { type Change, settle } from '../../functions/reconciliation/settle.ts';
import { OperatorNeeded, PoisonDocument, StoreUnavailable } from '../../functions/stores/failure.ts';
import { BadReceipt, type Receipt } from '../../functions/stores/receipt.ts';
import { document } from '../stores/contract/subject.ts';
import { Reference } from '../stores/reference.ts';

const TARGET = { store: 'oracle', operation: 'apply', collection: 'ORDERS', key: 'k' } as const;
const away = () => new StoreUnavailable(TARGET, false, new Error('away'));
const SHORTEST = 120;
/** What SQS allows: deliveries of one message, and seconds for which it keeps it. */
const [MOST, KEPT] = [1000, 14 * 24 * 3600];

const receiptOf = (key: string): Receipt => ({
  collection: 'orders',
  key,
  phase: 'expand',
  cause: 'write',
  expired: 0n,
});
const parse = (body: string) => {
  if (body === 'bad') throw new BadReceipt('The message is no receipt');
  return receiptOf(body);
};

interface Message {
  readonly body: string;
  deliveries: number;
  visibleAt: number;
}

/** A queue of receipts over virtual seconds, worked off by a reconciler, until nothing is left in it. */
async function work(
  bodies: readonly string[],
  act: (receipt: Receipt, seconds: number) => Promise<'settled' | 'busy'>,
) {
  const messages = bodies.map((body): Message => ({ body, deliveries: 0, visibleAt: 0 }));
  const breaker = newBreaker();
  const [fates, calls] = [new Map<string, Fate>(), { count: 0 }];
  for (
    let seconds = 0;
    messages.length > 0;
    seconds = Math.min(...messages.map(({ visibleAt }) => visibleAt))
  ) {
    assert.ok(seconds < KEPT, 'SQS has forgotten a receipt');
    for (const message of messages.filter(({ visibleAt }) => visibleAt <= seconds)) {
      message.deliveries++;
      assert.ok(message.deliveries <= MOST, 'SQS has given a receipt up');
      const delivery = { body: message.body, deliveries: message.deliveries, sent: 0, now: seconds * 1000 };
      const ports = {
        ...{ parse, breaker, bake: 0 },
        settle: (receipt: Receipt) => {
          calls.count++;
          return act(receipt, seconds);
        },
      };
      const fate = await reconcile(delivery, ports, SHORTEST);
      fates.set(message.body, fate);
      if (fate.kind === 'again') message.visibleAt = seconds + (fate.seconds ?? SHORTEST);
      else messages.splice(messages.indexOf(message), 1);
    }
  }
  return { fates, calls: calls.count };
}

test('a store that is away, for hours or for days, costs no receipt: all wait, and are settled when it is back', async () => {
  for (const hours of [0.1, 6, 7 * 24]) {
    const bodies = Array.from({ length: 30 }, (_, n) => `k${n}`);
    let asked = 0;
    const { fates } = await work(bodies, async (_, seconds) => {
      if (seconds >= hours * 3600) return 'settled';
      asked++;
      throw away();
    });
    assert.deepEqual(new Set([...fates.values()].map(({ kind }) => kind)), new Set(['settled']));
    // Few ask, on behalf of all: those that came before the breaker opened, and one a pause.
    const rounds = Math.ceil((hours * 3600) / 900) + 5;
    assert.ok(asked <= 5 + 2 * rounds, `${asked} requests in ${hours} hours`);
  }
});

test('a store that needs an operator is waited for as well', async () => {
  const { fates } = await work(['k'], async (_, seconds) => {
    if (seconds < 86_400) throw new OperatorNeeded(TARGET, 'its grants are gone');
    return 'settled';
  });
  assert.equal(fates.get('k')?.kind, 'settled');
});

test('time that is up, or a phase that cannot be read, is no fault of the receipt', async () => {
  const { fates } = await work(['k'], async (_, seconds) => {
    if (seconds < 86_400) throw new CallFailed('No time is left');
    return 'settled';
  });
  assert.equal(fates.get('k')?.kind, 'settled');
});

test('poison is set aside at once, with its reason, and what fails for no reason after a number of attempts', async () => {
  const { fates } = await work(['bad', 'poison', 'odd', 'hot', 'good'], async ({ key }) => {
    if (key === 'poison') throw new PoisonDocument(TARGET, 'the column TOTAL cannot hold it');
    if (key === 'odd') throw new Error('who knows');
    return key === 'hot' ? 'busy' : 'settled';
  });
  const told = (key: string) => {
    const fate = fates.get(key);
    return fate?.kind === 'bury' ? fate.why : fate?.kind;
  };
  assert.match(told('bad') ?? '', /no receipt/);
  assert.match(told('poison') ?? '', /the column TOTAL cannot hold it/);
  assert.equal(told('odd'), `After ${ATTEMPTS} attempts: who knows`);
  assert.equal(told('hot'), `After ${ATTEMPTS} attempts: Others keep writing this key`);
  assert.equal(told('good'), 'settled');
});

test('no delivery comes before everything that the last one has sent out has arrived or died', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: MOST }),
      fc.integer({ min: 1, max: 2000 }),
      async (deliveries, least) => {
        const ports = { parse, breaker: newBreaker(), bake: 0, settle: () => Promise.reject(away()) };
        const fate = await reconcile({ body: 'k', deliveries, sent: 0, now: 0 }, ports, least);
        assert.ok(
          fate.kind === 'again' &&
            (fate.seconds ?? 0) >= least &&
            (fate.seconds ?? 0) <= Math.max(900, least),
        );
      },
    ),
  );
});

test('what was repaired is told: which side, which versions, since when', async () => {
  const stores = new Reference(() => 0);
  await stores.couchbase.upsert('k', { content: document('1') });
  const { version } = await stores.couchbase.read('k', {});
  const ports = {
    ...{ parse, breaker: newBreaker(), bake: 0 },
    settle: (receipt: Receipt, changed: (change: Change) => void) =>
      settle(
        receipt,
        'expand',
        stores,
        async () => true,
        () => true,
        changed,
      ),
  };
  const delivery = { body: 'k', deliveries: 1, sent: 1000, now: 5000 };
  const first = await reconcile(delivery, ports, SHORTEST);
  assert.deepEqual(first, {
    kind: 'settled',
    cause: 'write',
    repair: {
      ...{ collection: 'orders', key: 'k', at: 5000, cause: 'write in expand' },
      detail: `Oracle was given a document in version ${version}; 4000 ms after the receipt`,
    },
    stores: ['oracle'],
  });
  assert.deepEqual(await reconcile(delivery, ports, SHORTEST), {
    kind: 'settled',
    cause: 'write',
    repair: null,
    stores: [],
  });
});

test('an open breaker lets one ask after its pause, and closes with the first answer', () => {
  const breaker = newBreaker();
  for (let n = 0; n < 5; n++) {
    assert.equal(breaker.open(0), false);
    breaker.failed(0);
  }
  assert.deepEqual([breaker.open(1), breaker.open(9999)], [true, true]);
  assert.deepEqual([breaker.open(10_000), breaker.open(10_001)], [false, true]);
  breaker.answered();
  assert.equal(breaker.open(10_002), false);
});

test('a change of what was written just now is no repair: its writer was about to make it', async () => {
  const [now, bake] = [Date.UTC(2026, 0, 1), 50_000];
  const repairOf = async (age: number) => {
    const version = BigInt(now - age) * 1_000_000n;
    const ports = {
      ...{ parse, breaker: newBreaker(), bake },
      settle: async (_: Receipt, changed: (change: Change) => void) => {
        changed({ store: 'oracle', what: 'Oracle was given a document', version });
        return 'settled' as const;
      },
    };
    const fate = await reconcile({ body: 'k', deliveries: 1, sent: now, now }, ports, SHORTEST);
    return fate.kind === 'settled' ? fate.repair : null;
  };
  assert.equal(await repairOf(10), null);
  assert.match((await repairOf(bake))?.detail ?? '', /Oracle was given a document/);
});
