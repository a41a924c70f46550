/** What the controller looks after beside moves: dead letters, conflicts, and runs that stand still. */
import pMap from 'p-map';
import type { Stepped } from '../control/seen.ts';
import type { Checked, OracleHeartbeat } from '../identity/heartbeat.ts';
import type { Phase, StoreName } from '../protocol/phase.ts';
import { BadHeartbeat } from '../records/heartbeat.ts';
import type { Run, Totals } from '../records/run.ts';
import { busyBeside } from '../runs/lanes.ts';
import type { Standing } from '../runs/standing.ts';
import type { ExpiredPorts } from './expired.ts';
import { type OverduePorts, renewOverdue } from './overdue.ts';
import type { RetentionPorts } from './retention.ts';
import { release, type SweepPorts, sweep } from './sweep.ts';
import type { TombstoneCountPorts } from './tombstone_count.ts';

/** Each question rejects where its store does not answer, and may do so without asking it again in this round. */
export interface UpkeepPorts extends ExpiredPorts, TombstoneCountPorts {
  /** What a store of the collection is and was, and why that is a problem. */
  sights(
    collection: string,
    phase: Phase,
  ): Promise<readonly { readonly store: StoreName; readonly problem: string | null }[]>;
  readonly heartbeat: Pick<OracleHeartbeat, 'raise'> & { check(): Promise<Checked | null> };
  /** Messages in the queue of dead letters that no letter counts, and those beside one of each letter. */
  deadLetters(): Promise<{ readonly unread: number; readonly surplus: number }>;
  /** @param timely whether there is time for more messages. */
  sweepPorts(timely: () => boolean): SweepPorts;
  readonly overdue: OverduePorts;
  readonly retention: RetentionPorts;
  /** Conflicts that nobody has decided on, by collection; none where there are none. */
  openConflicts(): Promise<ReadonlyMap<string, number>>;
  /** Rows of a collection that were changed by SQL, and that nobody has decided on. */
  countSqlChanges(collection: string): Promise<number>;
  underWay(collection: string): Promise<readonly Run[]>;
  totals(run: string): Promise<Totals>;
  /** Milliseconds since the epoch, as the beginnings of runs are counted. */
  now(): number;
  error(message: string): void;
}

/** The collections behind which a store is another one, and which of the stores. */
export interface Others {
  readonly collections: ReadonlySet<string>;
  readonly stores: ReadonlySet<StoreName>;
}

/** Where a store does not answer nobody can tell, and other alarms say so. */
export async function behindOthers(
  stepped: readonly Stepped[],
  ports: Pick<UpkeepPorts, 'sights' | 'error'>,
): Promise<Others> {
  const collections = new Set<string>();
  const stores = new Set<StoreName>();
  for (const { collection, decision } of stepped) {
    const sights = await ports.sights(collection, decision.phase).catch(() => []);
    for (const { store, problem } of sights) {
      if (problem === null) continue;
      collections.add(collection);
      stores.add(store);
      ports.error(problem);
    }
  }
  return { collections, stores };
}

/** Whether Oracle has lost commits, before anything is decided. Where nobody can tell, the next look does. */
export async function checkHeartbeat({ heartbeat, warn }: Pick<UpkeepPorts, 'heartbeat' | 'warn'>): Promise<{
  readonly checked: Checked | null;
  /** What an operator has to mend. */
  readonly problem: string | null;
}> {
  try {
    return { checked: await heartbeat.check(), problem: null };
  } catch (error) {
    if (error instanceof BadHeartbeat) return { checked: null, problem: error.message };
    warn('Whether Oracle has lost commits was not checked: the next look checks it', {
      cause: String(error),
    });
    return { checked: null, problem: null };
  }
}

