/** A dead letter, as operators see it. */
export interface Letter {
  readonly id: string;
  /** Null where the message is none of ours. */
  readonly collection: string | null;
  readonly key: string | null;
  /** The message, or the beginning of one that is too long to be kept. */
  readonly body: string;
  readonly whole: boolean;
  readonly reason: string;
  /** The reason without the document that it is about: what many of them have in common. */
  readonly cause: string;
  /** `waiting`: it has been delivered, and waits for a store; `settled`: it waited, and was settled. */
  readonly state: 'open' | 'redriven' | 'discarded' | 'waiting' | 'settled';
  /** How often it was set aside, or noted as waiting. */
  readonly times: number;
  /** Milliseconds since the epoch. */
  readonly firstSeen: number;
  readonly lastSeen: number;
  /** How many messages in the queue of dead letters it counts, and when the oldest of them was sent; 0 for none. */
  readonly queued: number;
  readonly queuedSince: number;
  /** Who wrote the document last, as far as its receipts tell; null where they do not. */
  readonly caller?: string | null;
}

/** The document that a message is about. */
export interface Place {
  readonly collection: string;
  readonly key: string;
}

/** Why a document or a receipt is set aside whose worker has died of it. */
export const DIED =
  'its worker died of it: the process ended each time while it was worked on. Look at the document in both stores (its size, its numbers, its ' +
  'nesting), mend or delete it there, then redrive it';
