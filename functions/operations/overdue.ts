/**
 * Letters that say that a receipt waits, though it may not exist any more. The receipt is settled and deleted, and only then its letter is
 * closed. 1 Oracle does not answer that call, or the function ends before it. 2 Nothing is delivered again, so nobody closes the letter,
 * and it holds the gates of its collection for ever. The same happens where a queue delivers a receipt twice: 1 one delivery finds a store
 * away. 2 The other settles the receipt, and finds no letter to close. 3 The first one writes the letter.
 *
 * So a receipt is sent anew for a letter that nobody has noted for longer than a receipt is ever hidden. It converges the key, which is
 * harmless at any time, and its end closes the letter. While a store is away nothing is sent: those who wait for it may be many, and are
 * delivered again by themselves.
 */
import type { Letter } from '../records/letter.ts';

export interface OverduePorts {
  overdue(before: number, most: number): Promise<readonly Letter[]>;
  /** Whether both stores of a collection answer. */
  answers(collection: string): Promise<boolean>;
  /** Sends a receipt for the document. Throws where the queue does not take it. */
  send(collection: string, key: string): Promise<void>;
  renewed(id: string, now: number): Promise<void>;
  timely(): boolean;
  /** Milliseconds since the epoch. */
  now(): number;
}

/** Milliseconds: a receipt that waits is hidden for 15 minutes at most, and then handled within 5. */
export const OVERDUE = 20 * 60_000;
/** Letters of one look. */
const MOST = 100;

/** @returns how many receipts were sent. */
export async function renewOverdue(ports: OverduePorts): Promise<number> {
  const letters = await ports.overdue(ports.now() - OVERDUE, MOST);
  const answers = new Map<string, boolean>();
  let sent = 0;
  for (const { id, collection, key } of letters) {
    if (!ports.timely()) break;
    if (collection === null || key === null) continue;
    if (!answers.has(collection)) answers.set(collection, await ports.answers(collection));
    if (answers.get(collection) !== true) continue;
    // The other way round, a function that ends in between would have sent nothing, and noted that it has.
    await ports.send(collection, key);
    await ports.renewed(id, ports.now());
    sent++;
  }
  return sent;
}
