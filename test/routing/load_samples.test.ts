/** What the API gathers for the proof of load, and that no request waits for any of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Payload } from '../../functions/protocol/payload.ts';
import { PHASES, type Phase } from '../../functions/protocol/phase.ts';
import { callsIn } from '../../functions/records/histogram.ts';
import { NO_FIGURES, type Ramp, summed } from '../../functions/records/load_proof.ts';
import { Bulkheads } from '../../functions/routing/bulkheads.ts';
import { LoadSamples, MOST_READS, type ProofBatch } from '../../functions/routing/load_samples.ts';
import { NO_PRECONDITION } from '../../functions/routing/precondition.ts';
import { Router } from '../../functions/routing/router.ts';
import { StoreUnavailable } from '../../functions/stores/failure.ts';
import { Receipts } from '../../functions/stores/receipt.ts';
import { Reference } from '../stores/reference.ts';
import './prove_load.ts';
import { VirtualTimer } from './virtual_timer.ts';

const RAMP: Ramp = [
  { percent: 10, minutes: 1 },
  { percent: 100, minutes: 1 },
];
const AWAY = 5;

/** A router over stores in memory, 5 ms away each, and a queue of proofs that is as it is told to be. */
class Service {
  readonly timer = new VirtualTimer();
  readonly calls: string[] = [];
  readonly sent: ProofBatch[] = [];
  readonly asked: number[] = [];
  skipped = 0;
  queue: () => Promise<boolean> = async () => true;
  oracle: () => Promise<void> = () => this.timer.sleep(AWAY);
  readonly samples: LoadSamples;
  readonly #router: Router;

