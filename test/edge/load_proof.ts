/** Messages of the proof of load, the minutes that containers write down, and the function between them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import type { Context } from 'aws-lambda';
import fc from 'fast-check';
import type { Container } from '../../functions/edge/container.ts';
import { KeyNames } from '../../functions/edge/key_names.ts';
import { ProofMinutes } from '../../functions/edge/load_proof.ts';
import { BadProof, parseProof, proofText } from '../../functions/edge/proof_messages.ts';
import { proofWorker } from '../../functions/edge/proof_worker.ts';
import { NO_ROW } from '../../functions/protocol/state.ts';
import { MINUTE, NO_FIGURES, type ProofRow } from '../../functions/records/load_proof.ts';
import type { ProofBatch } from '../../functions/routing/load_samples.ts';
import { StoreUnavailable } from '../../functions/stores/failure.ts';
import config from '../shop.config.ts';

const BATCH: ProofBatch = {
  ...{ collection: 'orders', phase: 'expand', percent: 10 },
  reads: [{ key: 'a', version: 7n, mark: null }],
  figures: { ...NO_FIGURES, skipped: 1, couchbase: { latencies: { 12: 3 }, failed: 0 } },
};

test('a message is read as it was written, with keys of any characters, and within what a queue takes', () => {
  const key = fc.string({ unit: 'binary', maxLength: 250 });
  fc.assert(
    fc.property(fc.array(key, { maxLength: 25 }), fc.bigInt(0n, 2n ** 64n - 1n), (keys, version) => {
      const reads = keys.map((each) => ({ key: each, version, mark: 'm'.repeat(43) }));
      const text = proofText({ ...BATCH, reads });
      assert.deepEqual(parseProof(text), { ...BATCH, reads });
      assert.ok(/^[\x20-\x7e]*$/.test(text) && text.length < 262_144);
    }),
    { numRuns: 30 },
  );
});

test('what is no batch is refused, and nothing of it is told', () => {
  const plain = JSON.parse(proofText(BATCH));
  const changed = [
    ...['', 'secret', '[]', '"secret"', 'null', '{}'],
    ...Object.keys(plain).map((name) => JSON.stringify({ ...plain, [name]: 'secret' })),
    JSON.stringify({ ...plain, reads: [{ ...plain.reads[0], version: '-1' }] }),
    JSON.stringify({ ...plain, reads: Array.from({ length: 26 }, () => plain.reads[0]) }),
    JSON.stringify({ ...plain, percent: 101 }),
    JSON.stringify({ ...plain, figures: { ...plain.figures, oracle: { latencies: { 80: 1 }, failed: 0 } } }),
  ].filter((text) => text !== JSON.stringify({ ...plain, collection: 'secret' }));
  for (const text of changed)
    assert.throws(
      () => parseProof(text),
      (error) =>
        error instanceof BadProof &&
        /^PROOF_UNREADABLE: /.test(error.message) &&
        !/secret/.test(error.message),
      text,
    );
  assert.deepEqual(parseProof(JSON.stringify({ ...plain, later: 1 })), BATCH, 'a newer version may say more');
});

test('each minute is written down as it grows; what Oracle does not take is written down later', async () => {
  const rows = new Map<string, ProofRow>();
  let [now, isAway] = [10 * MINUTE + 5, false];
  const minutes = new ProofMinutes(
    async (collection, part, row) => {
      if (isAway) throw new Error('away');
      rows.set(`${collection} ${part} ${row.minute / MINUTE} ${row.percent}`, row);
    },
    'p',
    () => now,
  );
  const skipped = (count: number) => ({ ...NO_FIGURES, skipped: count });
  const stay = { phase: 'expand', percent: 10 } as const;
  minutes.add('orders', stay, skipped(1));
  await minutes.save();
  isAway = true;
  minutes.add('orders', stay, skipped(2));
  await assert.rejects(minutes.save());
  now += MINUTE;
  minutes.add('orders', stay, skipped(4));
  isAway = false;
  await minutes.save();
  assert.deepEqual(
    [...rows].map(([name, { figures }]) => [name, figures.skipped]),
    [
      ['orders p 10 10', 3],
      ['orders p 11 10', 4],
    ],
  );
  rows.clear();
  await minutes.save();
  assert.equal(rows.size, 0, 'nothing is new');
});

/** The function, with Oracle and the queue of receipts replaced. */
class Prover {
  now = 1_000_000;
  readonly rows: (readonly [collection: string, row: ProofRow])[] = [];
  readonly again: unknown[] = [];
  isAway = false;
  reads = 0;

