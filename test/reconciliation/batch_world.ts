/** A service that works off batches of receipts, with both stores in memory. */
import { INITIAL_PHASE } from '../../functions/phases/effective_phase.ts';
import type { Phase } from '../../functions/protocol/phase.ts';
import { BatchWorker } from '../../functions/reconciliation/batch.ts';
import { newBreaker } from '../../functions/reconciliation/breaker.ts';
import type { BulkReads } from '../../functions/reconciliation/bulk_look.ts';
import { OncePerInvocation } from '../../functions/reconciliation/once.ts';
import {
  type Metric,
  type ReceiptPorts,
  ReceiptWorker,
  type Received,
} from '../../functions/reconciliation/receipt_worker.ts';
import type { Fate } from '../../functions/reconciliation/reconciler.ts';
import type { SuspectPorts } from '../../functions/reconciliation/suspects.ts';
import type { Mark } from '../../functions/records/suspect.ts';
import { BadReceipt, type Cause, type Receipt } from '../../functions/stores/receipt.ts';
import { document } from '../stores/contract/subject.ts';
import { Reference } from '../stores/reference.ts';

const NOW = 1_000_000;

/** A service with both stores in memory, which count what they are asked. A body is a key, a cause and, perhaps, a CAS. */
export class World {
  phase: Phase = 'expand';
  identity: (collection: string) => Promise<void> = async () => {};
  /** Thrown by each statement for many rows, and by each read of one row. */
  bulkFails: Error | null = null;
  fails: Error | null = null;
  timely: () => boolean = () => true;
  mayLook: () => boolean = () => true;
  /** Is called before keys are read. */
  touches: (keys: readonly string[]) => Promise<void> = async () => {};
  now = NOW;
  /** Of messages that were delivered before. */
  readonly deliveries = new Map<string, number>();
  readonly marks = new Map<string, Mark>();
  readonly stores = new Reference(() => 0);
  /** Reads in their order: of one key, or of so many. */
  readonly reads: string[] = [];
  readonly did: string[] = [];
  readonly metrics: Metric[] = [];
  readonly sent: Receipt[] = [];
  readonly breaker = newBreaker();
  /** Of how many messages work is under way, now and at most. */
  readonly working = { now: 0, most: 0 };

  get ports(): ReceiptPorts {
    const { couchbase, oracle } = this.stores;
    const log = () => {};
    const single =
      <Args extends unknown[], R>(name: string, read: (...args: Args) => Promise<R>) =>
      async (...args: Args) => {
        this.reads.push(`${name} ${args[0]}`);
        await this.touches([String(args[0])]);
        if (this.fails !== null) throw this.fails;
        return read(...args);
      };
    return {
      parse,
      shown: (body) => body,
      stores: () => ({
        couchbase: { ...couchbase, read: single('couchbase', couchbase.read) },
        oracle: { ...oracle, read: single('oracle', oracle.read) },
      }),
      phase: async () => ({ ...INITIAL_PHASE, phase: this.phase }),
      copiedSince: async () => true,
      requireIdentity: (collection) => this.identity(collection),
      setAside: async (body, why) => void this.did.push(`set aside ${body}: ${why}`),
      leftByChoice: async () => false,
      noteWaiting: async (body) => void this.did.push(`waits ${body}`),
      noteSettled: async (body) => void this.did.push(`settled ${body}`),
      noteRepair: async ({ key }) => void this.did.push(`repair ${key}`),
      noteForeign: async ({ key }) => void this.did.push(`foreign ${key}`),
      count: (metric) => void this.metrics.push(metric),
      tellAge: () => {},
      log: { info: log, warn: log, error: log },
      now: () => this.now,
      ...{ bake: 0, underWay: 0, pause: async () => {}, shortest: 120 },
    };
  }

  get suspects(): SuspectPorts {
    return {
      idOf: (body) => body,
      marks: async (ids) => new Map([...this.marks].filter(([id]) => ids.includes(id))),
      mark: async (ids, _, alone) => {
        for (const id of ids)
          this.marks.set(id, { at: this.now, alone: (this.marks.get(id)?.alone ?? 0) + (alone ? 1 : 0) });
      },
      clear: async (ids) => {
        for (const id of ids) this.marks.set(id, { at: 0, alone: 0 });
      },
      ...{ now: () => this.now, lasts: 20_000, may: () => this.breaker.isCalm },
    };
  }

  get bulk(): BulkReads {
    const { couchbase, oracle } = this.stores;
    return {
      couchbase: async (keys) => {
        this.reads.push(`couchbase ${keys.length} keys`);
        await this.touches(keys);
        return Promise.all(keys.map((key) => (key.startsWith('unread') ? null : couchbase.read(key, {}))));
      },
      oracle: async (keys) => {
        this.reads.push(`oracle ${keys.length} keys`);
        if (this.bulkFails !== null) throw this.bulkFails;
        return Promise.all(keys.map((key) => oracle.read(key, {})));
      },
    };
  }

  /** @returns the ids of messages that are to be delivered again: their places. */
  async work(bodies: readonly string[], given: Partial<Received> = {}): Promise<string[]> {
    const memory = { breaker: this.breaker, once: new OncePerInvocation<Fate>() };
    const one = new ReceiptWorker(this.ports, memory);
    const counted = {
      work: async (received: Received) => {
        this.working.most = Math.max(this.working.most, ++this.working.now);
        await one.work(received).finally(() => this.working.now--);
      },
      bury: (received: Received, why: string) => one.bury(received, why),
    };
    const invocation = {};
    const received = bodies.map((body, n) => ({
      ...{ body, messageId: String(n), deliveries: 1, sent: NOW - 4400, loop: null, invocation },
      timely: () => this.timely(),
      send: async (receipt: Receipt) => this.sent.push(receipt) > 0,
      hide: async (seconds: number) => void this.did.push(`hidden ${body} ${seconds}`),
      ...given,
      ...(this.deliveries.has(body) ? { deliveries: this.deliveries.get(body) as number } : {}),
    }));
    const ports = { ...this.ports, reads: () => this.bulk, suspects: this.suspects };
    return new BatchWorker(ports, memory, counted).work(received, () => this.mayLook());
  }

  /** Both stores have documents of these keys. */
  async fill(keys: readonly string[]): Promise<void> {
    for (const key of keys) {
      const version = await this.stores.couchbase.upsert(key, { content: document('1') });
      await this.stores.oracle.apply(key, { content: document('1'), version });
    }
  }
}

function parse(body: string): Receipt {
  const [key = '', cause, expired = '0', collection = 'orders'] = body.split(' ');
  if (cause === undefined) throw new BadReceipt('The message is no receipt');
  return { collection, key, phase: 'expand', cause: cause as Cause, expired: BigInt(expired) };
}

export const keys = (count: number, prefix = 'k') => Array.from({ length: count }, (_, n) => `${prefix}${n}`);
export const written = (all: readonly string[]) => all.map((key) => `${key} write`);
