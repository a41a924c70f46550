/**
 * Removes what is kept of a document that has been deleted, beside the document itself: what nothing needs any more at once, and tells what remains and
 * until when. A document that is there, a letter that waits and a copy that nobody has decided on are not touched: the key is erased after them.
 */
import type { KindName } from '../books/kept.ts';
import { letterId } from '../books/letters.ts';
import { LEAST_LIFE, LIFE } from '../control/droppable.ts';
import { type Phase, type StoreName, storesOf } from '../protocol/phase.ts';
import type { Caller } from './caller.ts';
import type { ExplainPorts } from './explain.ts';
import { BadOperation, type OperationOf } from './request.ts';

export interface ErasePorts extends Pick<ExplainPorts, 'taking' | 'phase' | 'look' | 'letters' | 'setAside'> {
  /** How many changes by SQL of the document nobody has decided on. */
  changedBySql(key: string): Promise<number>;
  /** @returns how many rows of the document there are, also those that something needs. */
  count(kind: KindName, key: string): Promise<number>;
  /** Removes at most so many of those that nothing needs. @returns how many. */
  remove(kind: KindName, key: string, most: number): Promise<number>;
  /** Of a collection with projections. */
  readonly projectedLeft?: ProjectedLeft;
  /** The tombstone in Oracle, with when the document was gone, in milliseconds since the epoch, if it says so; null where the row is none. */
  tombstone(key: string): Promise<{ readonly gone: number | null } | null>;
  /** What logs have instead of a key; null where they have keys as they are. */
  keyHash(key: string): Promise<string | null>;
  timely(): boolean;
}

/**
 * Rows of the document in tables of projections: copies of its parts. A deletion removes them; functions that do not know a projection, as those of the version
 * before during a deployment, leave them.
 */
export interface ProjectedLeft {
  /** How many there are. */
  count(key: string): Promise<number>;
  /** Removes them, unless the row of the document has a content. */
  remove(key: string): Promise<void>;
}

export interface Erased {
  readonly confirmed: boolean;
  /** Rows of each kind that were removed; without `confirm`, that there are. */
  readonly rows: Readonly<Record<KindName, number>> & {
    /** In tables of projections; missing where the collection has none. */
    readonly projected?: number;
  };
  /** What is left of the key, where, and until when. */
  readonly remains: readonly string[];
  /** Whether time was up before all of it was looked at: ask again. */
  readonly left: boolean;
}

const ALL: readonly KindName[] = ['findings', 'letters', 'repairs', 'conflicts'];
/** Rows of one statement. */
const MOST = 500;

/** Throws `BadOperation` where the key is still in use. */
export async function erase(
  { collection, key, why, confirm }: OperationOf<'erase'>,
  { enter }: Caller,
  ports: ErasePorts,
): Promise<Erased> {
  if (why.includes(key))
    throw new BadOperation('The reason names the key, and the audit log keeps it for ever: say it without');
  const tombstones = await requireUnused(collection, key, ports);
  if (confirm) {
    // Before it is done: what has no entry has not happened.
    const named = (await ports.keyHash(key)) ?? letterId('', { collection, key });
    await enter(`${collection}: key erased`, `${named}. ${why}`);
  }
  const rows = { findings: 0, letters: 0, repairs: 0, conflicts: 0 };
  const { projected, needed } = await eraseProjected(ports.projectedLeft, key, confirm);
  let left = false;
  for (const kind of ALL) {
    while (confirm && !left) {
      left = !ports.timely();
      const removed = left ? 0 : await ports.remove(kind, key, MOST);
      rows[kind] += removed;
      if (removed < MOST) break;
    }
    const count = await ports.count(kind, key);
    if (!confirm) rows[kind] = count;
    else if (count > 0) needed.push(`${count} ${kind} in Oracle: ${NEEDED[kind]}`);
  }
  return {
    confirmed: confirm,
    rows: { ...projected, ...rows },
    remains: [...tombstones, ...needed, ...ELSEWHERE],
    left,
  };
}

async function eraseProjected(
  left: ProjectedLeft | undefined,
  key: string,
  confirm: boolean,
): Promise<{ readonly projected: Pick<Erased['rows'], 'projected'>; readonly needed: string[] }> {
  if (left === undefined) return { projected: {}, needed: [] };
  const before = await left.count(key);
  if (!confirm || before === 0) return { projected: { projected: before }, needed: [] };
  await left.remove(key);
  const after = await left.count(key);
  const stays = `${after} rows in tables of projections, until the row of the document has no content any more. Erase the key again then`;
  return { projected: { projected: before - after }, needed: after === 0 ? [] : [stays] };
}

/** Why some stay. */
const NEEDED: Readonly<Record<KindName, string>> = {
  findings:
    'of a backfill, whose gate counts them, or of the last verification or one that is under way. After the next verification erase the key again; those of a backfill stay until the collection is retired',
  letters:
    'one that was discarded says that the document is left out; one of a backfill is counted by its gate',
  repairs: 'written meanwhile. Erase the key again',
  conflicts: 'set aside meanwhile. Decide on them, then erase the key again',
};

