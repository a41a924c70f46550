/** The receipts of a rehearsal: a queue in memory, which delivers a message when nothing of before it can still arrive. */
import pMap from 'p-map';
import { CallFailed } from '../protocol/call.ts';
import type { Phase } from '../protocol/phase.ts';
import { type Settled, type Stores, settle } from '../reconciliation/settle.ts';
import { OperatorNeeded } from '../stores/failure.ts';
import type { Receipt, SendReceipt } from '../stores/receipt.ts';
import type { Activity } from './activity.ts';
import { NotKept } from './not_kept.ts';

interface Message {
  readonly receipt: Receipt;
  /** In the order in which they were sent first. */
  readonly number: number;
  /** It is delivered once what had begun by then has ended. */
  readonly mark: number;
  readonly deliveries: number;
}

/** Receipts at the same time, deliveries of one at the most, and milliseconds between two looks. */
const [AT_ONCE, DELIVERIES, PAUSE] = [8, 60, 5];

export interface QueueParts {
  readonly stores: Stores;
  readonly activity: Activity;
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** In which the worker acts. */
  readonly phase: () => Phase;
  /** Whether a store is away for as long as it likes: then no delivery is the last one. */
  readonly isBroken: () => boolean;
}

export class OwnQueue {
  readonly #parts: QueueParts;
  readonly #messages = new Map<number, Message>();
  #sent = 0;
  settled = 0;
  /** Changes that receipts have made in a store that was behind. */
  repairs = 0;

  constructor(parts: QueueParts) {
    this.#parts = parts;
  }

  /** All that were sent have a smaller number. */
  get mark(): number {
    return this.#sent;
  }

  readonly send: SendReceipt = async (receipt) => {
    const number = this.#sent++;
    this.#messages.set(number, { receipt, number, mark: this.#parts.activity.mark, deliveries: 0 });
    return true;
  };

  /** Whether no receipt is left that was sent by then. @param key of the receipts; all keys where nothing is said. */
  isSettled(mark: number, key?: string): boolean {
    for (const { number, receipt } of this.#messages.values())
      if (number < mark && (key === undefined || receipt.key === key)) return false;
    return true;
  }

  /**
   * Settles what is due. Throws `NotKept` for what never comes to rest.
   * @param isOver whether it ends once nothing is left. @param isBroken whether it ends at once.
   */
  async work(isOver: () => boolean, isBroken: () => boolean): Promise<void> {
    while (!isBroken()) {
      const due = [...this.#messages.values()].filter(({ mark }) => this.#parts.activity.isOver(mark));
      await pMap(due, (message) => this.#settle(message), { concurrency: AT_ONCE });
      if (isOver() && this.#messages.size === 0) return;
      if (due.length === 0) await this.#parts.sleep(PAUSE);
    }
  }

  async #settle(message: Message): Promise<void> {
    const { stores, activity, phase, isBroken } = this.#parts;
    const { receipt, number, deliveries } = message;
    const [id, wasBroken] = [activity.begin(), isBroken()];
    const changed = () => {
      this.repairs++;
    };
    let settled: Settled | 'failed' = 'failed';
    try {
      settled = await settle(receipt, phase(), stores, this.send, () => true, changed);
    } catch (error) {
      // As the queue itself, which delivers again what waits for an operator.
      const waits = wasBroken && error instanceof OperatorNeeded;
      if (!(error instanceof CallFailed) && !waits) throw error;
    } finally {
      activity.end(id, settled === 'failed');
    }
    if (settled === 'settled') {
      this.settled++;
      this.#messages.delete(number);
      return;
    }
    if (deliveries >= DELIVERIES)
      throw new NotKept(`A receipt should be settled, and is ${settled} after ${DELIVERIES} deliveries`);
    const counted = deliveries + (wasBroken ? 0 : 1);
    this.#messages.set(number, { ...message, mark: activity.mark, deliveries: counted });
  }
}