  async take(bodies: readonly string[], sent = this.now) {
    const logger = new Logger({ logLevel: 'SILENT' });
    const oracle = {
      readUpTo: async (key: string) => {
        this.reads++;
        const target = { store: 'oracle', operation: 'read', collection: 'ORDERS', key } as const;
        if (this.isAway) throw new StoreUnavailable(target, false, new Error('away'));
        return key === 'b' ? { ...NO_ROW, version: 5n } : NO_ROW;
      },
    };
    const container = {
      ...{ logger, metrics: new Metrics({ namespace: 'Test', logger }), keys: new KeyNames(null, () => 0) },
      ...{ configuration: config, failovers: { rest: () => null }, now: () => this.now },
      sendReceipt: async (receipt: unknown) => this.again.push(receipt) > 0,
      stores: {
        of: () => ({ oracle }),
        loadProofs: {
          put: async (collection: string, _: string, row: ProofRow) => {
            if (this.isAway) throw new Error('away');
            this.rows.push([collection, row]);
          },
        },
      },
    } as unknown as Container;
    const Records = bodies.map((body, n) => ({
      ...{ messageId: `m${n}`, receiptHandle: 'h', body, eventSource: 'aws:sqs' },
      attributes: { ApproximateReceiveCount: '1', SentTimestamp: String(sent) },
    }));
    const context = { getRemainingTimeInMillis: () => 20_000 } as Context;
    return proofWorker(container)({ Records }, context);
  }
}

test('a message is proven once, whatever becomes of it, and a row says what was found', async () => {
  const prover = new Prover();
  const other = { ...BATCH, reads: [{ key: 'b', version: 7n, mark: 'other' }] };
  assert.deepEqual(await prover.take([proofText(BATCH), 'secret', proofText(other)]), {
    batchItemFailures: [],
  });
  const [[collection, { phase, percent, figures }] = assert.fail()] = prover.rows;
  assert.deepEqual([collection, phase, percent, prover.rows.length], ['orders', 'expand', 10, 1]);
  assert.deepEqual([figures.skipped, figures.couchbase.latencies], [2, { 12: 6 }]);
  assert.equal(
    Object.values(figures.oracle.latencies).reduce((sum, each) => sum + each, 0),
    2,
  );
  // The other one differs, perhaps: Oracle has a deletion that is older.
  assert.deepEqual(prover.again, [
    { collection: 'orders', key: 'b', phase: 'expand', cause: 'read', expired: 0n },
  ]);
});

test('reads that come late are not asked: a load that the workers cannot keep up with is not proven', async () => {
  const prover = new Prover();
  await prover.take([proofText(BATCH)], prover.now - 10_001);
  assert.deepEqual([prover.reads, prover.rows[0]?.[1].figures.skipped], [0, 2]);
});

test('messages of collections that are not there, and an Oracle that is away, are no failure of the function', async () => {
  const prover = new Prover();
  await prover.take([proofText({ ...BATCH, collection: 'gone' })]);
  assert.deepEqual([prover.reads, prover.rows], [0, []]);
  prover.isAway = true;
  assert.deepEqual(await prover.take([proofText(BATCH)]), { batchItemFailures: [] });
});
