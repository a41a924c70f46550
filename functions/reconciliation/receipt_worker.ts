/** One delivery of a receipt: settles it, and does with its message what has become of it. */
import type { EffectivePhase } from '../phases/effective_phase.ts';
import { phaseOfKey } from '../phases/ramp.ts';
import { CallFailed } from '../protocol/call.ts';
import type { Phase } from '../protocol/phase.ts';
import { isGivenAfter } from '../protocol/version.ts';
import type { Repair } from '../records/repair.ts';
import type { Circuit } from '../stores/circuit.ts';
import { isForeign, tellingPastOracle } from '../stores/past_oracle.ts';
import type { Receipt, SendReceipt } from '../stores/receipt.ts';
import { type Patience, settleChange, type Told } from './change.ts';
import { type ForeignPorts, ForeignWrites } from './foreign.ts';
import { measured } from './measured.ts';
import { asksForNothing } from './not_taken.ts';
import type { OncePerInvocation } from './once.ts';
import { type Fate, mayHaveLetter, reconcile } from './reconciler.ts';
import { type Change, type Settled, type Stores, settle } from './settle.ts';
import { noteShadowRead, type shadowRead } from './shadow_read.ts';

/** One delivery of a message, and what can be done with it. */
export interface Received {
  readonly messageId: string;
  readonly body: string;
  /** How often it has been delivered, this time included. */
  readonly deliveries: number;
  /** When it was first sent, in milliseconds since the epoch. */
  readonly sent: number;
  /** Who has written the document, if the message tells. */
  readonly caller?: string | null | undefined;
  /** Whether a change feed has led to it. */
  readonly feed?: boolean | undefined;
  /** The same object for all messages of an invocation. */
  readonly invocation: object;
  /** Why the chain of messages has to end here; null where it may go on. */
  readonly loop: string | null;
  /** Whether a call that begins now ends before the function does. */
  readonly timely: () => boolean;
  /** Sends a receipt that this one leads to. */
  readonly send: SendReceipt;
  /** The message is delivered again, and no sooner. */
  readonly hide: (seconds: number) => Promise<void>;
}

/** Names of the metrics that count something. */
export type Metric =
  | 'MessageLoops'
  | 'ReceiptsSettled'
  | 'ReceiptsBuried'
  | 'ReceiptsDelayed'
  | 'ReceiptsNotTaken'
  | 'UnstorableLeftOut'
  | 'Repairs'
  | 'ForeignTouches'
  | 'ForeignWrites'
  | 'ForeignConflicts'
  | ReturnType<typeof shadowRead>;

type Log = (message: string, about: Readonly<Record<string, unknown>>) => void;

export interface ReceiptPorts extends Pick<ForeignPorts, 'noteForeign'> {
  /** Throws `BadReceipt`. */
  readonly parse: (body: string) => Receipt;
  /** A message as logs show it. */
  readonly shown: (body: string) => string;
  readonly stores: (collection: string) => Stores;
  readonly phase: (collection: string) => Promise<EffectivePhase>;
  /** Whether a copy of all documents has ended that was begun then or later. @param since milliseconds since the epoch. */
  readonly copiedSince: (collection: string, since: number) => Promise<boolean>;
  /** Throws where a store is another one than the collection was migrated with. */
  readonly requireIdentity: (collection: string, phase: Phase) => Promise<void>;
  /** Puts the message into the queue of dead letters, and writes its letter. */
  readonly setAside: (body: string, why: string, caller: string | null) => Promise<void>;
  /** Leaves out what a store can never take, where operators have chosen so. False where they have not, or nobody can tell. */
  readonly leftByChoice: (body: string, why: string, caller: string | null) => Promise<boolean>;
  /** Writes down that a message waits for a store. Never rejects. */
  readonly noteWaiting: (body: string, why: string, since: number, caller: string | null) => Promise<void>;
  /** Writes down that the document of a message waits for nothing any more. */
  readonly noteSettled: (body: string) => Promise<void>;
  readonly noteRepair: (repair: Repair) => Promise<void>;
  /** Writes down, for the proof of load, that a read differs by a second look. Missing where nothing is proven. */
  readonly noteDifference?: (receipt: Pick<Receipt, 'collection' | 'phase'>) => Promise<void>;
  readonly count: (metric: Metric) => void;
  /** Tells how many seconds ago a receipt was sent that is to be delivered again. */
  readonly tellAge: (seconds: number) => void;
  readonly log: { readonly info: Log; readonly warn: Log; readonly error: Log };
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Milliseconds after which no write is still on its way by itself. */
  readonly bake: number;
  /** Milliseconds for which a write of our own is on its way from one store to the other, at most. */
  readonly underWay: number;
  readonly pause: (milliseconds: number) => Promise<void>;
  /** Seconds after which everything that a delivery has sent out has arrived or died. */
  readonly shortest: number;
}

/** What a container has seen: of the stores, and of the messages of its present invocation. */
export interface Memory {
  readonly breaker: Circuit;
  readonly once: OncePerInvocation<Fate>;
}

type Of<Kind extends Fate['kind']> = Extract<Fate, { readonly kind: Kind }>;

export class ReceiptWorker {
  readonly #ports: ReceiptPorts;
  readonly #memory: Memory;
  /** Repairs that were counted: the messages of an invocation with the same body share one. */
  readonly #counted = new WeakSet<Repair>();
  readonly #foreign: ForeignWrites;

  constructor(ports: ReceiptPorts, memory: Memory) {
    this.#ports = ports;
    this.#memory = memory;
    this.#foreign = new ForeignWrites(ports);
  }