  constructor(ramp: Ramp | null = RAMP) {
    const stores = new Reference(() => 0);
    const over = <Store extends object>(name: string, store: Store, wait: () => Promise<void>): Store =>
      Object.fromEntries(
        Object.entries(store).map(([verb, act]) => [
          verb,
          async (...given: unknown[]) => {
            this.calls.push(`${name}.${verb}`);
            await wait();
            return (act as (...all: unknown[]) => unknown)(...given);
          },
        ]),
      ) as Store;
    const pair = {
      couchbase: { ...over('couchbase', stores.couchbase, () => this.timer.sleep(AWAY)), require: () => {} },
      oracle: { ...over('oracle', stores.oracle, () => this.oracle()), require: () => {} },
    };
    this.samples = new LoadSamples({
      rampOf: (name) => (name === 'c' ? ramp : null),
      chosen: (percent) => this.asked.push(percent) > 0,
      send: (batch) => {
        this.sent.push(batch);
        return this.queue();
      },
      skipped: (reads) => {
        this.skipped += reads;
      },
      steady: () => this.timer.now(),
      now: () => this.timer.now(),
    });
    const log = { withoutFollower: () => {}, changed: () => {}, withoutReceipt: () => {} };
    const bulkheads = new Bulkheads({ least: 100, most: 500 }, this.timer, log);
    const receipts = new Receipts(async () => true);
    this.#router = new Router(
      () => pair,
      receipts,
      () => false,
      bulkheads,
      null,
      this.samples,
    );
  }

  /** @returns the milliseconds that it has taken. */
  async read(phase: Phase, key = 'k', collection = 'c', since: number | undefined = 0): Promise<number> {
    const began = this.timer.now();
    this.samples.sendDue();
    const surroundings = { phase, since, timely: () => true };
    await this.timer.run(this.#router.read({ collection, key }, surroundings));
    return this.timer.now() - began;
  }

  async put(phase: Phase): Promise<void> {
    const payload = new Payload(Buffer.from('{}'), null);
    const request = {
      collection: 'c',
      key: 'k',
      verb: 'put',
      payload,
      precondition: NO_PRECONDITION,
    } as const;
    await this.timer.run(this.#router.write(request, { phase, since: 0, timely: () => true }));
  }

  async reads(count: number, phase: Phase = 'expand'): Promise<void> {
    for (let n = 0; n < count; n++) await this.read(phase, `k${n}`);
  }

  get figures() {
    return this.sent.map(({ figures }) => figures).reduce(summed, NO_FIGURES);
  }
}

const counts = ({ latencies, failed }: { latencies: Record<string, number>; failed: number }) => [
  callsIn(latencies),
  failed,
];

test('in expand a read asks Couchbase once, and Oracle not at all; 25 of them go in one message', async () => {
  const service = new Service();
  await service.reads(MOST_READS * 2 + 1);
  assert.deepEqual(new Set(service.calls), new Set(['couchbase.read']));
  assert.equal(service.calls.length, MOST_READS * 2 + 1);
  assert.deepEqual(
    service.sent.map(({ reads }) => reads.length),
    [MOST_READS, MOST_READS],
  );
  assert.deepEqual(counts(service.figures.couchbase), [MOST_READS * 2, 0]);
});

test('a message goes after a second with what there is, and says in which step it was', async () => {
  const service = new Service();
  await service.reads(1);
  await service.timer.run(service.timer.sleep(999));
  service.samples.sendDue();
  assert.equal(service.sent.length, 0);
  await service.timer.run(service.timer.sleep(1));
  await service.read('expand');
  assert.equal(service.sent.length, 1);
  assert.deepEqual([service.sent[0]?.percent, service.sent[0]?.phase], [10, 'expand']);
  await service.timer.run(service.timer.sleep(60_000));
  await service.reads(1);
  assert.deepEqual(service.asked, [10, 10, 100]);
});

test('no other phase, no other collection and no stay of unknown age is sampled', async () => {
  for (const phase of PHASES.filter((each) => each !== 'expand' && each !== 'seal')) {
    const service = new Service();
    await service.read(phase);
    assert.deepEqual(service.asked, [], phase);
  }
  const service = new Service();
  await service.read('expand', 'k', 'other');
  await service.timer.run(
    service.timer.sleep(1).then(() => service.samples.followed('c', { phase: 'settle', since: 0 }, 5)),
  );
  assert.deepEqual(service.asked, []);
  assert.equal(service.samples.begin({ collection: 'c', key: 'k' }, { phase: 'expand' }), null);
  const without = new Service(null);
  await without.reads(3);
  assert.deepEqual(without.asked, []);
});

test('in seal the read itself asks Oracle: it is measured there, and nobody asks a second time', async () => {
  const service = new Service();
  await service.read('seal');
  await service.timer.run(service.timer.sleep(1000));
  service.samples.sendDue();
  assert.deepEqual(service.calls, ['couchbase.read', 'oracle.read']);
  assert.deepEqual(service.sent[0]?.reads, []);
  assert.deepEqual(
    [counts(service.figures.couchbase), counts(service.figures.oracle)],
    [
      [1, 0],
      [1, 0],
    ],
  );
});

test('however silent the queue is, no read waits for it; what is too much is skipped, and told', async () => {
  const usual = await new Service(null).read('expand');
  const service = new Service();
  service.queue = () => new Promise(() => {});
  for (let n = 0; n < 400; n++) assert.equal(await service.read('expand', `k${n}`), usual);
  // Two messages under way, and a bounded number of reads that wait.
  assert.equal(service.sent.length, 2);
  assert.equal(service.skipped, 400 - 2 * MOST_READS - 4 * MOST_READS);
});

test('a queue that refuses is left alone for a while, and the figures come with the first message that it takes', async () => {
  const service = new Service();
  service.queue = async () => false;
  await service.reads(MOST_READS * 20);
  const tried = service.sent.length;
  assert.ok(tried >= 5 && tried <= 7, `${tried} messages`);
  assert.ok(service.skipped >= MOST_READS * 15);
  service.queue = async () => true;
  service.sent.length = 0;
  await service.timer.run(service.timer.sleep(3000));
  await service.reads(MOST_READS * 2);
  const { skipped, couchbase } = service.figures;
  assert.equal(skipped, service.skipped);
  // Of all reads but those that are being gathered.
  assert.ok(callsIn(couchbase.latencies) >= MOST_READS * 20);
});

test('a message whose container was frozen meanwhile may have arrived: its reads are neither skipped nor sent again', async () => {
  const service = new Service();
  service.queue = async () => {
    await service.timer.sleep(5001);
    return false;
  };
  await service.reads(MOST_READS + 1);
  await service.timer.run(service.timer.sleep(6000));
  assert.deepEqual([service.sent.length, service.skipped], [1, 0]);
});

test('a write in expand tells how long Oracle has taken, or that it was done without', async () => {
  const service = new Service();
  await service.put('expand');
  service.oracle = async () => {
    const target = { store: 'oracle', operation: 'apply', collection: 'c', key: 'k' } as const;
    throw new StoreUnavailable(target, false, new Error('refused'));
  };
  await service.put('expand');
  await service.put('seal');
  await service.timer.run(service.timer.sleep(1000));
  service.samples.sendDue();
  assert.deepEqual(counts(service.figures.writes), [1, 1]);
});
