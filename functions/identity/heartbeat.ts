/**
 * Notices an Oracle that has lost commits although its DBID and its incarnation are the same: a storage snapshot, a restored machine, a copy of
 * the data files. At each look the controller writes a number that only rises: 1 It is committed in Oracle. 2 It is put into SSM. So SSM
 * never has a number that Oracle has not had, and an Oracle with a lower one has lost what was committed after that one.
 *
 * - A controller that dies between 1 and 2 leaves a lower number in SSM: that says nothing, and the next look goes on from Oracle's.
 * - SSM is read before Oracle, and may still answer with the number before: one that is too low says nothing either.
 * - Of two controllers at the same time one changes the row, since each names what it replaces. A late 2 may put a number into SSM that is lower than the
 *   one before, until the next look; a container that has seen the higher one goes by that.
 *
 * A loss gives the database another history, which is one of its marks: from there on all is as for another incarnation. The number
 * rests until all collections have accepted that history. So where the newer database is brought back before, nothing is said of it.
 */
import type { Phase } from '../protocol/phase.ts';
import { brokenHistory, type Heartbeat, type Reported, UNBROKEN, UNREADABLE } from '../records/heartbeat.ts';
import { type Marks, rowOf } from '../records/marks.ts';

export interface HeartbeatPorts {
  /** What SSM has; null where there is no parameter. Throws where it cannot be read, and `BadHeartbeat` where it holds no number. */
  reported(): Promise<Reported | null>;
  /** Puts it into SSM. */
  report(number: number): Promise<void>;
  /** What Oracle has; null for nothing. Throws where it does not answer. */
  read(): Promise<Heartbeat | null | typeof UNREADABLE>;
  /** Commits a change. @returns false where Oracle has something else than `before`. */
  write(before: Heartbeat | null, after: Heartbeat): Promise<boolean>;
  readonly collections: readonly string[];
  phase(collection: string): Promise<Phase>;
  /** The ledger of identities, by `rowOf`. */
  remembered(): Promise<ReadonlyMap<string, Marks>>;
  /** Remembers marks of Oracle, if these are there, or nothing where they are null. */
  remember(collection: string, marks: Marks, instead: Marks | null): Promise<void>;
  /** Called where a loss could not be entered in Oracle. */
  unnoted(error: unknown): void;
  /** Called where SSM could not be read: nobody can tell then whether Oracle has lost commits. */
  unread(error: unknown): void;
  /** Milliseconds since the epoch, as all containers count them. */
  now(): number;
}

/** What Oracle had at the beginning of a look; null for nothing. */
export interface Checked {
  readonly found: Heartbeat | null;
}

export class OracleHeartbeat {
  readonly #ports: HeartbeatPorts;
  /** The highest number that this container has seen in SSM, or has committed. */
  #highest: Reported | null = null;
  /** The history that was told last. */
  #told: string | null = null;

  constructor(ports: HeartbeatPorts) {
    this.#ports = ports;
  }

  /** The history of the database that answers; null where it has none yet. Throws where it does not answer. */
  async history(): Promise<string | null> {
    const reported = await this.#reported().catch((error: unknown) => {
      this.#ports.unread(error);
      return this.#highest;
    });
    return historyOf(await this.#compared(reported));
  }

  /**
   * The same at the beginning of a look of the controller, before it decides on moves. Rejects where SSM cannot be read.
   * @param changed called where the history is another one than at the last look: what was held of it before does not count.
   * @returns null where the number must not rise.
   */
  async check(changed: () => void): Promise<Checked | null> {
    const found = await this.#compared(await this.#reported());
    const history = historyOf(found);
    if (history !== this.#told) changed();
    this.#told = history;
    return found === UNREADABLE ? null : { found };
  }

  /** Raises the number at the end of a look. Where another controller was faster, it has done so. */
  async raise({ found }: Checked): Promise<void> {
    const at = this.#ports.now();
    const number = (found?.number ?? 0) + 1;
    const next = { number, history: found?.history ?? UNBROKEN, at };
    if (!(await this.#ports.write(found, next))) return;
    this.#see(next);
    await this.#ports.report(number);
  }

  async #reported(): Promise<Reported | null> {
    const reported = await this.#ports.reported();
    if (reported !== null) this.#see(reported);
    return this.#highest;
  }

  #see({ number, at }: Reported): void {
    if (this.#highest === null || number > this.#highest.number) this.#highest = { number, at };
  }

  async #compared(reported: Reported | null): Promise<Heartbeat | null | typeof UNREADABLE> {
    const found = await this.#ports.read();
    // Before the first number there may be no table yet.
    if (reported === null) return found === UNREADABLE ? null : found;
    if (found === UNREADABLE || (found !== null && found.number >= reported.number)) return found;
    return this.#noted(found, reported);
  }

  /** From now on the row says that commits are lost. Where it cannot be written, this container says so all the same. */
  async #noted(found: Heartbeat | null, reported: Reported): Promise<Heartbeat | null | typeof UNREADABLE> {
    const { now, write, read } = this.#ports;
    const at = now();
    const after = { number: reported.number, history: brokenHistory(found, reported, at), at };
    try {
      await this.#rememberBefore(found?.history ?? UNBROKEN);
      return (await write(found, after)) ? after : await read();
    } catch (error) {
      this.#ports.unnoted(error);
      return after;
    }
  }

  /**
   * The ledger of identities has fallen back, too: a collection may have left `legacy` since, or its history may have been learned since. It
   * would take the next history for the one that it was migrated with, so it gets the one before.
   */
  async #rememberBefore(history: string): Promise<void> {
    const { collections, phase, remembered, remember } = this.#ports;
    const all = await remembered();
    for (const collection of collections) {
      const known = all.get(rowOf(collection, 'oracle')) ?? null;
      // An operator has accepted whatever answers next.
      const isOpen = known !== null && Object.keys(known).length === 0;
      if (isOpen || known?.history !== undefined) continue;
      // Of a phase that is not known nobody can say that nothing depends on Oracle.
      if ((await phase(collection).catch(() => null)) === 'legacy') continue;
      await remember(collection, { ...known, history }, known);
    }
  }
}

function historyOf(found: Heartbeat | null | typeof UNREADABLE): string | null {
  return found === UNREADABLE ? UNREADABLE : (found?.history ?? null);
}
