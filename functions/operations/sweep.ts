/**
 * Goes through the queue of dead letters. A message lies there until an operator closes its letter: each open letter keeps one message,
 * and counts how many it has. What no letter counts holds every gate: SQS gave the receipt up by itself, Oracle was away, or a worker
 * died before it wrote the letter.
 *
 * A worker sets a document aside like this: 1 It puts the message into the queue. 2 It writes the letter, which counts one message more,
 * and does so soon or never. A sweep: 3 It receives the message. 4 It writes the letter, if there is no open one. 5 It corrects the
 * letter's count: fewer by those that it deletes, and at least 1 for the one that stays. 6 It deletes the others. An operator: 7 The
 * receipt is sent again. 8 The letter is closed, and counts none. 9 The messages are deleted.
 *
 * Each of them can end between any two steps, and a letter never counts more messages than the queue has:
 * - After 1, or with 2 after 4: the message is not counted while its worker may still do so (`isRecent`), by no sweep; later a sweep does.
 * - With 2 between 5 and 6, or between 8 and 9: what is deleted is only what was counted, or what no worker will count any more.
 *   It does not matter which message of a document is left for the worker's count, since all of them say the same.
 * - After 3: the message is visible again in a while. After 4: the next sweep finds the letter open.
 * - After 5 or 8: the queue has more than is counted, which holds every gate until the next sweep deletes the rest.
 * - After 7: the letter is open, and sent once more.
 *
 * No message is deleted because of a count of SQS, which may be too low, too high or 0 at any time. That nothing is left, a poll of all
 * servers shows; what another reader has hidden is not seen by it. What is deleted is said by a letter, or has been sent again before.
 */
import { keptSince } from '../books/letters.ts';
import type { Letter } from '../records/letter.ts';

/** A message that was received, and is hidden from other readers for a while. */
export interface Received {
  /** SQS may deliver one message twice. */
  readonly id: string;
  readonly body: string;
  readonly handle: string;
  /** Why it was set aside; null where SQS gave it up by itself. */
  readonly reason: string | null;
  /** Who has written its document, if it tells. */
  readonly caller?: string | null;
  /** When the receipt was sent, in milliseconds since the epoch. */
  readonly sent: number;
}

export interface SweepPorts {
  /**
   * Some messages of the queue. A short poll asks some of SQS's servers, and may find nothing in a queue that has few messages;
   * a patient one waits a little, and asks all of them.
   */
  receive(patient: boolean): Promise<readonly Received[]>;
  remove(handles: readonly string[]): Promise<void>;
  /** Lets other readers see messages at once, and not in a while. */
  release(handles: readonly string[]): Promise<void>;
  /** The letter of a message, if there is one. */
  find(body: string): Promise<Letter | null>;
  /** Whether an operator has left the document of a letter out, and nobody has written it since. Never rejects. */
  isLeftOut(letter: Pick<Letter, 'collection' | 'key'>): Promise<boolean>;
  /** Writes the letter of a message, or opens it again. @param counted whether the letter is to count the message. */
  adopt(message: Received, counted: boolean): Promise<Pick<Letter, 'id'>>;
  /** Lets an open letter count so many messages fewer, and at least the one that was sent then. False where it is not open. */
  recount(id: string, fewer: number, sent: number): Promise<boolean>;
  /** Whether there is time for more. */
  timely(): boolean;
  /** Milliseconds since the epoch. */
  now(): number;
}

/** A message that stays in the queue for now. */
interface Held extends Pick<Received, 'handle' | 'sent'> {
  /** Whether the worker that sent it may still be about to count it. */
  readonly recent: boolean;
}

/** Messages of one letter. */
interface Sheaf {
  readonly messages: Held[];
  /** What the letter counted when it was read; 0 where it is closed. */
  queued: number;
}

export interface Swept {
  /** What was received and not deleted, by the ids of the letters. */
  readonly held: ReadonlyMap<string, Sheaf>;
  /** Whether the queue has shown all that it has. */
  readonly complete: boolean;
}

/** Milliseconds that SQS's clock and ours may be apart, with the time that a request of the version before takes to close a letter. */
const APART = 60_000;
/** Milliseconds after which a worker counts its message no more. */
export const PROMPT = 30_000;
/** Milliseconds after which no worker is about to count a message: those, a call that takes long, and clocks that differ. */
const RECENT = PROMPT + 150_000;

export async function sweep(ports: SweepPorts): Promise<Swept> {
  const held = new Map<string, Sheaf>();
  const seen = new Set<string>();
  let complete = false;
  while (!complete && ports.timely()) {
    const some = await next(ports);
    complete = some.length === 0;
    const fresh = some.filter(({ id }) => !seen.has(id));
    for (const { id } of fresh) seen.add(id);
    const filed = await Promise.all(fresh.map((message) => file(message, held, ports)));
    const over = filed.flatMap((id, index) => (id === null ? [fresh[index]?.handle ?? ''] : []));
    if (over.length > 0) await ports.remove(over);
    const found = new Set(complete ? held.keys() : filed.flatMap((id) => id ?? []));
    await Promise.all([...found].map((id) => thin(id, held.get(id), complete, ports)));
  }
  return { held, complete };
}

