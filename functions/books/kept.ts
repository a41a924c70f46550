/**
 * What the control tables keep of single documents, and nothing needs any more: removed after a while, or where its key is to be erased. What a gate, a
 * worker or an operator may still ask for is in no condition here.
 */
import type oracledb from 'oracledb';
import type { Target } from '../stores/failure.ts';
import type { OracleConnection } from '../stores/oracle/connection.ts';
import { keptIndex } from '../stores/oracle/kept_indexes.ts';

interface Kind {
  readonly table: string;
  readonly primary: readonly string[];
  /** When it was over, in milliseconds since the epoch. */
  readonly over: string;
  /** Whether nothing needs a row any more. */
  readonly done: string;
  /** Whether it is about a document: by `:collection` or `:name` of its table, and `:key`. */
  readonly about: string;
}

/** Of a verification that another one of the collection has followed: what is at risk is counted by the last one. */
const ended = (of: string) =>
  "EXISTS (SELECT 1 FROM CROSSFADE_RUNS r WHERE r.run_id = CROSSFADE_FINDINGS.run_id AND r.kind = 'verify' AND r.finished IS NOT NULL " +
  'AND EXISTS (SELECT 1 FROM CROSSFADE_RUNS n WHERE n.kind = r.kind AND n.collection = r.collection AND n.started > r.started ' +
  `AND n.finished IS NOT NULL)${of})`;
const OF_COLLECTION = 'doc_key = :key AND collection = :collection';

export const KINDS = {
  // Those of backfills stay: a gate counts the documents that they have set aside against their letters.
  findings: {
    ...{ table: 'CROSSFADE_FINDINGS', primary: ['run_id', 'doc_key'], over: 'last_seen', done: ended('') },
    about: `doc_key = :key AND ${ended(' AND r.collection = :collection')}`,
  },
  letters: {
    ...{ table: 'CROSSFADE_LETTERS', primary: ['letter_id'], over: 'last_seen', about: OF_COLLECTION },
    // One that was discarded says that its document is left out. One that a backfill has written is counted against its findings.
    done:
      "state IN ('settled', 'redriven') AND queued = 0 AND NOT EXISTS (SELECT 1 FROM CROSSFADE_FINDINGS f " +
      "WHERE f.doc_key = CROSSFADE_LETTERS.doc_key AND f.verdict = 'poison')",
  },
  repairs: {
    ...{ table: 'CROSSFADE_REPAIRS', primary: ['doc_key', 'collection', 'at'], over: 'at', done: '1 = 1' },
    about: OF_COLLECTION,
  },
  conflicts: {
    ...{ table: 'CROSSFADE_SET_ASIDE', primary: ['aside_id'], over: 'decided', done: "state <> 'open'" },
    about: 'doc_key = :key AND table_name = :name',
  },
} as const satisfies Record<string, Kind>;
export type KindName = keyof typeof KINDS;

export interface Document {
  readonly collection: string;
  /** Of its collection. */
  readonly table: string;
  readonly key: string;
}

export class Kept {
  readonly #connection: OracleConnection;

  constructor(connection: OracleConnection) {
    this.#connection = connection;
  }

  /** Removes at most so many rows that were over before then. @param before milliseconds since the epoch. @returns how many. */
  removeOld(name: KindName, before: number, most: number): Promise<number> {
    return this.#remove(name, oldStatement(name), { before }, most);
  }

  /** Removes what nothing needs any more of a document, at most so many rows. @returns how many. */
  removeOf(name: KindName, document: Document, most: number): Promise<number> {
    return this.#remove(name, whichStatement(name, KINDS[name].about), bindsOf(name, document), most);
  }

  /** How many rows of a document there are. */
  count(name: KindName, document: Document): Promise<number> {
    const { table, about } = KINDS[name];
    // Those of backfills, too.
    const where = name === 'findings' ? ABOUT_ALL : about;
    return this.#connection.use(target('read', table), false, async (session) => {
      const text = `SELECT COUNT(*) FROM ${table} WHERE ${where}`;
      const { rows = [] } = await session.execute<[number]>(text, bindsOf(name, document));
      return Number(rows[0]?.[0] ?? 0);
    });
  }

  /** @param which reads the primary keys of `:most` rows. */
  #remove(name: KindName, which: string, binds: Binds, most: number): Promise<number> {
    const { table, primary, done } = KINDS[name];
    return this.#connection.use(target('remove', table), true, async (session) => {
      const { rows = [] } = await session.execute<unknown[]>(which, { ...binds, most });
      // Asked again for each row: a letter may have been opened since.
      const same = primary.map((column, n) => `${column} = :p${n}`).join(' AND ');
      const text = `DELETE FROM ${table} WHERE ${same} AND ${done}`;
      let removed = 0;
      for (const row of rows) {
        const values = Object.fromEntries(row.map((value, n) => [`p${n}`, value as string | number]));
        removed += (await session.execute(text, values)).rowsAffected ?? 0;
      }
      await session.commit();
      return removed;
    });
  }
}

/** What was over before `:before`, by the index on that time. Exported for a look at its plan. */
export function oldStatement(name: KindName): string {
  const { table, over } = KINDS[name];
  return whichStatement(name, `${over} < :before`, `/*+ INDEX(${table} ${keptIndex(table)}) */ `);
}

function whichStatement(name: KindName, which: string, hint = ''): string {
  const { table, primary, done } = KINDS[name];
  return `SELECT ${hint}${primary.join(', ')} FROM ${table} WHERE ${which} AND ${done} FETCH FIRST :most ROWS ONLY`;
}

type Binds = Record<string, string | number>;

const ABOUT_ALL =
  'doc_key = :key AND EXISTS (SELECT 1 FROM CROSSFADE_RUNS r WHERE r.run_id = CROSSFADE_FINDINGS.run_id AND r.collection = :collection)';

function bindsOf(name: KindName, { collection, table, key }: Document): Binds & oracledb.BindParameters {
  return name === 'conflicts' ? { key, name: table } : { key, collection };
}

function target(operation: string, collection: string): Target {
  return { store: 'oracle', operation, collection, key: null };
}