/** Of each key, whatever was removed: nothing here can look into it. */
const ELSEWHERE: readonly string[] = [
  'shards of runs and looks before a backfill (CROSSFADE_SHARDS, CROSSFADE_ATTEMPTS, CROSSFADE_PREFLIGHTS) name the keys at their bounds, and samples, until their owner deletes them',
  'rows in tables of projections that are not in the settings any more, where nobody has dropped the tables: until their owner deletes them',
  'beginnings of keys that were written past the API (CROSSFADE_FOREIGN), up to the first separator, where the collection has a change feed: until their owner deletes them',
  'records of the topic of Kafka that the changes of the collection come by, where it has one, until the topic drops them',
  'logs for logRetentionDays, unless they have hashes (deployment.secrets.keys); messages of SQS for 14 days; executions of Step Functions for 90 days',
  'entries of the audit log that were made before: their details may name the key, and none can be changed',
  'undo, redo and archived logs, flashback and backups of Oracle, and backups of Couchbase, for as long as you keep them',
];

const DAY = 86_400_000;

/** Until when the row stays that has the key. */
function rowText(collection: string, tombstone: Awaited<ReturnType<ErasePorts['tombstone']>>): string {
  if (tombstone === null)
    return 'the row in Oracle, whose time is up: it has the content until the controller has made a tombstone of it, at one of its next looks. Erase the key again then';
  const { gone } = tombstone;
  const day = (life: number) => new Date((gone ?? 0) + life * DAY).toISOString().slice(0, 10);
  const when =
    gone === null
      ? `It has no date: npx crossfade tombstones ${collection} --date counts its age from then on, and it stays for ${LIFE} days more`
      : `npx crossfade tombstones ${collection} --confirm drops it from ${day(LIFE)} on (with --older-than ${LEAST_LIFE} from ${day(LEAST_LIFE)} on), unless it says that something still needs it`;
  return `the tombstone in Oracle, a row that has the key and no content. ${when}`;
}

/** What deletes a document that is there in these stores. Where one store alone is written, the API leaves the copy in the other one. */
function deletionOf(live: readonly StoreName[], phase: Phase): string {
  const written = storesOf(phase);
  const left = live.filter((store) => !written.includes(store)).join();
  if (left === '') return 'Delete it by the API, wait until its receipt is settled';
  const past = `In ${phase} the API neither reads nor writes ${left}: delete it there past the API`;
  return live.some((store) => written.includes(store)) ? `Delete it by the API. ${past}` : past;
}

function notTaken(collection: string): string {
  return (
    `KEY_NOT_TAKEN: ${collection} does not take the key, and its table has a row of it, from before its keys were chosen. Nothing was removed. The owner of the tables ` +
    'deletes the row by SQL, where nobody needs it; then erase the key'
  );
}

/** @returns the tombstones. Throws `BadOperation`. */
async function requireUnused(collection: string, key: string, ports: ErasePorts): Promise<string[]> {
  const phase = await ports.phase(key);
  const { couchbase, oracle } = await ports.look(key, phase);
  // What Couchbase has of a key that the collection does not take is another collection's, or nobody's.
  const isTaken = ports.taking(key) === 'taken';
  const looked = [['couchbase', couchbase] as const, ['oracle', oracle] as const];
  const live = looked
    .filter(([store]) => isTaken || store === 'oracle')
    .filter(([, { presence }]) => presence === 'live' || presence === 'large')
    .map(([store]) => store);
  if (!isTaken && live.length > 0) throw new BadOperation(notTaken(collection));
  if (live.length > 0)
    throw new BadOperation(
      `The document is still there, in ${live.join(' and ')}. Nothing was removed. ${deletionOf(live, phase)}, then erase the key`,
    );
  const letters = await ports.letters(key);
  if (letters.some(({ state }) => state === 'open' || state === 'waiting'))
    throw new BadOperation(
      `A dead letter of the document is open, or a receipt of it waits. Nothing was removed. Close it (npx crossfade dead-letters list --collection ${collection}), then erase the key`,
    );
  const open = (await ports.setAside(key)).filter(({ state }) => state === 'open').length;
  if (open > 0)
    throw new BadOperation(
      `${open} copies of the document were set aside, and nobody has decided on them. Nothing was removed. npx crossfade set-aside keep ${collection} --key …, then erase the key`,
    );
  if ((await ports.changedBySql(key)) > 0)
    throw new BadOperation(
      `The row of the document was changed by SQL, and nobody has decided on it. Nothing was removed. npx crossfade sql-changes leave ${collection} KEY, then erase the key`,
    );
  return [
    ...(oracle.presence === 'deleted' ? [rowText(collection, await ports.tombstone(key))] : []),
    ...(isTaken && couchbase.presence === 'deleted'
      ? ['the mark of the deletion in Couchbase: until its receipt is settled']
      : []),
    'the tombstone of Couchbase itself, until the metadata purge interval of the bucket is over (3 days where nobody has set it)',
  ];
}
