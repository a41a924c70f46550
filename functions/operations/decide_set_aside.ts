/**
 * What operators decide about entries that were set aside: `keep` closes them and writes nothing, `restore` writes what they hold again.
 * A restore is a write of the API on the condition that the key still has the version that was looked at, and it is made only where the key
 * still holds what had replaced the entry: a later write of a client is not overwritten, unless an operator names the entry and says so.
 */
import { documentFrom } from '../protocol/fingerprint.ts';
import type { Content } from '../protocol/state.ts';
import type { Version } from '../protocol/version.ts';
import { PoisonDocument } from '../stores/failure.ts';
import type { Entry, State, Wanted } from '../stores/oracle/set_aside.ts';
import { ABSENT, type Reason } from '../stores/oracle/set_aside_rows.ts';
import type { Caller } from './caller.ts';
import { BadOperation, type OperationOf } from './request.ts';

/** What the API shows of a key. */
export interface Shown {
  readonly content: Content;
  /** Meaningless where there is no document. */
  readonly version: Version;
}

/** `refused`: its condition did not hold. `unknown`: it may have been done, or may yet be. */
export type Written = 'done' | 'refused' | 'unknown';

export interface DecidePorts {
  /** The next entries in the order of keys. */
  list(wanted: Wanted, after: string | null, most: number): Promise<readonly Entry[]>;
  count(wanted: Wanted): Promise<number>;
  body(id: string): Promise<Buffer | null>;
  /** Null where the store that is read does not answer. */
  read(key: string): Promise<Shown | null>;
  /**
   * Writes through the API's own path, or deletes where `content` is null, if the key still shows `over`. Throws `PoisonDocument`.
   */
  write(key: string, content: Content, over: Shown): Promise<Written>;
  /** False where somebody else has closed it. */
  close(id: string, state: Exclude<State, 'open'>): Promise<boolean>;
  /** Whether there is time for another entry. */
  timely(): boolean;
  /** Milliseconds since the epoch. */
  now(): number;
}

export interface Decision {
  readonly how: 'keep' | 'restore';
  readonly id?: string | undefined;
  readonly key?: string | undefined;
  readonly prefix?: string | undefined;
  readonly reasons?: readonly Reason[] | undefined;
  /** Otherwise it only tells what would be done. */
  readonly confirm: boolean;
  /** Writes over what the key holds now, whatever that is. For an entry that is named only. */
  readonly overwrite: boolean;
  readonly after: string | null;
  readonly limit: number;
}

/** What becomes of an entry, or what would. */
export interface Outcome {
  readonly id: string;
  readonly key: string;
  readonly does: 'keep' | 'restore' | 'close' | 'nothing';
  /** Why nothing is done, or nothing has to be written. */
  readonly why: string | null;
}

export interface Decided {
  /** Open entries that are meant, on all pages. Only the first page tells it, else null. */
  readonly total: number | null;
  readonly outcomes: readonly Outcome[];
  /** Where the next page begins; null where this is the last one. */
  readonly next: string | null;
}

type Judged = Omit<Outcome, 'id' | 'key'> & {
  readonly write?: { readonly content: Content; readonly over: Shown };
};

/** Enters a decision in the audit log, then carries it out. Where it is only told what would be done, nothing is entered. */
export async function enterAndDecide(
  { name, why, ...decision }: OperationOf<'set-aside-decide'>,
  caller: Caller,
  ports: DecidePorts,
): Promise<Decided> {
  // Before it is done: what has no entry has not happened.
  if (decision.confirm) await caller.enter(`set-aside ${decision.how}`, JSON.stringify({ ...decision, why }));
  return decideSetAside(decision, ports);
}

/** Throws `BadOperation` where no entries are named, or too many for what is asked. */
export async function decideSetAside(decision: Decision, ports: DecidePorts): Promise<Decided> {
  const { id, key, prefix, reasons, after, limit, confirm, overwrite } = decision;
  if ([id, key, prefix, reasons].every((each) => each === undefined))
    throw new BadOperation('Say which entries: an id, a key, a prefix or a reason');
  if (overwrite && id === undefined)
    throw new BadOperation(
      'What clients have written since is overwritten for one entry at a time: name its id',
    );
  const wanted: Wanted = { id, key, prefix, reasons, open: true };
  const total = after === null ? await ports.count(wanted) : null;
  if (id !== undefined && total === 0)
    throw new BadOperation(
      `There is no open entry ${id} in this collection: it was decided, or never was there`,
    );
  const found = await ports.list(wanted, after, limit + 1);
  const outcomes: Outcome[] = [];
  for (const entry of found.slice(0, limit)) {
    // The first entry is always handled, so every page goes on.
    if (outcomes.length > 0 && !ports.timely()) break;
    const { write, ...judged } = await judge(entry, decision, ports);
    const done = confirm ? await carriedOut(entry, { ...judged, ...(write && { write }) }, ports) : judged;
    outcomes.push({ id: entry.id, key: entry.key, ...done });
  }
  const next = outcomes.length < found.length ? (outcomes.at(-1)?.id ?? null) : null;
  return { total, outcomes, next };
}

const nothing = (why: string) => ({ does: 'nothing', why }) as const;

async function judge(entry: Entry, { how, id, overwrite }: Decision, ports: DecidePorts): Promise<Judged> {
  if (how === 'keep') return { does: 'keep', why: null };
  const { key, deleted, expires } = entry;
  if (!deleted && expires !== null && expires * 1000 <= ports.now())
    return nothing('its time has expired since: keep it');
  if (id === undefined && (await ports.count({ key, open: true })) > 1)
    return nothing(
      'several entries of this key are open: restore one of them by its id, and keep the others',
    );
  const content = deleted ? null : await contentOf(entry, ports);
  if (content === undefined) return nothing('the owner of the tables has deleted the entry');
  const over = await ports.read(key);
  if (over === null) return nothing('the store that is read does not answer: try again');
  if (nameOf(over.content) === nameOf(content)) return { does: 'close', why: 'the key holds this already' };
  if (!overwrite) {
    if (entry.replacedBy === null)
      return nothing(
        'the version before has set it aside, and does not say what replaced it: name its id, with --overwrite',
      );
    if (entry.replacedBy !== nameOf(over.content))
      return nothing(
        'the key was written since: look at it, then keep the entry, or name its id, with --overwrite',
      );
  }
  return { does: 'restore', why: null, write: { content, over } };
}

async function contentOf(
  { id, expires }: Entry,
  ports: Pick<DecidePorts, 'body'>,
): Promise<Content | undefined> {
  const body = await ports.body(id);
  return body === null ? undefined : documentFrom(body, expires === null ? null : expires * 1000);
}

const nameOf = (content: Content) => content?.digest ?? ABSENT;

/** A request that dies between the write and the entry finds next time that the key holds it already. */
async function carriedOut(
  { id, key }: Entry,
  { does, why, write }: Judged,
  ports: DecidePorts,
): Promise<Omit<Outcome, 'id' | 'key'>> {
  if (does === 'nothing') return { does, why };
  if (write !== undefined) {
    const written = await ports.write(key, write.content, write.over).catch((error: unknown) => {
      if (error instanceof PoisonDocument) return error.message;
      throw error;
    });
    if (written === 'refused') return nothing('the key was written at the same moment: look at it again');
    if (written === 'unknown') return nothing('it is not known whether the write took effect: try again');
    if (written !== 'done') return nothing(`it cannot be written: ${written}`);
  }
  await ports.close(id, does === 'keep' ? 'kept' : 'restored');
  return { does, why };
}
