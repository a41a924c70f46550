/** Where the documents of a server lie: an SQLite database, in memory or in a file that outlives the process. */
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { Replica } from './replica.ts';

export interface Document {
  readonly value: Buffer;
  readonly flags: number;
  /** Seconds since the epoch at which it is gone, 0 for never; of a tombstone, at which it was deleted. */
  readonly expiry: number;
  readonly cas: bigint;
  readonly seqno: bigint;
  /** Counts the document's mutations; a document that comes back goes on from its tombstone. */
  readonly revision: bigint;
  /** Extended attributes: name to JSON text. */
  readonly xattrs: ReadonlyMap<string, string>;
  /** A tombstone: only system attributes are left. */
  readonly deleted: boolean;
}

/** What a vbucket knows beside its documents. */
export interface Marks {
  /** The identity of its history, by which clients tell whether it is still the one they know. */
  readonly uuid: bigint;
  /** The highest that were given out. */
  readonly cas: bigint;
  readonly seqno: bigint;
  /** The highest revision of a tombstone, purged ones included. */
  readonly deletedRevision: bigint;
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
  readonly revision: bigint;
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
    revision INTEGER NOT NULL DEFAULT 1,
    PRIMARY KEY (bucket, collection, key)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS vbuckets (
    bucket TEXT NOT NULL, vbucket INTEGER NOT NULL, uuid INTEGER NOT NULL, cas INTEGER NOT NULL,
    seqno INTEGER NOT NULL, deletedRevision INTEGER NOT NULL, clean INTEGER NOT NULL,
    PRIMARY KEY (bucket, vbucket)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS identities (name TEXT NOT NULL PRIMARY KEY, uuid TEXT NOT NULL) STRICT;
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
  readonly replica: Replica;
  readonly #get: StatementSync;
  readonly #put: StatementSync;
  readonly #keys: StatementSync;
  readonly #vbucketKeys: StatementSync;

  /** @param file path, or `:memory:`. */
  constructor(file: string) {
    this.#database = new DatabaseSync(file);
    this.#database.exec(SCHEMA);
    this.#upgrade();
    this.replica = new Replica(this.#database);
    const place = 'bucket = :bucket AND collection = :collection';
    this.#get = this.#prepare(`SELECT ${COLUMNS}, revision FROM documents WHERE ${place} AND key = :key`);
    const replaced = COLUMNS.split(', ').map((column) => `${column} = excluded.${column}`);
    this.#put = this.#prepare(
      `INSERT INTO documents (bucket, collection, key, vbucket, ${COLUMNS}, revision) VALUES
       (:bucket, :collection, :key, :vbucket, :value, :flags, :expiry, :cas, :seqno, :xattrs, :deleted, :revision)
       ON CONFLICT DO UPDATE SET ${replaced}, revision = documents.revision + 1 RETURNING revision`,
    );
    const keys = `SELECT key FROM documents WHERE ${place} AND ${RANGE} AND ${ALIVE}`;
    this.#keys = this.#prepare(`${keys} ORDER BY key LIMIT :limit`);
    this.#vbucketKeys = this.#prepare(`${keys} AND vbucket = :vbucket ORDER BY key LIMIT :limit`);
  }

  get(bucket: string, collection: string, key: Buffer): Document | undefined {
    const row = this.#get.get({ bucket, collection, key }) as Row | undefined;
    if (row === undefined) return undefined;
    return {
      value: Buffer.from(row.value.buffer, row.value.byteOffset, row.value.byteLength),
      flags: Number(row.flags),
      expiry: Number(row.expiry),
      cas: unsigned(row.cas),
      seqno: row.seqno,
      revision: row.revision,
      xattrs: row.xattrs === '' ? NO_XATTRS : new Map(JSON.parse(row.xattrs) as [string, string][]),
      deleted: row.deleted === 1n,
    };
  }

  /** Stores it, and returns its revision: the one after that of what it replaces, or the given one if there is nothing. */
  put(bucket: string, collection: string, key: Buffer, vbucket: number, document: Document): bigint {
    const { xattrs, deleted, cas } = document;
    const stored = this.#put.get({
      ...{ bucket, collection, key, vbucket },
      ...document,
      cas: BigInt.asIntN(64, cas),
      xattrs: xattrs.size === 0 ? '' : JSON.stringify([...xattrs]),
      deleted: deleted ? 1 : 0,
    });
    return (stored as { revision: bigint }).revision;
  }

  /** Keys of the documents that are there at `now` (seconds since the epoch), of one vbucket if one is named. */
  keys(bucket: string, collection: string, range: KeyRange, now: number, vbucket: number | null): Buffer[] {
    const { after, upTo, limit } = range;
    const parameters = { bucket, collection, after: after ?? FIRST, upTo: upTo ?? LAST, limit, now };
    const rows =
      vbucket === null ? this.#keys.all(parameters) : this.#vbucketKeys.all({ ...parameters, vbucket });
    return rows.map(({ key }) => Buffer.from(key as Uint8Array));
  }

  /** Forgets all tombstones, as the compaction does with old ones. */
  purge(bucket: string): void {
    this.#prepare('DELETE FROM documents WHERE bucket = :bucket AND deleted = 1').run({ bucket });
  }

  /**
   * What is known of each vbucket. The history of one that was not closed gets another identity: nobody can tell
   * whether clients know more of it.
   */
  open(bucket: string, newUuid: () => bigint): Map<number, Marks> {
    const marks = this.#prepare(MARKS).all({ bucket }) as unknown as MarksRow[];
    return new Map(
      marks.map(({ vbucket, uuid, cas, seqno, deletedRevision, clean }) => [
        Number(vbucket),
        { uuid: clean === 1n ? uuid : newUuid(), cas: unsigned(cas), seqno, deletedRevision },
      ]),
    );
  }

  /** Keeps what cannot be told from the documents: not at every mutation, and for the end of the process `clean`. */
  save(bucket: string, marks: readonly Marks[], clean: boolean): void {
    const save = this.#prepare(
      `INSERT OR REPLACE INTO vbuckets (bucket, vbucket, uuid, cas, seqno, deletedRevision, clean)
       VALUES (:bucket, :vbucket, :uuid, :cas, :seqno, :deletedRevision, :clean)`,
    );
    this.atomically(() => {
      for (const [vbucket, { cas, ...rest }] of marks.entries())
        save.run({ bucket, vbucket, ...rest, cas: BigInt.asIntN(64, cas), clean: clean ? 1 : 0 });
    });
  }

  identity(name: string): string | null {
    const row = this.#prepare('SELECT uuid FROM identities WHERE name = :name').get({ name });
    return row === undefined ? null : String(row.uuid);
  }

  identify(name: string, uuid: string): void {
    this.#prepare('INSERT OR REPLACE INTO identities (name, uuid) VALUES (:name, :uuid)').run({ name, uuid });
  }

  /** Raises all sequence numbers of a bucket. */
  renumber(bucket: string, by: bigint): void {
    this.#prepare('UPDATE documents SET seqno = seqno + :by WHERE bucket = :bucket').run({ bucket, by });
  }

  atomically(act: () => void): void {
    this.#database.exec('BEGIN');
    try {
      act();
      this.#database.exec('COMMIT');
    } catch (error) {
      this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  close(): void {
    this.#database.close();
  }

  /** Files of before have no revisions. */
  #upgrade(): void {
    const columns = this.#database.prepare('PRAGMA table_info(documents)').all();
    if (!columns.some(({ name }) => name === 'revision'))
      this.#database.exec('ALTER TABLE documents ADD COLUMN revision INTEGER NOT NULL DEFAULT 1');
  }

  #prepare(text: string): StatementSync {
    const statement = this.#database.prepare(text);
    statement.setReadBigInts(true);
    return statement;
  }
}

interface MarksRow {
  readonly vbucket: bigint;
  readonly uuid: bigint;
  readonly cas: bigint;
  readonly seqno: bigint;
  readonly deletedRevision: bigint;
  readonly clean: bigint;
}

/** The highest of what was saved, and of what the documents tell. */
const MARKS = `
  SELECT vbucket, max(uuid) AS uuid, max(cas) AS cas, max(seqno) AS seqno,
         max(deletedRevision) AS deletedRevision, max(clean) AS clean
  FROM (
    SELECT vbucket, uuid, cas, seqno, deletedRevision, clean FROM vbuckets WHERE bucket = :bucket
    UNION ALL
    SELECT vbucket, 0, cas, seqno, CASE deleted WHEN 1 THEN revision ELSE 0 END, 0
    FROM documents WHERE bucket = :bucket
  ) GROUP BY vbucket`;

const NO_XATTRS: ReadonlyMap<string, string> = new Map();

function unsigned(stored: bigint): bigint {
  return BigInt.asUintN(64, stored);
}
