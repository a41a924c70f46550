/** Where the documents of a server lie: an SQLite database, in memory or in a file that outlives the process. */
import { DatabaseSync, type StatementSync } from 'node:sqlite';

export interface Document {
  readonly value: Buffer;
  readonly flags: number;
  /** Seconds since the epoch at which it is gone, 0 for never. */
  readonly expiry: number;
  readonly cas: bigint;
  readonly seqno: bigint;
  /** Extended attributes: name to JSON text. */
  readonly xattrs: ReadonlyMap<string, string>;
  /** A tombstone: only system attributes are left. */
  readonly deleted: boolean;
}

/** Keys above `after` and up to `upTo`, in byte order. Null is no bound. */
export interface KeyRange {
  readonly after: Buffer | null;
  readonly upTo: Buffer | null;
  readonly limit: number;
}

interface Row {
  readonly value: Uint8Array;
  readonly flags: bigint;
  readonly expiry: bigint;
  readonly cas: bigint;
  readonly seqno: bigint;
  readonly xattrs: string;
  readonly deleted: bigint;
}

const SCHEMA = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  CREATE TABLE IF NOT EXISTS documents (
    bucket TEXT NOT NULL, collection TEXT NOT NULL, key BLOB NOT NULL, vbucket INTEGER NOT NULL,
    value BLOB NOT NULL, flags INTEGER NOT NULL, expiry INTEGER NOT NULL,
    cas INTEGER NOT NULL, seqno INTEGER NOT NULL, xattrs TEXT NOT NULL, deleted INTEGER NOT NULL,
    PRIMARY KEY (bucket, collection, key)
  ) STRICT;
  CREATE INDEX IF NOT EXISTS by_vbucket ON documents (bucket, collection, vbucket, key);
`;
const ALIVE = 'deleted = 0 AND (expiry = 0 OR expiry > :now)';
const RANGE = 'key > :after AND key <= :upTo';
/** Before every key, and after every key: keys are 1 to 250 bytes. */
const [FIRST, LAST] = [Buffer.alloc(0), Buffer.alloc(251, 0xff)];
const COLUMNS = 'value, flags, expiry, cas, seqno, xattrs, deleted';

/** All buckets' documents. Statements are prepared once. */
export class Storage {
  readonly #database: DatabaseSync;
  readonly #get: StatementSync;
  readonly #put: StatementSync;
  readonly #keys: StatementSync;
  readonly #vbucketKeys: StatementSync;
  readonly #marks: StatementSync;

  /** @param file path, or `:memory:`. */
  constructor(file: string) {
    this.#database = new DatabaseSync(file);
    this.#database.exec(SCHEMA);
    const prepare = (text: string) => {
      const statement = this.#database.prepare(text);
      statement.setReadBigInts(true);
      return statement;
    };
    const place = 'bucket = :bucket AND collection = :collection';
    this.#get = prepare(`SELECT ${COLUMNS} FROM documents WHERE ${place} AND key = :key`);
    this.#put = prepare(
      `INSERT OR REPLACE INTO documents (bucket, collection, key, vbucket, ${COLUMNS}) VALUES
       (:bucket, :collection, :key, :vbucket, :value, :flags, :expiry, :cas, :seqno, :xattrs, :deleted)`,
    );
    const keys = `SELECT key FROM documents WHERE ${place} AND ${RANGE} AND ${ALIVE}`;
    this.#keys = prepare(`${keys} ORDER BY key LIMIT :limit`);
    this.#vbucketKeys = prepare(`${keys} AND vbucket = :vbucket ORDER BY key LIMIT :limit`);
    this.#marks = prepare(
      'SELECT vbucket, max(cas) AS cas, max(seqno) AS seqno FROM documents WHERE bucket = :bucket GROUP BY vbucket',
    );
  }

  get(bucket: string, collection: string, key: Buffer): Document | undefined {
    const row = this.#get.get({ bucket, collection, key }) as Row | undefined;
    if (row === undefined) return undefined;
    return {
      value: Buffer.from(row.value.buffer, row.value.byteOffset, row.value.byteLength),
      flags: Number(row.flags),
      expiry: Number(row.expiry),
      cas: BigInt.asUintN(64, row.cas),
      seqno: row.seqno,
      xattrs: row.xattrs === '' ? NO_XATTRS : new Map(JSON.parse(row.xattrs) as [string, string][]),
      deleted: row.deleted === 1n,
    };
  }

  put(bucket: string, collection: string, key: Buffer, vbucket: number, document: Document): void {
    const { xattrs, deleted, cas } = document;
    this.#put.run({
      ...{ bucket, collection, key, vbucket },
      ...document,
      cas: BigInt.asIntN(64, cas),
      xattrs: xattrs.size === 0 ? '' : JSON.stringify([...xattrs]),
      deleted: deleted ? 1 : 0,
    });
  }

  /** Keys of the documents that are there at `now` (seconds since the epoch), of one vbucket if one is named. */
  keys(bucket: string, collection: string, range: KeyRange, now: number, vbucket: number | null): Buffer[] {
    const { after, upTo, limit } = range;
    const parameters = { bucket, collection, after: after ?? FIRST, upTo: upTo ?? LAST, limit, now };
    const rows =
      vbucket === null ? this.#keys.all(parameters) : this.#vbucketKeys.all({ ...parameters, vbucket });
    return rows.map(({ key }) => Buffer.from(key as Uint8Array));
  }

  /** The highest CAS and sequence number of each vbucket that has any. */
  marks(bucket: string): { vbucket: number; cas: bigint; seqno: bigint }[] {
    const rows = this.#marks.all({ bucket }) as { vbucket: bigint; cas: bigint; seqno: bigint }[];
    return rows.map(({ vbucket, cas, seqno }) => ({
      vbucket: Number(vbucket),
      cas: BigInt.asUintN(64, cas),
      seqno,
    }));
  }

  close(): void {
    this.#database.close();
  }
}

const NO_XATTRS: ReadonlyMap<string, string> = new Map();
