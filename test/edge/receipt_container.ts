/** What a function that settles receipts has around it, with the services that it reaches replaced. */
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import type { Context } from 'aws-lambda';
import type { Container } from '../../functions/edge/container.ts';
import type { Hops } from '../../functions/edge/hops.ts';
import { KeyNames } from '../../functions/edge/key_names.ts';
import { receiptWorker } from '../../functions/edge/receipt_worker.ts';
import type { Phase } from '../../functions/protocol/phase.ts';
import { newBreaker } from '../../functions/reconciliation/breaker.ts';
import { OncePerInvocation } from '../../functions/reconciliation/once.ts';
import type { Receipt } from '../../functions/stores/receipt.ts';
import { FailingStores } from '../reconciliation/failing_stores.ts';
import config from '../shop.config.ts';

/** A service in a phase, with both stores in memory. */
export class World extends FailingStores {
  phase: Phase = 'seal';
  readonly queued: object[] = [];
  readonly letters: unknown[][] = [];
  readonly settled: string[] = [];
  readonly receipts: (readonly [Receipt, Hops | undefined])[] = [];

  get container(): Container {
    const logger = new Logger({ logLevel: 'SILENT' });
    return {
      ...{ logger, metrics: new Metrics({ namespace: 'Test', logger }), keys: new KeyNames(null, () => 0) },
      ...{ configuration: config, failovers: { rest: () => null } },
      queues: { send: async ({ input }: { input: object }) => void this.queued.push(input) },
      keepLetter: async (...letter: unknown[]) => void this.letters.push(letter),
      sendReceipt: async (receipt: Receipt, hops?: Hops) => {
        this.receipts.push([receipt, hops]);
        return true;
      },
      phases: { current: async () => ({ phase: this.phase, since: 0, by: 'test' }) },
      stores: {
        of: () => this.pair,
        identity: { require: async () => {} },
        letters: { settled: async (ids: readonly string[]) => void this.settled.push(...ids) },
        leftOut: { state: async () => null },
        repairs: { record: async () => {} },
        loadProofOf: () => null,
      },
    } as unknown as Container;
  }

  handle(bodies: readonly string[], { count = '1', messageAttributes = {}, left = 300_000 } = {}) {
    const records = bodies.map((body, n) => ({
      ...{ messageId: `m${n}`, receiptHandle: `h${n}`, body, eventSource: 'aws:sqs', messageAttributes },
      attributes: { ApproximateReceiveCount: count, SentTimestamp: '1000' },
    }));
    return this.invoke({ Records: records }, left);
  }

  /** @param left milliseconds until the function is ended from outside. */
  invoke(event: unknown, left = 300_000) {
    const queues = { RECEIPTS_QUEUE: 'receipts', DEAD_LETTERS_QUEUE: 'dead' };
    const memory = { breaker: newBreaker(), once: new OncePerInvocation<never>() };
    const context = { getRemainingTimeInMillis: () => left } as Context;
    return receiptWorker(this.container, queues, memory)(event, context);
  }
}
