/**
 * All messages of one invocation. Nearly all receipts find both stores equal: so parts of the batch are looked at in bulk first, and the
 * others are settled one by one. One that fails, or waits, does so alone.
 */
import pMap from 'p-map';
import { DIED } from '../records/letter.ts';
import type { Receipt } from '../stores/receipt.ts';
import { BulkLooks, type BulkReads, type LookPorts, type Part } from './bulk_look.ts';
import {
  actOf,
  type Memory,
  type ReceiptPorts,
  type ReceiptWorker,
  type Received,
} from './receipt_worker.ts';
import { type SuspectPorts, Suspects } from './suspects.ts';

/** Messages that are settled one by one at the same time. A batch of no more gains nothing by a bulk look. */
const AT_ONCE = 10;
/** Messages of one bulk look, whose documents are all in memory. */
const PART = 256;

export interface BatchPorts extends Pick<ReceiptPorts, 'parse' | 'phase' | 'requireIdentity'> {
  /** @param timely whether another call may begin. */
  readonly reads: (collection: string, timely: () => boolean) => BulkReads;
  readonly suspects: SuspectPorts;
}

export class BatchWorker {
  readonly #ports: BatchPorts;
  readonly #memory: Memory;
  readonly #one: Pick<ReceiptWorker, 'work' | 'bury'>;

  constructor(ports: BatchPorts, memory: Memory, one: Pick<ReceiptWorker, 'work' | 'bury'>) {
    this.#ports = ports;
    this.#memory = memory;
    this.#one = one;
  }

  /**
   * @param all messages of one invocation.
   * @param mayLook whether time is left for bulk looks, beside what the rest is to have.
   * @returns the ids of those that are to be delivered again.
   */
  async work(all: readonly Received[], mayLook: () => boolean): Promise<string[]> {
    const again = new Set<string>();
    const trying = (act: (received: Received) => Promise<void>) => (received: Received) =>
      act(received).catch(() => void again.add(received.messageId));
    const work = trying((received) => this.#one.work(received));
    const suspects = new Suspects(this.#ports.suspects);
    const { together, alone, killers, later } = await suspects.sort(all);
    for (const { messageId } of later) again.add(messageId);
    await Promise.all(killers.map(trying((received) => this.#bury(received))));
    await this.#together(together, work, mayLook);
    await suspects.clear();
    for (const received of alone)
      if (received.timely()) await trying(() => suspects.alone(received, () => work(received)))(received);
      else again.add(received.messageId);
    return all.flatMap(({ messageId }) => (again.has(messageId) ? [messageId] : []));
  }

  async #together(
    all: readonly Received[],
    work: (received: Received) => Promise<void>,
    mayLook: () => boolean,
  ): Promise<void> {
    const settled = all.length <= AT_ONCE ? new Set() : await this.#settled(all, mayLook);
    await Promise.all(all.filter((each) => settled.has(each)).map(work));
    const left = all.filter((each) => !settled.has(each));
    await pMap(left, work, { concurrency: AT_ONCE });
  }

  /** A receipt that is redriven has all of its deliveries again. */
  async #bury(received: Received): Promise<void> {
    const { clear, idOf } = this.#ports.suspects;
    await this.#one.bury(received, DIED);
    await clear([idOf(received.body)]);
  }

  /** Messages whose receipts bulk looks find settled. One look is begun while the one before it goes on. */
  async #settled(all: readonly Received[], mayLook: () => boolean): Promise<Set<Received>> {
    const parts = partsOf(all, this.#ports.parse);
    const looks = new BulkLooks(this.#lookPorts(mayLook));
    const settled = new Set<Received>();
    let begun = looks.begin(parts[0]);
    for (const [n, part] of parts.entries()) {
      const early = await begun;
      begun = looks.begin(parts[n + 1]);
      for (const [received, receipt] of await looks.end(early, part)) {
        settled.add(received);
        this.#know(received, receipt);
      }
    }
    return settled;
  }

  #lookPorts(mayLook: () => boolean): LookPorts {
    const { reads, phase, requireIdentity } = this.#ports;
    return {
      reads: (collection) => reads(collection, mayLook),
      phase: async (collection) => (await phase(collection)).phase,
      requireIdentity,
      may: () => mayLook() && this.#memory.breaker.isCalm,
    };
  }

  /** The message finds its receipt settled, as if another one with the same body had converged. */
  #know(received: Received, { cause }: Receipt): void {
    this.#memory.once.of(received.invocation, actOf(received), async () => ({
      kind: 'settled',
      cause,
      repair: null,
      stores: [],
    }));
  }
}

/**
 * Without messages that are no receipts, those that may not be handed on, and those of a change feed: each of them is dealt with alone. That both stores hold nothing
 * is not all that a feed wants to know.
 */
function partsOf(all: readonly Received[], parse: (body: string) => Receipt): Part[] {
  const parts: (Part & { readonly receipts: Map<Received, Receipt> })[] = [];
  const open = new Map<string, (typeof parts)[number]>();
  for (const received of all) {
    const isAlone = received.loop !== null || received.feed === true;
    const receipt = isAlone ? null : parsed(received.body, parse);
    if (receipt === null) continue;
    const { collection } = receipt;
    let part = open.get(collection);
    if (part === undefined || part.receipts.size >= PART) {
      part = { collection, receipts: new Map() };
      open.set(collection, part);
      parts.push(part);
    }
    part.receipts.set(received, receipt);
  }
  return parts;
}

/** Null for no receipt. */
function parsed(body: string, parse: (body: string) => Receipt): Receipt | null {
  try {
    return parse(body);
  } catch {
    return null;
  }
}
