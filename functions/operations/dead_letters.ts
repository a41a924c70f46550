/** What operators do with dead letters: see them by their reasons, send them again once mended, or give them up. */
import type { Choice, Made } from '../books/left_out.ts';
import type { CallerGroup, Group, Wanted } from '../books/letters.ts';
import type { Letter } from '../records/letter.ts';
import type { Caller } from './caller.ts';
import type { OperationOf } from './request.ts';
import { clear, release, type SweepPorts, type Swept, sweep } from './sweep.ts';

export interface LetterPorts extends SweepPorts {
  /** Sends a message to where it came from. */
  resend(body: string): Promise<void>;
  groups(wanted: Wanted): Promise<readonly Group[]>;
  callers(wanted: Wanted): Promise<readonly CallerGroup[]>;
  /** What operators have chosen to leave out of a collection. */
  choices(collection: string): Promise<readonly Made[]>;
  /** Makes a choice, or undoes it. False where that changes nothing. */
  choose(collection: string, choice: Choice, holds: boolean): Promise<boolean>;
  open(wanted: Wanted, most: number): Promise<readonly Letter[]>;
  countOpen(wanted: Wanted): Promise<number>;
  /** How many open letters name no document. */
  ofNobody(): Promise<number>;
  /** False where the letter has been kept again since it was read. */
  close(letter: Letter, state: 'redriven' | 'discarded', now: number): Promise<boolean>;
  /** Whether there is time for another letter. A sweep has to leave some of it. */
  timelyToClose(): boolean;
}

/** Letters of one request. */
const MOST = 100;

/** Of the letters that are wanted. */
export interface Listed {
  readonly groups: readonly Group[];
  /** By who has written the documents, as far as that is known. Functions of the version before tell none. */
  readonly callers?: readonly CallerGroup[];
  /** Where one collection is wanted: whose documents are left out. */
  readonly leftOut?: readonly Made[];
  /** The oldest of them. */
  readonly letters: readonly Letter[];
  /** How many there are: documents, not messages. */
  readonly open: number;
  /** Where one collection is wanted: letters that name no document, and hold its gates too. */
  readonly ofNobody: number;
  /** Whether the queue had no more messages than there was time for. */
  readonly complete: boolean;
}

export async function listLetters(wanted: Wanted, ports: LetterPorts): Promise<Listed> {
  const swept = await sweep(ports);
  await release(swept, ports);
  return {
    ...{ groups: await ports.groups(wanted), letters: await ports.open(wanted, MOST) },
    ...{ open: await ports.countOpen(wanted), complete: swept.complete },
    ofNobody: wanted.collection === undefined ? 0 : await ports.ofNobody(),
    callers: await ports.callers(wanted),
    leftOut: wanted.collection === undefined ? [] : await ports.choices(wanted.collection),
  };
}

export interface Redriven {
  readonly done: number;
  /** Whether more of them could be done, given more time. */
  readonly left: boolean;
  /** Those that are too long to have been kept whole: their queue alone has them. */
  readonly skipped: number;
  /** All that are wanted and still open, the skipped ones too. */
  readonly open: number;
}

/** Enters in the audit log what is to become of letters, then does it. */
export async function closeLetters(
  operation: OperationOf<'redrive' | 'discard'>,
  caller: Caller,
  ports: LetterPorts,
): Promise<Redriven> {
  const { name, ...detail } = operation;
  // Before it is done: what has no entry has not happened.
  await caller.enter(`dead-letters ${name}`, JSON.stringify(detail));
  return name === 'redrive' ? redrive(detail, ports) : discard(detail, ports);
}

/** Sends letters again, then closes them: a request that dies between the two has sent a receipt twice. */
export function redrive(wanted: Wanted, ports: LetterPorts): Promise<Redriven> {
  return swept(ports, (found) => closeAll(wanted, ports, 'redriven', found));
}

export function discard(wanted: Wanted, ports: LetterPorts): Promise<Redriven> {
  return swept(ports, (found) => closeAll(wanted, ports, 'discarded', found));
}

async function swept<R>(ports: LetterPorts, act: (found: Swept) => Promise<R>): Promise<R> {
  const found = await sweep(ports);
  try {
    return await act(found);
  } finally {
    await release(found, ports);
  }
}

async function closeAll(
  wanted: Wanted,
  ports: LetterPorts,
  state: 'redriven' | 'discarded',
  found: Swept,
): Promise<Redriven> {
  const letters = await ports.open(wanted, MOST);
  let [done, skipped] = [0, 0];
  for (const letter of letters) {
    if (!ports.timelyToClose()) break;
    if (state === 'redriven' && !letter.whole) {
      skipped++;
      continue;
    }
    const now = ports.now();
    if (state === 'redriven') await ports.resend(letter.body);
    if (!(await ports.close(letter, state, now))) continue;
    await clear(letter, found, ports);
    done++;
  }
  const open = await ports.countOpen(wanted);
  return { done, skipped, open, left: open > skipped };
}