/** Gives back what a sweep has held. Messages become visible by themselves in a while, so a failure costs nothing. */
export async function release({ held }: Swept, ports: Pick<SweepPorts, 'release'>): Promise<void> {
  const handles = [...held.values()].flatMap(({ messages }) => messages.map(({ handle }) => handle));
  if (handles.length > 0) await ports.release(handles).catch(() => {});
}

/** Deletes the messages of a letter that was closed: all that its worker has counted, or will not count any more. */
export async function clear(
  { id, queued }: Pick<Letter, 'id' | 'queued'>,
  { held, complete }: Swept,
  ports: Pick<SweepPorts, 'remove'>,
): Promise<void> {
  const messages = held.get(id)?.messages ?? [];
  const recent = messages.filter((each) => each.recent);
  const settled = messages.filter((each) => !each.recent);
  // Where the sweep has not seen as many messages as were counted, those may be others, which another reader has hidden.
  const all = complete && messages.length >= queued;
  const counted = all ? Math.max(0, queued - settled.length) : 0;
  const removed = [...settled, ...recent.slice(0, counted)];
  if (removed.length === 0) return;
  await ports.remove(removed.map(({ handle }) => handle));
  messages.splice(0, messages.length, ...recent.slice(counted));
}

/** Only a patient poll that finds nothing shows that nothing is left: SQS's counts are samples, and can be 0 while it has messages. */
async function next(ports: SweepPorts): Promise<readonly Received[]> {
  const some = await ports.receive(false);
  return some.length > 0 ? some : ports.receive(true);
}

/** Makes sure that a letter tells of a message, and holds the message. @returns the letter's id; null where the message is to be deleted. */
async function file(message: Received, held: Map<string, Sheaf>, ports: SweepPorts): Promise<string | null> {
  const { handle, sent } = message;
  const recent = isRecent(message, ports.now());
  const letter = await ports.find(message.body);
  const hold = (id: string, queued: number) => {
    const sheaf = held.get(id) ?? { messages: [], queued: 0 };
    sheaf.messages.push({ handle, sent, recent });
    sheaf.queued = Math.max(sheaf.queued, queued);
    held.set(id, sheaf);
    return id;
  };
  if (letter?.state === 'open')
    return hold(letter.id, letter.queuedSince > keptSince(ports.now()) ? letter.queued : 0);
  if (letter !== null && (isOver(letter, message) || (await isDecided(letter, ports))))
    return recent ? hold(letter.id, 0) : null;
  const { id } = await ports.adopt(message, !recent);
  return hold(id, recent ? 0 : 1);
}

/** Keeps the newest message of an open letter, and those that are recent. */
async function thin(
  id: string,
  sheaf: Sheaf | undefined,
  complete: boolean,
  ports: SweepPorts,
): Promise<void> {
  if (sheaf === undefined) return;
  const { messages, queued } = sheaf;
  const settled = messages.filter(({ recent }) => !recent).sort((a, b) => a.sent - b.sent);
  const kept = settled.pop();
  if (kept === undefined) return;
  // Messages that operators have moved elsewhere by hand.
  const gone = complete ? Math.max(0, queued - messages.length) : 0;
  const fewer = settled.length + gone;
  if (fewer === 0 && queued > 0) return;
  if (!(await ports.recount(id, fewer, kept.sent))) return;
  sheaf.queued = Math.max(queued - fewer, 1);
  if (settled.length > 0) await ports.remove(settled.map(({ handle }) => handle));
  messages.splice(0, messages.length, kept, ...messages.filter(({ recent }) => recent));
}

/** Whether the worker that sent a message may still be about to count it. What SQS gave up by itself has no worker. */
function isRecent({ reason, sent }: Received, now: number): boolean {
  return reason !== null && !(sent <= now - RECENT);
}

/** Whether an operator has decided on the very state that the message is about: it says nothing new, whenever it was sent. */
async function isDecided(letter: Letter, ports: Pick<SweepPorts, 'isLeftOut'>): Promise<boolean> {
  return letter.state === 'discarded' && (await ports.isLeftOut(letter));
}

/**
 * Whether a letter was closed after its message was sent: the message says nothing new then. What was sent at about the time of
 * closing or later may have been set aside again since, by a worker that had no time to open the letter.
 */
function isOver({ state, lastSeen }: Letter, { sent }: Received): boolean {
  return (state === 'redriven' || state === 'discarded') && sent < lastSeen - APART;
}
