/**
 * Empties the queue of dead letters into Oracle. A message lies there only until its letter does: where SQS gave the receipt up by
 * itself, where Oracle was away when it was set aside, and where a run has set a document aside and has not written the letter yet.
 * So each message in the queue is one that no letter tells of, and may be about any collection.
 *
 * A sweep can end between any two steps. 1 It receives a message. 2 It writes the letter. 3 It deletes the message. After 1 the
 * message is visible again in a while. After 2 the next sweep finds the letter open, and only deletes. Two sweeps at once write the
 * same letter.
 */
import type { Letter } from '../stores/oracle/letters.ts';

/** A message that was received, and is hidden from other readers for a while. */
export interface Received {
  readonly body: string;
  readonly handle: string;
  /** Why it was set aside; null where SQS gave it up by itself. */
  readonly reason: string | null;
  /** When the receipt was sent, in milliseconds since the epoch. */
  readonly sent: number;
}

export interface SweepPorts {
  /**
   * Some messages of the queue. A short poll asks some of SQS's servers, and may find nothing in a queue that has few messages;
   * a patient one waits a little, and asks all of them.
   */
  receive(patient: boolean): Promise<readonly Received[]>;
  /** About how many messages could be received now. */
  visible(): Promise<number>;
  remove(handles: readonly string[]): Promise<void>;
  /** Lets other readers see a message at once, and not in a while. */
  release(handle: string): Promise<void>;
  /** The letter of a message, if there is one. */
  find(body: string): Promise<Letter | null>;
  /** Writes the letter of a message, or opens it again. */
  adopt(message: Received): Promise<Pick<Letter, 'id' | 'whole'>>;
  /** Whether there is time for more. */
  timely(): boolean;
}

export interface Swept {
  /** Handles of messages that are too long for a letter, by the letter's id: the queue alone has them whole. */
  readonly held: ReadonlyMap<string, readonly string[]>;
  /** Whether the queue has shown all that it has. */
  readonly complete: boolean;
}

/** Milliseconds that SQS's clock and ours may be apart, with the time that a request of the version before takes to close a letter. */
const APART = 60_000;

export async function sweep(ports: SweepPorts): Promise<Swept> {
  const held = new Map<string, string[]>();
  while (ports.timely()) {
    const some = await next(ports);
    if (some.length === 0) return { held, complete: true };
    const filed = await Promise.all(some.map((message) => file(message, ports)));
    const removable = some.filter((_, index) => filed[index] === null).map(({ handle }) => handle);
    if (removable.length > 0) await ports.remove(removable);
    for (const [index, id] of filed.entries())
      if (id !== null) held.set(id, [...(held.get(id) ?? []), some[index]?.handle ?? '']);
  }
  return { held, complete: false };
}

/** Gives back what a sweep has held. Messages become visible by themselves in a while, so a failure costs nothing. */
export async function release({ held }: Swept, ports: Pick<SweepPorts, 'release'>): Promise<void> {
  for (const handle of [...held.values()].flat()) await ports.release(handle).catch(() => {});
}

async function next(ports: SweepPorts): Promise<readonly Received[]> {
  const some = await ports.receive(false);
  if (some.length > 0 || (await ports.visible()) === 0) return some;
  return ports.receive(true);
}

/** Makes sure that a letter tells of a message. Null where the queue need not keep the message; otherwise the letter's id. */
async function file(message: Received, ports: SweepPorts): Promise<string | null> {
  const letter = await ports.find(message.body);
  if (letter !== null && isOver(letter, message)) return null;
  const { id, whole } = letter?.state === 'open' ? letter : await ports.adopt(message);
  return whole ? null : id;
}

/**
 * Whether a letter was closed after its message was sent: the message says nothing new then. What was sent at about the time of
 * closing or later may have been set aside again since, by a worker that had no time to open the letter.
 */
function isOver({ state, lastSeen }: Letter, { sent }: Received): boolean {
  return (state === 'redriven' || state === 'discarded') && sent < lastSeen - APART;
}
