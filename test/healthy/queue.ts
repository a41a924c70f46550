/** A standard queue with the real reconciler behind it: messages in any order, now and then twice, and counts that are old and off. */
import { parseReceipt, receiptText } from '../../functions/edge/queue.ts';
import type { EffectivePhase } from '../../functions/phases/effective_phase.ts';
import { newBreaker } from '../../functions/reconciliation/breaker.ts';
import { type Fate, reconcile } from '../../functions/reconciliation/reconciler.ts';
import { settle } from '../../functions/reconciliation/settle.ts';
import { shadowRead } from '../../functions/reconciliation/shadow_read.ts';
import type { Repair } from '../../functions/records/repair.ts';
import type { Circuit } from '../../functions/stores/circuit.ts';
import type { SendReceipt } from '../../functions/stores/receipt.ts';
import type { Measured } from './alarms.ts';
import type { HealthyStores } from './stores.ts';
import type { Timeline } from './timeline.ts';
import { BAKE, REDELIVERY } from './times.ts';

interface Message {
  readonly body: string;
  readonly sent: number;
  visible: number;
  deliveries: number;
  waits: boolean;
}

interface Counts {
  readonly delayed: number;
  readonly due: number;
  readonly hidden: number;
}

/** Milliseconds between two polls of a worker, messages of one, and how old a count may be. */
const [POLL, BATCH, LAG] = [250, 10, 60_000];

export class HealthyQueue {
  readonly #timeline: Timeline;
  readonly #stores: HealthyStores;
  readonly #measured: Measured;
  /** How many receipts of the service each one here stands for. */
  readonly #scale: number;
  readonly #messages = new Set<Message>();
  /** What shadow reads have found, and had repaired. */
  readonly repairs: Repair[] = [];
  #samples: { readonly at: number; readonly counts: Counts }[] = [];

  constructor(timeline: Timeline, stores: HealthyStores, measured: Measured, scale: number) {
    this.#timeline = timeline;
    this.#stores = stores;
    this.#measured = measured;
    this.#scale = scale;
  }

  readonly send: SendReceipt = async (receipt) => {
    await this.#timeline.sleep(2);
    const { now, random } = this.#timeline;
    // Some are overtaken, by seconds.
    const late = random.chance(0.1) ? random.below(5000) : 0;
    const visible = now + BAKE + late;
    this.#messages.add({ body: receiptText(receipt), sent: now, visible, deliveries: 0, waits: false });
    return true;
  };

  /** Whether receipts are left that were sent before. */
  owes(before: number): boolean {
    for (const { sent } of this.#messages) if (sent < before) return true;
    return false;
  }

  /** As SQS tells it: of some time ago, off by a tenth, now and then 0. Letters are exact. */
  counts() {
    const { random, now } = this.#timeline;
    const since = now - random.below(LAG);
    const { counts } = this.#samples.findLast(({ at }) => at <= since) ?? { counts: this.#count() };
    const off = (count: number) =>
      random.chance(0.02) ? 0 : Math.round(count * this.#scale * (0.9 + random.below(200) / 1000));
    const waiting = [...this.#messages].filter(({ waits }) => waits);
    return {
      ...{ delayed: off(counts.delayed), due: off(counts.due), hidden: off(counts.hidden) },
      waiting: waiting.length,
      since: waiting.length === 0 ? null : Math.min(...waiting.map(({ sent }) => sent)),
    };
  }

  /** Works it off for ever, as so many containers do. @param phaseOf what a container reads. */
  async work(stayOf: () => EffectivePhase): Promise<void> {
    const breaker = newBreaker();
    for (;;) {
      await this.#timeline.sleep(POLL);
      const { now, random } = this.#timeline;
      const due = [...this.#messages].filter(({ visible }) => visible <= now);
      for (const message of due.sort(() => random.below(3) - 1).slice(0, BATCH)) {
        message.visible = now + REDELIVERY;
        message.deliveries++;
        const times = random.chance(0.01) ? 2 : 1;
        for (let n = 0; n < times; n++) this.#handle(message, stayOf(), breaker);
      }
    }
  }

  /** What CloudWatch is told once a minute, and what counts are made of. */
  async watch(): Promise<void> {
    for (;;) {
      await this.#timeline.sleep(10_000);
      const { now } = this.#timeline;
      const samples = this.#samples.filter(({ at }) => at > now - 2 * LAG);
      this.#samples = [...samples, { at: now, counts: this.#count() }];
      const oldest = Math.min(now, ...[...this.#messages].map(({ sent }) => sent));
      const name = 'AWS/SQS ReceiptsQueue ApproximateAgeOfOldestMessage';
      this.#measured.add(name, now, (now - oldest) / 1000);
    }
  }

  #count(): Counts {
    const { now } = this.#timeline;
    let [delayed, due, hidden] = [0, 0, 0];
    for (const { visible, deliveries } of this.#messages)
      if (visible <= now) due++;
      else if (deliveries === 0) delayed++;
      else hidden++;
    return { delayed, due, hidden };
  }

  async #handle(message: Message, stay: EffectivePhase, breaker: Circuit): Promise<void> {
    const { body, sent, deliveries } = message;
    const fate = await reconcile(
      { body, sent, deliveries, now: this.#timeline.now },
      {
        ...{ breaker, parse: parseReceipt, bake: BAKE },
        settle: (receipt, changed) =>
          settle(receipt, stay.phase, this.#stores, this.send, () => true, changed),
      },
      REDELIVERY / 1000,
    );
    this.#obey(message, fate, stay);
  }

  #obey(message: Message, fate: Fate, stay: EffectivePhase): void {
    const { now } = this.#timeline;
    if (fate.kind === 'again') {
      message.waits ||= fate.asked;
      if (fate.seconds !== null) message.visible = now + fate.seconds * 1000;
      return;
    }
    this.#messages.delete(message);
    if (fate.kind === 'bury')
      this.#measured.add('AWS/SQS ReceiptsDeadLetters ApproximateNumberOfMessagesVisible', now, 1);
    else if (fate.cause === 'read') {
      this.#measured.add(`Crossfade ${shadowRead(fate.stores, stay)}`, now, 1);
      if (fate.repair !== null) this.repairs.push(fate.repair);
    }
  }
}
