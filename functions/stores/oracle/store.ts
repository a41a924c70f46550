/** Oracle as the protocol's port sees it, through the official driver in Thin mode. */
import type { Calls } from '../../protocol/call.ts';
import { type Content, NO_ROW, type OracleState, type Versioned } from '../../protocol/state.ts';
import type { Version } from '../../protocol/version.ts';
import { StoreUnavailable, type Target, TooLargeToRead } from '../failure.ts';
import { type Answers, type Foresees, type IsAwaited, type Measures, requireAwaited } from '../port.ts';
import { requireKey } from '../storable.ts';
import { LOBS_AS_BYTES, type OracleConnection } from './connection.ts';
import { DocumentWrite } from './document_write.ts';
import { sweepBatch } from './expired.ts';
import * as handedOff from './handed_off.ts';
import { remains } from './inspect.ts';
import { createdAt, NEVER } from './new_row.ts';
import { keep, keepStatement, swapAside } from './set_aside.ts';
import { CONFLICTS, CONFLICTS_PER_MINUTE, type Reason, recentConflicts } from './set_aside_rows.ts';
import { type Changed, noteChanged } from './sql_changes.ts';
import * as statements from './statements.ts';
import { type Filled, fill, requireFit, rowOf, stateOf, type Table } from './table.ts';
import { tryRow } from './try_row.ts';
import { Unforeseen } from './unforeseen.ts';

type Args<N extends keyof Calls> = Calls[N]['args'];
type Statement = statements.Statement;

const MINUTE = 60_000;

export class OracleStore implements Answers<'oracle'>, Foresees, Measures<'oracle'> {
  readonly #connection: OracleConnection;
  readonly #table: Table;
  readonly #now: () => number;
  readonly #conflicts: number;
  readonly #unforeseen: Unforeseen;

  /**
   * @param now milliseconds since the epoch, by which documents expire. @param conflicts that repairs may set aside in a minute, about.
   */
  constructor(
    connection: OracleConnection,
    table: Table,
    now: () => number,
    conflicts = CONFLICTS_PER_MINUTE,
  ) {
    this.#conflicts = conflicts;
    this.#connection = connection;
    this.#table = table;
    this.#now = now;
    this.#unforeseen = new Unforeseen(connection, table, now);
  }