  /** Throws for what is to be delivered again. */
  async work(received: Received): Promise<void> {
    const { invocation, loop } = received;
    if (loop !== null) {
      this.#ports.count('MessageLoops');
      return this.bury(received, loop);
    }
    const fate = await this.#memory.once.of(invocation, actOf(received), () => this.#fateOf(received));
    switch (fate.kind) {
      case 'settled':
        return this.#settled(fate, received);
      case 'bury':
        return this.#bury(fate, received);
      case 'again':
        return this.#again(fate, received);
    }
  }

  #fateOf(received: Received): Promise<Fate> {
    const { body, deliveries, sent, timely, feed = false } = received;
    const { parse, stores, phase: phaseOf, requireIdentity, bake, shortest, now } = this.#ports;
    const { breaker } = this.#memory;
    return reconcile(
      { body, deliveries, sent, timely, feed, now: now() },
      {
        ...{ breaker, parse, bake },
        settle: async (receipt, changed) => {
          const { collection } = receipt;
          const pair = stores(collection);
          if (asksForNothing(receipt, feed, pair)) {
            this.#ports.count('ReceiptsNotTaken');
            return 'settled';
          }
          const effective = await phaseOf(collection).catch((error: unknown) => {
            throw new CallFailed('The phase is unknown', { cause: error });
          });
          // Another store's old state must not be carried over the newer one: the receipt waits.
          await requireIdentity(collection, effective.phase);
          // Requests for a key that is ahead and its repairs are in two phases for no longer than a bake.
          const phase = phaseOfKey(effective, receipt.key);
          return this.#settle(receipt, { ...effective, phase }, pair, received, changed);
        },
      },
      shortest,
    );
  }

  async #settle(
    receipt: Receipt,
    { phase, since }: EffectivePhase,
    { couchbase, oracle, selection }: Stores,
    { send, timely, invocation, deliveries, feed = false }: Received,
    changed: (change: Change) => void,
  ): Promise<Settled> {
    const { count, bake } = this.#ports;
    let told: Told = 'none';
    let isSetAside = false;
    // What a feed tells of is looked at later than a write of our own is on its way.
    const telling = tellingPastOracle(oracle, (_, version) => {
      isSetAside ||= feed || isForeign(version, since, bake);
    });
    // The first delivery saves the request: most documents are small.
    const pair = { couchbase: deliveries > 1 ? measured(couchbase) : couchbase, oracle: telling, selection };
    try {
      if (!feed) return await settle(receipt, phase, pair, send, timely, changed);
      const found = await settleChange(receipt, phase, pair, send, timely, changed, this.#patience);
      told = found.told;
      return found.settled;
    } finally {
      if (told === 'touch') count('ForeignTouches');
      // Also where it has failed: the next delivery finds that what is set aside is below the row.
      if (isSetAside || told === 'foreign') await this.#foreign.tell(receipt, phase, invocation);
    }
  }

  get #patience(): Patience {
    const { now, underWay, pause } = this.#ports;
    return { isYoung: (version) => isGivenAfter(version, now() - underWay), pause };
  }

  async #settled({ cause, stores, repair }: Of<'settled'>, { body, deliveries }: Received): Promise<void> {
    const { count, log, noteSettled, noteRepair } = this.#ports;
    count('ReceiptsSettled');
    // Whoever waited for a store waits no more. Where Oracle cannot note it, the controller sends another receipt later.
    if (mayHaveLetter(cause, deliveries))
      await noteSettled(body).catch((error: unknown) =>
        log.warn('It still counts as waiting', { cause: String(error) }),
      );
    if (cause === 'read') await noteShadowRead(body, stores, this.#ports);
    if (repair === null || this.#counted.has(repair)) return;
    this.#counted.add(repair);
    count('Repairs');
    log.info('A document was repaired', { ...repair });
    await noteRepair(repair).catch((error: unknown) =>
      log.warn('It was not noted', { cause: String(error) }),
    );
  }

  async #bury({ why, unstorable }: Of<'bury'>, received: Received): Promise<void> {
    const { body, caller = null } = received;
    if (unstorable && (await this.#ports.leftByChoice(body, why, caller)))
      return this.#ports.count('UnstorableLeftOut');
    return this.bury(received, why);
  }

  /** Sets a receipt aside that can never be settled as it is. */
  bury({ messageId, body, caller = null }: Received, why: string): Promise<void> {
    const { count, log, shown, setAside } = this.#ports;
    count('ReceiptsBuried');
    log.error('A receipt can never be settled as it is', { messageId, body: shown(body), cause: why });
    return setAside(body, why, caller);
  }

  async #again({ why, asked, seconds }: Of<'again'>, received: Received): Promise<never> {
    const { messageId, body, sent, hide, caller = null } = received;
    const { count, tellAge, log, shown, noteWaiting, now } = this.#ports;
    count('ReceiptsDelayed');
    // The queue tells no age of a message that was received three times and is not deleted: so it is told here.
    tellAge(Math.max(0, Math.round((now() - sent) / 1000)));
    log.warn('A receipt is to be delivered again', { messageId, body: shown(body), cause: why });
    if (asked) await noteWaiting(body, why, sent, caller);
    if (seconds !== null) await hide(seconds);
    throw new Error(why);
  }
}

/** What messages of an invocation have in common that share what is done: one that a change feed has led to tells more. */
export function actOf({ body, feed }: Pick<Received, 'body' | 'feed'>): string {
  return feed === true ? `changed: ${body}` : body;
}
