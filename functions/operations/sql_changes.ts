/**
 * Rows that were changed by SQL, for operators: which, and what becomes of them. `accept` makes the row an ordinary write of the service: its columns are filled
 * from its document, it has a version above the one that both stores agreed on, Oracle orders it, and a receipt brings it to Couchbase. `leave`
 * closes the entry, and writes nothing.
 */
import type { Phase } from '../protocol/phase.ts';
import { ROUTES } from '../protocol/phase.ts';
import { NO_ROW, type OracleState } from '../protocol/state.ts';
import { above, type Version } from '../protocol/version.ts';
import { PoisonDocument } from '../stores/failure.ts';
import type { SqlChange, WantedChanges, What } from '../stores/oracle/sql_changes.ts';
import type { Caller } from './caller.ts';
import { BadOperation, type OperationOf } from './request.ts';

export interface SqlChangePorts {
  /** As many as it counts, or more. */
  count(wanted: WantedChanges): Promise<number>;
  /** In the order of the keys. @param after the last key of the page before, or null. */
  list(wanted: WantedChanges, after: string | null, most: number): Promise<readonly SqlChange[]>;
}

export interface DecideSqlPorts extends SqlChangePorts {
  /** The present phase, and whether a call that begins now still ends within its lease. */
  surroundings(): Promise<{ readonly phase: Phase; readonly timely: () => boolean }>;
  row(key: string): Promise<OracleState>;
  /** Whether the collection takes the key. */
  taken(key: string): boolean;
  /** A version above all that Couchbase has given out before, by the clock. */
  newest(): Version;
  /** Replaces the row if it is still `from`. Throws `PoisonDocument` for what does not fit into the columns. */
  replace(key: string, from: OracleState, to: OracleState): Promise<boolean>;
  /** Has both stores made to agree about the key. */
  repair(key: string, phase: Phase): Promise<void>;
  /** False where the row was changed once more, or somebody else has decided. */
  close(change: SqlChange): Promise<boolean>;
  timely(): boolean;
}

export interface SqlChangePage {
  /** Only the first page tells it, else null. */
  readonly total: number | null;
  readonly changes: readonly SqlChange[];
  /** The last key of this page; null where no other follows. */
  readonly next: string | null;
}

/** What becomes of an entry, or what would. `nothing`: it stays open, and `why` says so. */
export interface SqlOutcome {
  readonly key: string;
  readonly does: 'accept' | 'leave' | 'nothing';
  readonly why: string | null;
}

export interface SqlDecided {
  readonly total: number | null;
  readonly outcomes: readonly SqlOutcome[];
  readonly next: string | null;
}

export interface SqlDecision {
  readonly how: 'accept' | 'leave';
  readonly key?: string | undefined;
  readonly prefix?: string | undefined;
  readonly what?: What | undefined;
  /** Otherwise it only tells what would be done. */
  readonly confirm: boolean;
  readonly after: string | null;
  readonly limit: number;
}

export async function sqlChangesPage(
  { key, prefix, what, after, limit }: OperationOf<'sql-changes'>,
  ports: SqlChangePorts,
): Promise<SqlChangePage> {
  const wanted = { key, prefix, what };
  const total = after === null ? await ports.count(wanted) : null;
  const found = await ports.list(wanted, after, limit + 1);
  const changes = found.slice(0, limit);
  return { total, changes, next: changes.length < found.length ? (changes.at(-1)?.key ?? null) : null };
}

/** Enters the decision in the audit log, then carries it out. Where it is only told what would be done, nothing is entered. */
export async function enterAndDecideSql(
  { name: _, why, ...decision }: OperationOf<'sql-changes-decide'>,
  caller: Caller,
  ports: DecideSqlPorts,
): Promise<SqlDecided> {
  requireNamed(decision);
  // Before it is done: what has no entry has not happened.
  if (decision.confirm)
    await caller.enter(`sql-changes ${decision.how}`, JSON.stringify({ ...decision, why }));
  return decideSqlChanges(decision, ports);
}

/** Throws `BadOperation` where no entries are named. */
function requireNamed({ key, prefix, what }: SqlDecision): void {
  if ([key, prefix, what].every((each) => each === undefined))
    throw new BadOperation('Say which entries: a key, a prefix, or what was changed');
}

export async function decideSqlChanges(decision: SqlDecision, ports: DecideSqlPorts): Promise<SqlDecided> {
  const { key, prefix, what, after, limit, confirm, how } = decision;
  const wanted = { key, prefix, what };
  const total = after === null ? await ports.count(wanted) : null;
  const found = await ports.list(wanted, after, limit + 1);
  const outcomes: SqlOutcome[] = [];
  for (const change of found.slice(0, limit)) {
    // The first entry is always handled, so every page goes on.
    if (outcomes.length > 0 && !ports.timely()) break;
    const outcome =
      how === 'leave' ? await leave(change, confirm, ports) : await accept(change, confirm, ports);
    const closes = confirm && outcome.does !== 'nothing';
    const closed = !closes || (await ports.close(change));
    outcomes.push({ key: change.key, ...(closed ? outcome : nothing(CHANGED)) });
  }
  const next = outcomes.length < found.length ? (outcomes.at(-1)?.key ?? null) : null;
  return { total, outcomes, next };
}

