/**
 * Works receipts off, and tells three kinds of failure apart: something that is away, a store or a parameter (wait, as long as it takes), a document that can
 * never be settled (set it aside at once), and anything else (a number of attempts, then set it aside with the last reason).
 */

import { shortened } from '../parsing/quoted.ts';
import { CallFailed } from '../protocol/call.ts';
import type { StoreName } from '../protocol/phase.ts';
import { isGivenAfter } from '../protocol/version.ts';
import type { Repair } from '../records/repair.ts';
import type { Circuit } from '../stores/circuit.ts';
import { OperatorNeeded, PoisonDocument, StoreUnavailable, TooLargeToRead } from '../stores/failure.ts';
import { BadReceipt, type Cause, type Receipt } from '../stores/receipt.ts';
import { tooLargeToMove } from '../stores/storable.ts';
import type { Change, Settled } from './settle.ts';

/** One delivery of a message. */
export interface Delivery {
  readonly body: string;
  /** How often it has been delivered, this time included. */
  readonly deliveries: number;
  /** When it was first sent, in milliseconds since the epoch. */
  readonly sent: number;
  /** Milliseconds of this clock. */
  readonly now: number;
  /** Whether a call that begins now ends before the function does. */
  readonly timely?: (() => boolean) | undefined;
  /** Whether a change feed has led to it. */
  readonly feed?: boolean | undefined;
}

/** What is to become of a message. `again`: it is delivered again, after `seconds`, or as the queue has it where that is null. */
export type Fate =
  | {
      readonly kind: 'settled';
      readonly cause: Cause;
      readonly repair: Repair | null;
      /** The stores that the repair has changed. */
      readonly stores: readonly StoreName[];
    }
  | {
      readonly kind: 'again';
      readonly seconds: number | null;
      readonly why: string;
      /** Whether a store was asked at all. */
      readonly asked: boolean;
    }
  /** @property unstorable whether a store can never take the document: operators may have chosen to leave such out. */
  | { readonly kind: 'bury'; readonly why: string; readonly unstorable: boolean };

export interface ReconcilerPorts {
  /** Throws `BadReceipt`. */
  readonly parse: (body: string) => Receipt;
  /** @param changed is told of each change that was made. */
  readonly settle: (receipt: Receipt, changed: (change: Change) => void) => Promise<Settled>;
  readonly breaker: Circuit;
  /** Milliseconds after which no write is still on its way by itself. */
  readonly bake: number;
}

/** Attempts at what fails for no reason that we know. */
export const ATTEMPTS = 20;
/** Seconds until a message is delivered again while a store is away: longer each time, so that 1,000 deliveries last 10 days. */
const LONGEST = 900;
/** Deliveries that are not longer apart: most stores are away for minutes, and moves wait for what waits for a store. */
const SHORT = 5;

/** Characters of a reason: more than any of our own, and no more than a log line should have. */
const LONGEST_REASON = 2000;

/** @param shortest seconds after which everything that a delivery has sent out has arrived or died. */
export async function reconcile(
  { body, deliveries, sent, now, timely = () => true, feed = false }: Delivery,
  { parse, settle, breaker, bake }: ReconcilerPorts,
  shortest: number,
): Promise<Fate> {
  const longer = shortest * 2 ** Math.min(Math.max(0, deliveries - SHORT), 10);
  const patience = Math.max(shortest, Math.min(LONGEST, longer));
  const notAsked = (why: string): Fate => ({ kind: 'again', seconds: patience, why, asked: false });
  // Before the breaker: it lets one ask after a pause, who must be one that has the time.
  if (!timely()) return notAsked('No time is left for it in this invocation');
  if (breaker.open(now)) return notAsked('A store is away, and is not asked now');
  const changes: Change[] = [];
  try {
    const receipt = parse(body);
    const settled = await settle(receipt, (change) => changes.push(change));
    breaker.answered();
    if (settled === 'busy') return given(deliveries, 'Others keep writing this key');
    const { cause } = receipt;
    // Whoever asks for a repair is told of it; the receipts of writes are faster now and then than those who write.
    const told = changes.filter(
      ({ version }) => cause === 'run' || feed || !isGivenAfter(version, now - bake),
    );
    return {
      kind: 'settled',
      cause,
      repair: repairOf(receipt, told, sent, now),
      stores: [...new Set(told.map(({ store }) => store))],
    };
  } catch (error) {
    const why = shortened(error instanceof Error ? error.message : String(error), LONGEST_REASON);
    if (error instanceof BadReceipt) return { kind: 'bury', why, unstorable: false };
    if (error instanceof TooLargeToRead)
      return { kind: 'bury', why: tooLargeToMove(error.bytes), unstorable: true };
    if (error instanceof PoisonDocument)
      return { kind: 'bury', why, unstorable: error.target.store === 'oracle' };
    if (error instanceof StoreUnavailable || error instanceof OperatorNeeded) breaker.failed(now);
    if (error instanceof CallFailed || error instanceof OperatorNeeded)
      return { kind: 'again', seconds: patience, why, asked: true };
    return given(deliveries, why);
  }
}

/**
 * Whether a receipt that is settled may have a letter that says that it waits: it was delivered before, or it was sent for an overdue
 * letter, by whoever asks for a repair.
 */
export function mayHaveLetter(cause: Cause, deliveries: number): boolean {
  return deliveries > 1 || cause === 'run';
}

function given(deliveries: number, why: string): Fate {
  return deliveries < ATTEMPTS
    ? { kind: 'again', seconds: null, why, asked: true }
    : { kind: 'bury', why: `After ${deliveries} attempts: ${why}`, unstorable: false };
}

function repairOf(
  { collection, key, phase, cause: of }: Receipt,
  changes: readonly Change[],
  sent: number,
  at: number,
): Repair | null {
  if (changes.length === 0) return null;
  const detail = `${changes.map((change) => change.what).join('; ')}; ${at - sent} ms after the receipt`;
  return { collection, key, at, cause: `${of} in ${phase}`, detail };
}