/** Raises the number that a loss of commits is noticed by, unless a collection does not go on with this Oracle. */
export async function raiseHeartbeat(
  { heartbeat, warn }: Pick<UpkeepPorts, 'heartbeat' | 'warn'>,
  checked: Checked | null,
  { stores }: Others,
): Promise<void> {
  if (checked === null || stores.has('oracle')) return;
  try {
    await heartbeat.raise(checked);
  } catch (error) {
    warn('The heartbeat of Oracle was not raised: the next look raises it', { cause: String(error) });
  }
}

/** The part of its time that the function has for the queue of dead letters. */
const SHARE = 4;
/** Messages that the queue may have beside one of each letter: to go through all of it for fewer is not worth it. */
export const SURPLUS = 100;

/**
 * Where messages in the queue of dead letters have no letter, writes their letters, so that the gates of other collections need not wait
 * for an operator. Where Oracle is away they stay without, and count for every collection.
 */
export async function sweepDeadLetters(
  ports: Pick<UpkeepPorts, 'deadLetters' | 'sweepPorts' | 'remaining' | 'warn'>,
): Promise<void> {
  const until = ports.remaining() * (1 - 1 / SHARE);
  const queue = ports.sweepPorts(() => ports.remaining() > until);
  try {
    const { unread, surplus } = await ports.deadLetters();
    if (unread > 0 || surplus > SURPLUS) await release(await sweep(queue), queue);
  } catch (error) {
    const cause = String(error);
    ports.warn('The queue of dead letters was not swept: the next look sweeps it', { cause });
  }
}

/** Sends receipts anew for letters that wait for nobody knows what. */
export async function renewLetters({ overdue, warn }: Pick<UpkeepPorts, 'overdue' | 'warn'>): Promise<void> {
  try {
    await renewOverdue(overdue);
  } catch (error) {
    warn('Letters that are overdue were not renewed: the next look does it', { cause: String(error) });
  }
}

/**
 * How many runs are begun and do not move. 0 where nobody can tell, since a store is away: other alarms say so.
 * @param standing how far runs were when this container looked last.
 */
export async function stalled(
  { collections, underWay, totals, now }: Pick<UpkeepPorts, 'collections' | 'underWay' | 'totals' | 'now'>,
  standing: Standing,
): Promise<number> {
  // A few at a time: a pool refuses what waits beyond its queue, and a store that refuses counts as away.
  const few = { concurrency: 4 };
  const runs = await pMap(collections, (name) => underWay(name).catch(() => []), few);
  const totalsOf = async (run: Run) => ({ run, totals: await totals(run.id) });
  const all = await pMap(runs.flat(), (run) => totalsOf(run).catch(() => null), few);
  return standing.of(
    all.filter((each) => each !== null),
    now(),
    busyBeside(runs.flat().length),
  ).length;
}

/** Contents that repairs have replaced since a store had forgotten something, and that nobody has decided on. Not told where Oracle is away. */
export async function countConflicts(
  ports: Pick<UpkeepPorts, 'collections' | 'openConflicts' | 'count' | 'warn'>,
): Promise<void> {
  try {
    const open = await ports.openConflicts();
    let sum = 0;
    for (const collection of ports.collections) {
      const conflicts = open.get(collection) ?? 0;
      if (conflicts > 0) ports.warn('Conflicts wait for a decision', { collection, conflicts });
      sum += conflicts;
    }
    ports.count('ConflictsOpen', sum);
  } catch (error) {
    ports.warn('Conflicts could not be counted', { cause: String(error) });
  }
}

/** Rows that were changed by SQL past the API, and that nobody has decided on. Not told where Oracle is away. */
export async function countSqlChanges(
  ports: Pick<UpkeepPorts, 'collections' | 'countSqlChanges' | 'count' | 'warn'>,
): Promise<void> {
  try {
    let sum = 0;
    for (const collection of ports.collections) {
      const rows = await ports.countSqlChanges(collection);
      if (rows > 0) ports.warn('Rows that were changed by SQL wait for a decision', { collection, rows });
      sum += rows;
    }
    ports.count('SqlChangesOpen', sum);
  } catch (error) {
    ports.warn('Rows that were changed by SQL could not be counted', { cause: String(error) });
  }
}
