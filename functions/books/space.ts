/** What the tables of a collection and our own hold, and how fast they grow: measured by a bounded number of rows for each question. */
import type oracledb from 'oracledb';
import type { Target } from '../stores/failure.ts';
import type { OracleConnection } from '../stores/oracle/connection.ts';
import { goneSince } from '../stores/oracle/gone_since.ts';

const DAY = 86_400_000;
/** Days that rows of our own tables are counted over. */
export const MONTH = 30;
/** Rows of a sample, and rows or entries of an index that are counted at most. */
const [SAMPLE, MOST] = [1000, 500_000];

/** Numbers of rows are exact up to `most`. */
export interface Measured {
  readonly most: number;
  /** Of 1,000 rows: how many are documents, and the bytes of their bodies. */
  readonly sample: { readonly documents: number; readonly bytes: number };
  /** Tombstones with a date, and those of the last day. */
  readonly tombstones: { readonly all: number; readonly day: number };
  /** Documents that expire in the next day: tombstones to come. */
  readonly expiring: number;
  /** Keys that verifications of the last 90 days have listed, the earliest first. */
  readonly counted: readonly { readonly at: number; readonly keys: number }[];
  /** Set aside in the last month. */
  readonly aside: { readonly rows: number; readonly bytes: number };
  /** Rows of our own tables of the last month, over all collections. */
  readonly ours: Readonly<Record<Own, number>>;
}

/** Our tables that grow, and the rows of each that are of a month: since `:since`, in milliseconds. */
const OWN = {
  CROSSFADE_RUNS: since('CROSSFADE_RUNS', 'started'),
  CROSSFADE_SHARDS: since('CROSSFADE_SHARDS', 'changed'),
  CROSSFADE_FINDINGS: since('CROSSFADE_FINDINGS', 'last_seen'),
  CROSSFADE_REPAIRS: since('CROSSFADE_REPAIRS', 'at'),
  CROSSFADE_LETTERS: since('CROSSFADE_LETTERS', 'last_seen'),
  CROSSFADE_AUDIT: since('CROSSFADE_AUDIT', 'at'),
  // A row has no date but that of its run.
  CROSSFADE_ATTEMPTS:
    'SELECT a.shard FROM CROSSFADE_ATTEMPTS a, CROSSFADE_RUNS r WHERE r.run_id = a.run_id AND r.started >= :since',
  // A row loses its date once its receipt is settled, and stays: rows without a date all count, so the month may be less.
  CROSSFADE_SUSPECTS: 'SELECT at FROM CROSSFADE_SUSPECTS WHERE (at >= :since OR at = 0)',
} as const;
export type Own = keyof typeof OWN;

function since(table: string, column: string): string {
  return `SELECT ${column} FROM ${table} WHERE ${column} >= :since`;
}

export class Space {
  readonly #connection: OracleConnection;

  constructor(connection: OracleConnection) {
    this.#connection = connection;
  }

  /** @param now milliseconds since the epoch. */
  async measure(collection: string, table: string, now: number): Promise<Measured> {
    const second = Math.floor(now / 1000);
    const since = now - MONTH * DAY;
    const expires = (from: number, to: number) =>
      this.#count(`SELECT doc_key FROM ${table} WHERE expires > :first AND expires <= :last_one`, {
        first: from,
        last_one: to,
      });
    const own: [Own, number][] = [];
    // One after the other: a pool refuses what waits beyond its queue.
    for (const [name, query] of Object.entries(OWN) as [Own, string][])
      own.push([name, await this.#count(query, { since })]);
    return {
      most: MOST,
      sample: await this.#sample(table),
      tombstones: {
        all: await expires(goneSince(0), goneSince(now)),
        day: await expires(goneSince(now - DAY), goneSince(now)),
      },
      expiring: await expires(second, second + DAY / 1000),
      counted: await this.#counted(collection, now - 3 * MONTH * DAY),
      aside: await this.#aside(table, since),
      ours: Object.fromEntries(own) as Record<Own, number>,
    };
  }

  async #sample(table: string): Promise<Measured['sample']> {
    const [documents = 0, bytes = 0] = await this.#numbers(
      'SELECT COUNT(*), SUM(COALESCE(LENGTH(body), LENGTH(bytes), 0)) FROM (SELECT kind, body, bytes FROM ' +
        `${table} WHERE ROWNUM <= :most) WHERE kind <> 'gone'`,
      { most: SAMPLE },
    );
    return { documents, bytes };
  }

  async #aside(table: string, since: number): Promise<Measured['aside']> {
    const [rows = 0, bytes = 0] = await this.#numbers(
      'SELECT COUNT(*), SUM(COALESCE(LENGTH(body), 0)) FROM (SELECT body FROM CROSSFADE_SET_ASIDE ' +
        'WHERE table_name = :owner AND at >= :since AND ROWNUM <= :most)',
      { owner: table, since, most: MOST },
    );
    return { rows, bytes };
  }

  /** Of runs over all keys that came to their end. */
  async #counted(collection: string, since: number): Promise<Measured['counted']> {
    const rows = await this.#rows(
      'SELECT r.started, SUM(s.listed) FROM CROSSFADE_RUNS r, CROSSFADE_SHARDS s WHERE s.run_id = r.run_id ' +
        "AND r.kind = 'verify' AND r.collection = :collection AND r.started >= :since AND r.outcome IN ('clean', 'failures') " +
        'AND r.options NOT LIKE \'%"range"%\' GROUP BY r.run_id, r.started ORDER BY r.started',
      { collection, since },
    );
    return rows.map(([at, keys]) => ({ at: Number(at), keys: Number(keys) }));
  }

  async #count(query: string, binds: Record<string, number>): Promise<number> {
    const text = `SELECT COUNT(*) FROM (${query} AND ROWNUM <= :most)`;
    const [count = 0] = await this.#numbers(text, { ...binds, most: MOST });
    return count;
  }

  async #numbers(text: string, binds: oracledb.BindParameters): Promise<number[]> {
    const [row = []] = await this.#rows(text, binds);
    return row.map((value) => Number(value ?? 0));
  }

  #rows(text: string, binds: oracledb.BindParameters): Promise<unknown[][]> {
    const target: Target = { store: 'oracle', operation: 'measure', collection: 'CROSSFADE', key: null };
    return this.#connection.use(target, false, async (session) => {
      const { rows = [] } = await session.execute<unknown[]>(text, binds);
      return rows;
    });
  }
}
