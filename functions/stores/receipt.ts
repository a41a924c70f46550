/** Receipts: "look at this key again", sent for every dual write beside the write itself. */
import type { Phase } from '../protocol/phase.ts';
import type { Answers } from './port.ts';

export const CAUSES = ['write', 'read', 'run', 'marker'] as const;
export type Cause = (typeof CAUSES)[number];

/** What a receipt says: where to look. Never what was written, since something newer may be there by then. */
export interface Receipt {
  readonly collection: string;
  readonly key: string;
  /** The phase of the write that it belongs to, for whoever reads the queue. */
  readonly phase: Phase;
  /** What it was sent for: a write, a read that was chosen as a sample, a difference that a run has found, or a marker to be removed. */
  readonly cause: Cause;
  /** CAS of a marker that was seen at rest, and may go if it is still there; 0 for none. */
  readonly expired: bigint;
  /**
   * Who has written the document, where operators may want to know: see `callerOf`. It is no part of the message's body, which the version
   * before reads strictly.
   */
  readonly caller?: string | undefined;
  /** Whether a change feed has told of it: it comes sooner, and what it repairs was written past the API. No part of the body either. */
  readonly feed?: true | undefined;
}

/** No receipt: nobody of ours has sent it, and no redelivery makes one of it. */
export class BadReceipt extends Error {
  override readonly name = 'BadReceipt';
}

/** Sends a receipt on its delayed way. Resolves to whether the queue has it, and never rejects. */
export type SendReceipt = (receipt: Receipt) => Promise<boolean>;

/** Has both stores made to agree about a key that a run has found to differ. Throws where nobody could be told. */
export async function askForRepair(
  send: SendReceipt,
  { collection, key, phase }: Pick<Receipt, 'collection' | 'key' | 'phase'>,
): Promise<void> {
  if (!(await send({ collection, key, phase, cause: 'run', expired: 0n })))
    throw new Error('A receipt could not be sent');
}

/** It is sent once, however often the request's steps ask for it. */
class RequestReceipt implements Answers<'receipt'> {
  readonly #send: () => Promise<boolean>;
  #sending: Promise<boolean> | null = null;

  constructor(send: () => Promise<boolean>) {
    this.#send = send;
  }

  async send(): Promise<null> {
    this.#sending ??= this.#send();
    return null;
  }

  async sent(): Promise<boolean> {
    return (await this.#sending) ?? false;
  }
}

export class Receipts {
  readonly #send: SendReceipt;

  constructor(send: SendReceipt) {
    this.#send = send;
  }

  /** The receipt of one request. @param caller who has sent it, where the receipt is to tell. */
  of(place: Pick<Receipt, 'collection' | 'key'>, phase: Phase, caller?: string): Answers<'receipt'> {
    const { collection, key } = place;
    const receipt = { ...{ collection, key, phase }, cause: 'write', expired: 0n } as const;
    return new RequestReceipt(() => this.#send(caller === undefined ? receipt : { ...receipt, caller }));
  }

  /**
   * Has both stores compared for a key that was read: later, by whoever settles receipts. Nobody waits for it, and nothing is lost
   * where it cannot be sent.
   */
  shadow({ collection, key }: Pick<Receipt, 'collection' | 'key'>, phase: Phase): void {
    this.#send({ collection, key, phase, cause: 'read', expired: 0n }).catch(() => {});
  }
}