  async read(key: string): Promise<OracleState> {
    const target = this.target(key, 'read');
    requireKey(target);
    const rows = await this.#select(target, statements.readRow(this.#table, key));
    return stateOf(rows[0] === undefined ? null : rowOf(rows[0]), this.#now());
  }

  /** One statement measures the body, and reads it where it is small enough. */
  async readUpTo(key: string, most: number): Promise<OracleState> {
    const target = this.target(key, 'read');
    requireKey(target);
    const [row] = await this.#select(target, statements.readRowUpTo(this.#table, key, most));
    if (row === undefined) return stateOf(null, this.#now());
    const held = rowOf(row);
    const state = stateOf(held, this.#now());
    const bytes = Number(row.at(-1));
    // A deleted document, or one whose time is up, has no body to be read.
    if (state.content === null || bytes <= most) return state;
    const { version, content } = state;
    throw new TooLargeToRead(target, { bytes, version, expiresAt: content.expiresAt }, most);
  }

  async apply(
    key: string,
    { content, version }: Args<'oracle.apply'>,
    isAwaited?: IsAwaited,
  ): Promise<boolean> {
    const target = this.target(key, 'apply');
    requireKey(target);
    return this.#unforeseen.taken(key, content, fill(this.#table, content, target, this.#now()), (filled) => {
      const update = statements.applyToRow(this.#table, key, filled, version);
      const insert = statements.insertRow(this.#table, key, filled, { ...NO_ROW, version });
      return this.#connection.use(target, true, async (connection) => {
        const document = new DocumentWrite(connection, this.#table, target, filled);
        // Two copies of a new key can both find no row; the one whose insertion comes second finds one now.
        for (const statement of [update, insert, update]) {
          requireAwaited(target, isAwaited);
          if (await document.changes(statement)) return true;
        }
        return false;
      });
    });
  }

  async write(key: string, write: Args<'oracle.write'>): Promise<Version | null> {
    const target = this.target(key, 'write');
    requireKey(target);
    const filled = fill(this.#table, write.content, target, this.#now());
    return this.#unforeseen.taken(key, write.content, filled, (held) => this.#write(target, write, held));
  }

  #write(
    target: Target & { readonly key: string },
    { condition, handedOff }: Args<'oracle.write'>,
    filled: Filled,
  ): Promise<Version | null> {
    const { key } = target;
    const update = statements.writeRow(this.#table, key, { filled, condition, handedOff }, this.#now());
    // A deletion too: its tombstone is what keeps an older copy away.
    const creates = !handedOff && condition.kind !== 'version';
    const version = filled.held.kind === 'gone' ? NEVER : createdAt(this.#now());
    const created = { version, handoff: 0n, handback: 0n };
    const insert = statements.insertRow(this.#table, key, filled, created);
    return this.#connection.use(target, true, async (connection) => {
      const document = new DocumentWrite(connection, this.#table, target, filled);
      const updated = await document.returns(update);
      if (updated !== null || !creates) return updated;
      if (await document.changes(insert)) return created.version;
      return document.returns(update);
    });
  }

  async swap(key: string, { from, to, aside }: Args<'oracle.swap'>): Promise<boolean> {
    const target = this.target(key, 'swap');
    requireKey(target);
    if (aside !== undefined && from.version !== 0n) await this.#requireRoom(target, aside);
    return this.#unforeseen.taken(
      key,
      to.content,
      fill(this.#table, to.content, target, this.#now()),
      (filled) => {
        const statement =
          from.version === 0n
            ? statements.insertRow(this.#table, key, filled, to)
            : statements.swapRow(this.#table, key, { from, to }, filled, this.#now());
        // Where there is no row yet, nothing is there to keep.
        const kept =
          aside !== undefined && from.version !== 0n
            ? keepStatement(this.#table.name, key, from, { reason: aside, by: to.content }, this.#now())
            : null;
        return this.#connection.use(target, true, (connection) => {
          const document = new DocumentWrite(connection, this.#table, target, filled);
          return kept === null
            ? document.changes(statement)
            : swapAside(connection, () => document.changes(statement, false), kept);
        });
      },
    );
  }

  keep(key: string, { state, reason, by }: Args<'oracle.keep'>): Promise<null> {
    return this.#keep(key, state, { reason, by });
  }

  /** Sets aside what a row holds that was changed by SQL, before what Couchbase holds takes its place. */
  keepChanged(key: string, row: OracleState, by: Content): Promise<null> {
    return this.#keep(key, row, { reason: 'changed by SQL', by });
  }

  async #keep(
    key: string,
    state: Versioned & Partial<OracleState>,
    why: { readonly reason: Reason; readonly by: Content },
  ): Promise<null> {
    const target = this.target(key, 'set aside');
    requireKey(target);
    await this.#requireRoom(target, why.reason);
    const statement = keepStatement(this.#table.name, key, state, why, this.#now());
    return this.#connection.use(target, true, (connection) => keep(connection, statement));
  }

  /** Writes down that somebody has changed the row by SQL: operators decide about it. @param row as it is; where it was deleted, as it was. */
  noteChanged(key: string, what: Changed, row: statements.Versions): Promise<void> {
    return noteChanged(this.#connection, this.target(key, 'note'), what, row, this.#now());
  }

  /** Throws `PoisonDocument` for what this table could never take. */
  require(key: string, content: Content): void {
    const target = this.target(key, 'write');
    requireKey(target);
    requireFit(this.#table, content, target);
  }

  recall(key: string, content: Content): void {
    const target = this.target(key, 'write');
    this.#unforeseen.recall(key, content, requireFit(this.#table, content, target).copied, target);
  }

  async ask(key: string, content: Content): Promise<void> {
    const target = this.target(key, 'try');
    if (!(await this.#unforeseen.isPossible(target))) return;
    await this.#unforeseen.taken(key, content, fill(this.#table, content, target, this.#now()), (filled) =>
      this.#connection.use(target, false, (session) => tryRow(session, this.#table, target, filled)),
    );
  }

  /** Makes tombstones of expired documents, in one batch of at most `most`; replies how many. */
  sweep(most: number): Promise<number> {
    return sweepBatch(this.#connection, this.#table, this.target(null, 'sweep'), most, this.#now());
  }

  /** Drops what the row of a deletion still has of its document; replies whether it had anything. */
  async clear(key: string): Promise<boolean> {
    const target = this.target(key, 'clear');
    requireKey(target);
    const statement = statements.clearRow(this.#table, key, remains(this.#table.columns), this.#now());
    return this.#connection.use(target, true, (connection) =>
      new DocumentWrite(connection, this.#table, target, { projected: [] }).changes(statement),
    );
  }

  /** How many keys Oracle orders, counted page by page: see `handed_off.ts`. */
  countHandedOff(walk: handedOff.Walk): ReturnType<typeof handedOff.countHandedOff> {
    return handedOff.countHandedOff(this.#connection, this.#table.name, walk);
  }

  /** The keys that Oracle orders, in byte order, page by page. */
  handedOffKeys(
    walk: handedOff.Walk & { readonly most: number },
  ): ReturnType<typeof handedOff.handedOffKeys> {
    return handedOff.handedOffKeys(this.#connection, this.#table.name, walk);
  }

  /** Where a call goes, as failures tell it. */
  target<K extends string | null>(key: K, operation: string): Target & { readonly key: K } {
    return { store: 'oracle', operation, collection: this.#table.name, key };
  }

  /**
   * Where many keys are set aside at once, something is wrong with a store as a whole: a bucket that was restored, say. Repairs wait then,
   * receipts too, and nothing is lost. Several containers may each see room for the last one.
   */
  async #requireRoom(target: Target, reason: Reason): Promise<void> {
    if (!CONFLICTS.includes(reason)) return;
    const { text, binds } = recentConflicts(this.#table.name, this.#now() - MINUTE);
    const rows = await this.#select(target, { text, binds });
    if (Number(rows[0]?.[0] ?? 0) < this.#conflicts) return;
    throw new StoreUnavailable(
      target,
      false,
      new Error('TOO_MANY_CONFLICTS'),
      `In the last minute ${this.#conflicts} contents were set aside, which is the bound conflictsPerMinute. Has a store been restored, or failed over with loss? ` +
        'Look at npx crossfade set-aside list, decide, and raise the bound if repairs should go on.',
    );
  }

  #select(target: Target, { text, binds }: Statement): Promise<unknown[][]> {
    return this.#connection.use(target, false, async (connection) => {
      const { rows } = await connection.execute<unknown[]>(text, binds, LOBS_AS_BYTES);
      return rows ?? [];
    });
  }
}
