/** A receipt's worker with all that it reaches replaced. */
import { type EffectivePhase, INITIAL_PHASE } from '../../functions/phases/effective_phase.ts';
import { newBreaker } from '../../functions/reconciliation/breaker.ts';
import { OncePerInvocation } from '../../functions/reconciliation/once.ts';
import {
  type Metric,
  type ReceiptPorts,
  ReceiptWorker,
  type Received,
} from '../../functions/reconciliation/receipt_worker.ts';
import type { Fate } from '../../functions/reconciliation/reconciler.ts';
import { BadReceipt, type Cause, type Receipt } from '../../functions/stores/receipt.ts';
import { FailingStores } from './failing_stores.ts';

export const TARGET = { store: 'oracle', operation: 'read', collection: 'orders', key: 'k' } as const;
export const NOW = 1_000_000;
export const RECEIVED = { messageId: 'm', body: 'k write', deliveries: 1, sent: NOW - 4400, loop: null };

/** A service with both stores in memory. A body is a key and a cause. */
export class World extends FailingStores {
  phase: () => Promise<EffectivePhase> = async () => ({ ...INITIAL_PHASE, phase: 'expand' });
  identity: () => Promise<void> = async () => {};
  copied: () => Promise<boolean> = async () => true;
  noteFails = false;
  leftByChoice = false;
  timely = true;
  readonly did: string[] = [];
  readonly metrics: Metric[] = [];
  readonly logs: string[] = [];
  readonly sent: Receipt[] = [];
  readonly #worker = new ReceiptWorker(this.ports, {
    breaker: newBreaker(),
    once: new OncePerInvocation<Fate>(),
  });

  get ports(): ReceiptPorts {
    const log = (level: string) => (message: string, about: object) =>
      void this.logs.push(`${level} ${message} ${JSON.stringify(about)}`);
    const note = async (text: string) => {
      this.did.push(text);
      if (this.noteFails) throw new Error('Oracle is away');
    };
    return {
      parse,
      shown: (body) => `<${body}>`,
      stores: () => this.pair,
      phase: () => this.phase(),
      copiedSince: () => this.copied(),
      requireIdentity: () => this.identity(),
      setAside: async (body, why, caller) =>
        void this.did.push(`set aside ${body}${caller === null ? '' : ` of ${caller}`}: ${why}`),
      leftByChoice: async () => this.leftByChoice,
      noteWaiting: async (body, _, since) => void this.did.push(`waits ${body} since ${since}`),
      noteSettled: (body) => note(`settled ${body}`),
      noteDifference: ({ collection, phase }) => note(`difference of ${collection} in ${phase}`),
      noteRepair: ({ key, at, cause }) => note(`repair ${key} at ${at}: ${cause}`),
      noteForeign: ({ key }, phase) => note(`foreign ${key} in ${phase}`),
      count: (metric) => void this.metrics.push(metric),
      tellAge: (seconds) => void this.did.push(`age ${seconds}`),
      log: { info: log('info'), warn: log('warn'), error: log('error') },
      now: () => NOW,
      // All versions of these stores are old.
      ...{ bake: 0, underWay: 0, pause: async () => {}, shortest: 120 },
    };
  }

  /** @returns why the message is to be delivered again; null where it is done. */
  async work(given: Partial<Received> = {}): Promise<string | null> {
    const received: Received = {
      ...{ ...RECEIVED, invocation: {}, timely: () => this.timely },
      send: async (receipt) => {
        this.sent.push(receipt);
        return true;
      },
      hide: async (seconds) => void this.did.push(`hidden ${seconds}`),
      ...given,
    };
    return this.#worker.work(received).then(
      () => null,
      (error: Error) => error.message,
    );
  }
}

function parse(body: string): Receipt {
  const [key = '', cause] = body.split(' ');
  if (cause === undefined) throw new BadReceipt('The message is no receipt');
  return { collection: 'orders', key, phase: 'expand', cause: cause as Cause, expired: 0n };
}
