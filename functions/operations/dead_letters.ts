/** What operators do with dead letters: see them by their reasons, send them again once mended, or give them up. */
import type { Group, Letter, Wanted } from '../stores/oracle/letters.ts';

/** A message that was received, and is hidden from others for a while. */
export interface Received {
  readonly body: string;
  readonly handle: string;
  /** Why it was set aside; null where nobody said so. */
  readonly reason: string | null;
}

export interface LetterPorts {
  /** Some messages of the queue of dead letters; none where it has no more to show. */
  receive(): Promise<readonly Received[]>;
  remove(handle: string): Promise<void>;
  /** Lets others see it again. */
  release(handle: string): Promise<void>;
  /** Sends a message to where it came from. */
  resend(body: string): Promise<void>;
  /** The letter of a message, if it is kept. */
  find(body: string): Promise<Letter | null>;
  /** Keeps a message of which there is no letter yet: SQS gave it up by itself, or Oracle was away. */
  adopt(message: Received): Promise<void>;
  groups(): Promise<readonly Group[]>;
  open(wanted: Wanted, most: number): Promise<readonly Letter[]>;
  close(id: string, state: 'redriven' | 'discarded'): Promise<void>;
  timely(): boolean;
}

/** Letters of one request, and how often it receives from the queue. */
const [MOST, TURNS] = [100, 30];

export interface Listed {
  readonly groups: readonly Group[];
  readonly letters: readonly Letter[];
}

export async function listLetters(wanted: Wanted, ports: LetterPorts): Promise<Listed> {
  await sweep(ports);
  return { groups: await ports.groups(), letters: await ports.open(wanted, MOST) };
}

/** `left`: whether there are more of them than could be done in time. */
export interface Redriven {
  readonly done: number;
  readonly left: boolean;
  /** Those that are too long to have been kept whole: their queue alone has them. */
  readonly skipped: number;
}

/** Sends letters again, then takes their messages out of the queue: whoever dies between the two has sent a receipt twice. */
export async function redrive(wanted: Wanted, ports: LetterPorts): Promise<Redriven> {
  await sweep(ports);
  return closeAll(wanted, ports, 'redriven');
}

export async function discard(wanted: Wanted, ports: LetterPorts): Promise<Redriven> {
  await sweep(ports);
  return closeAll(wanted, ports, 'discarded');
}

async function closeAll(
  wanted: Wanted,
  ports: LetterPorts,
  state: 'redriven' | 'discarded',
): Promise<Redriven> {
  const letters = await ports.open(wanted, MOST);
  let [done, skipped] = [0, 0];
  for (const { id, body, whole } of letters) {
    if (!ports.timely()) break;
    if (state === 'redriven' && !whole) {
      skipped++;
      continue;
    }
    if (state === 'redriven') await ports.resend(body);
    await ports.close(id, state);
    done++;
  }
  await sweep(ports);
  return { done, skipped, left: done + skipped < letters.length || letters.length === MOST };
}

/** Goes through the queue: keeps what is not kept yet, and removes what has been closed. */
async function sweep(ports: LetterPorts): Promise<void> {
  const seen: Received[] = [];
  for (let turn = 0; turn < TURNS && ports.timely(); turn++) {
    const some = await ports.receive();
    if (some.length === 0) break;
    for (const message of some) {
      const letter = await ports.find(message.body);
      if (letter?.state === 'redriven' || letter?.state === 'discarded') {
        await ports.remove(message.handle);
        continue;
      }
      if (letter?.state !== 'open') await ports.adopt(message);
      seen.push(message);
    }
  }
  for (const { handle } of seen) await ports.release(handle);
}
