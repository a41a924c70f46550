/** The queue of receipts, and those who work it off: the reconciler as it is deployed, over a queue that delivers late, twice and again. */
import { parseReceipt, receiptText } from '../../functions/edge/queue.ts';
import { CallFailed } from '../../functions/protocol/call.ts';
import { newBreaker } from '../../functions/reconciliation/breaker.ts';
import { type Fate, reconcile } from '../../functions/reconciliation/reconciler.ts';
import { settle } from '../../functions/reconciliation/settle.ts';
import type { Circuit } from '../../functions/stores/circuit.ts';
import type { SendReceipt } from '../../functions/stores/receipt.ts';
import type { Container } from './container.ts';
import { BAKE, HIDDEN, type Rules } from './rules.ts';
import { lasting, type Process, type Scheduler } from './scheduler.ts';
import type { SimulatedStores } from './world.ts';

interface Message {
  readonly body: string;
  /** Of its receipt. */
  readonly key: string;
  readonly sent: number;
  visible: number;
  deliveries: number;
  /** It has found a store away. */
  waits: boolean;
}

/** Messages that one poll brings. */
const BATCH = 10;

export class ReceiptQueue {
  readonly #scheduler: Scheduler;
  readonly #stores: SimulatedStores;
  readonly #rules: Rules;
  #messages: Message[] = [];
  readonly dead: string[] = [];

  constructor(scheduler: Scheduler, stores: SimulatedStores, rules: Rules) {
    this.#scheduler = scheduler;
    this.#stores = stores;
    this.#rules = rules;
  }

  get empty(): boolean {
    return this.#messages.length === 0;
  }

  /** Whether a receipt for a key is still to be settled that was sent before. */
  holds(key: string, before: number): boolean {
    return this.#messages.some((message) => message.sent < before && message.key === key);
  }

  /** As SQS and the letters tell it. */
  counts() {
    const { now } = this.#scheduler;
    const count = (is: (message: Message) => boolean) => this.#messages.filter(is).length;
    const waiting = this.#messages.filter(({ waits }) => waits);
    return {
      delayed: count(({ visible, deliveries }) => deliveries === 0 && visible > now),
      due: count(({ visible }) => visible <= now),
      hidden: count(({ visible, deliveries }) => deliveries > 0 && visible > now),
      waiting: waiting.length,
      since: waiting.length === 0 ? null : Math.min(...waiting.map(({ sent }) => sent)),
    };
  }

  /** For a process that sends. */
  sender(process: Process): SendReceipt {
    return async (receipt) => {
      await this.#scheduler.turn(process, `sends a receipt for ${receipt.key}`);
      if (this.#scheduler.random.chance(0.005)) return false;
      if (this.#rules.dropReceipts) return true;
      const { now } = this.#scheduler;
      const visible = now + BAKE;
      const body = receiptText(receipt);
      this.#messages.push({ body, key: receipt.key, sent: now, visible, deliveries: 0, waits: false });
      await this.#scheduler.turn(process, '');
      return true;
    };
  }

  /** Works it off for ever. */
  async work(container: Container): Promise<void> {
    const poller = lasting('poller');
    const breaker = newBreaker();
    for (;;) {
      await this.#scheduler.sleep(poller, 500);
      const due = this.#messages.filter(({ visible }) => visible <= this.#scheduler.now).slice(0, BATCH);
      for (const message of due) this.#deliver(message, container, breaker);
    }
  }

  #deliver(message: Message, container: Container, breaker: Circuit): void {
    message.visible = this.#scheduler.now + HIDDEN;
    message.deliveries++;
    const times = this.#scheduler.random.chance(0.05) ? 2 : 1;
    for (let n = 0; n < times; n++)
      container.invoke((process) => this.#handle(message, process, container, breaker));
  }

  async #handle(message: Message, process: Process, container: Container, breaker: Circuit): Promise<void> {
    const { body, sent, deliveries } = message;
    const timely = () => container.isTimely(process);
    const fate = await reconcile(
      { body, sent, deliveries, now: this.#scheduler.now },
      {
        ...{ breaker, parse: parseReceipt, bake: BAKE },
        settle: async (receipt, changed) => {
          const { phase } = await container
            .phases(process)
            .current('c')
            .catch((error: unknown) => {
              throw new CallFailed('The phase is unknown', { cause: error });
            });
          process.acts = phase;
          const pair = { couchbase: this.#stores.couchbase(process), oracle: this.#stores.oracle(process) };
          const isHandedOff = this.#stores.world(receipt.key).row.handoff !== null;
          const by = this.#rules.followsOracle && isHandedOff && phase === 'expand' ? 'switch' : phase;
          return settle(receipt, by, pair, this.sender(process), timely, changed);
        },
      },
      HIDDEN / 1000,
    );
    await this.#scheduler.turn(process, `receipt ${body}: ${fate.kind}`);
    this.#obey(message, fate);
  }

  #obey(message: Message, fate: Fate): void {
    const settled = fate.kind === 'settled' || (this.#rules.forgetful && fate.kind === 'again');
    if (fate.kind === 'bury') this.dead.push(message.body);
    if (settled || fate.kind === 'bury') this.#messages = this.#messages.filter((each) => each !== message);
    else if (fate.kind === 'again') {
      message.waits ||= fate.asked;
      if (fate.seconds !== null) message.visible = this.#scheduler.now + fate.seconds * 1000;
      if (this.#rules.givesUp) message.visible = Number.POSITIVE_INFINITY;
    }
  }
}