type Judged = Omit<SqlOutcome, 'key'>;
const LEAVE: Judged = { does: 'leave', why: null };
const ACCEPT: Judged = { does: 'accept', why: null };
const CHANGED = 'the row was changed once more since it was read: look at it again';
const nothing = (why: string): Judged => ({ does: 'nothing', why });

/**
 * In `contract` a row is all that tells that Couchbase may hold a document of its key. 1. The row is deleted by SQL. 2. A client writes the key, as if it had never been
 * there. 3. It is deleted. 4. Its tombstone is dropped as that of a key which Couchbase never had. 5. On the way back Couchbase's document is one that Oracle has never
 * had, and what was deleted is there again. So the row remembers it before the entry is closed.
 */
async function leave(
  { key, ...change }: SqlChange,
  confirm: boolean,
  ports: DecideSqlPorts,
): Promise<Judged> {
  if (change.what !== 'delete') return LEAVE;
  const { phase } = await ports.surroundings();
  if (phase !== 'contract') return LEAVE;
  const row = await ports.row(key);
  if (row.version === NO_ROW.version) return nothing(FORGOTTEN);
  if (!confirm || row.handoff !== CREATED) return LEAVE;
  const known = BigInt(change.handoff ?? change.version);
  const to = { ...row, handoff: known === CREATED ? UNKNOWN : known };
  return (await ports.replace(key, row, to)) ? LEAVE : nothing(MEANWHILE);
}

/** What `handoff` says of a key that Couchbase never had; and of one that it may have had, nobody knows in which versions. */
const [CREATED, UNKNOWN] = [0n, 1n];
const FORGOTTEN =
  'in contract no repair brings the document back, and Couchbase may still have it: accept the entry, so that the deletion is remembered; or write the document ' +
  'through the API, then leave it';
const MEANWHILE = 'the key was written at the same moment';

async function accept(change: SqlChange, confirm: boolean, ports: DecideSqlPorts): Promise<Judged> {
  if (change.what === 'columns')
    return nothing(
      'only columns were changed, and the next write of the document fills them from it: change the document through the API, and leave the entry',
    );
  if (!ports.taken(change.key)) return nothing(NOT_TAKEN);
  const { phase, timely } = await ports.surroundings();
  if (ROUTES[phase].order !== 'oracle')
    return nothing(
      `in ${phase} Couchbase orders the documents: accept it in settle or contract, or leave it`,
    );
  const row = await ports.row(change.key);
  const to = accepted(change, row, ports.newest());
  if (typeof to === 'string') return nothing(to);
  if (!confirm) return ACCEPT;
  if (!timely()) return nothing('no time was left for it: try again');
  try {
    if (!(await ports.replace(change.key, row, to))) return nothing(MEANWHILE);
  } catch (error) {
    if (error instanceof PoisonDocument) return nothing(`it cannot be written: ${error.message}`);
    throw error;
  }
  if (ROUTES[phase].second !== null) await ports.repair(change.key, phase);
  return ACCEPT;
}

/** What the row becomes, as if the API had written it; or why that cannot be. */
function accepted(
  { what, user, ...held }: SqlChange,
  row: OracleState,
  newest: Version,
): OracleState | string {
  const version = BigInt(held.version);
  const handoff = held.handoff === null ? null : BigInt(held.handoff);
  if (what === 'delete') {
    // A repair may have brought it back from Couchbase, in the version that was deleted.
    if (row.version !== NO_ROW.version && row.version !== version) return WRITTEN;
    const handback = BigInt(held.handback);
    return { content: null, version: above(version), handoff: handoff ?? version, handback };
  }
  if (row.version !== version) return row.version === NO_ROW.version ? GONE : WRITTEN;
  // The trigger, which knows who it was, has given it a version of its own, and handed it off.
  if (user !== null && row.handoff !== null) return row;
  // A version that somebody has set by SQL may be below one that Couchbase has given out.
  const least = what === 'unversioned' ? version : newest;
  return { ...row, version: above(version, least), handoff: row.handoff ?? version };
}

const NOT_TAKEN =
  'KEY_NOT_TAKEN: the collection does not take the key, and nobody is served its row: leave the entry';
const WRITTEN = 'the key was written since, over what SQL had changed: leave the entry';
const GONE = 'the row is not there any more: leave the entry';
