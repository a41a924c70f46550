/** What operators do with dead letters: see them by their reasons, send them again once mended, or give them up. */
import type { Group, Letter, Wanted } from '../stores/oracle/letters.ts';
import { release, type SweepPorts, type Swept, sweep } from './sweep.ts';

export interface LetterPorts extends SweepPorts {
  /** Sends a message to where it came from. */
  resend(body: string): Promise<void>;
  groups(): Promise<readonly Group[]>;
  open(wanted: Wanted, most: number): Promise<readonly Letter[]>;
  /** False where the letter has been kept again since it was read. */
  close(letter: Letter, state: 'redriven' | 'discarded', now: number): Promise<boolean>;
  /** Whether there is time for another letter. A sweep has to leave some of it. */
  timelyToClose(): boolean;
  /** Milliseconds since the epoch. */
  now(): number;
}

/** Letters of one request. */
const MOST = 100;

export interface Listed {
  readonly groups: readonly Group[];
  readonly letters: readonly Letter[];
}

export async function listLetters(wanted: Wanted, ports: LetterPorts): Promise<Listed> {
  await release(await sweep(ports), ports);
  return { groups: await ports.groups(), letters: await ports.open(wanted, MOST) };
}

/** `left`: whether there are more of them than could be done in time. */
export interface Redriven {
  readonly done: number;
  readonly left: boolean;
  /** Those that are too long to have been kept whole: their queue alone has them. */
  readonly skipped: number;
}

/** Sends letters again, then closes them: a request that dies between the two has sent a receipt twice. */
export function redrive(wanted: Wanted, ports: LetterPorts): Promise<Redriven> {
  return swept(ports, (held) => closeAll(wanted, ports, 'redriven', held));
}

export function discard(wanted: Wanted, ports: LetterPorts): Promise<Redriven> {
  return swept(ports, (held) => closeAll(wanted, ports, 'discarded', held));
}

async function swept<R>(ports: LetterPorts, act: (held: Swept['held']) => Promise<R>): Promise<R> {
  const found = await sweep(ports);
  try {
    return await act(found.held);
  } finally {
    await release(found, ports);
  }
}

async function closeAll(
  wanted: Wanted,
  ports: LetterPorts,
  state: 'redriven' | 'discarded',
  held: Swept['held'],
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
    const handles = held.get(letter.id);
    if (handles !== undefined) await ports.remove(handles);
    done++;
  }
  return { done, skipped, left: done + skipped < letters.length || letters.length === MOST };
}
