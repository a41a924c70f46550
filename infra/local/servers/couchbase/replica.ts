/**
 * What the replicas hold while they lag behind: for each document that was mutated since, its state at that time. Whatever
 * has no row here is the same on all nodes.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS replica (
    bucket TEXT NOT NULL, collection TEXT NOT NULL, key BLOB NOT NULL, vbucket INTEGER NOT NULL,
    value BLOB NOT NULL, flags INTEGER NOT NULL, expiry INTEGER NOT NULL,
    cas INTEGER NOT NULL, seqno INTEGER NOT NULL, xattrs TEXT NOT NULL, deleted INTEGER NOT NULL,
    revision INTEGER NOT NULL, known INTEGER NOT NULL,
    PRIMARY KEY (bucket, collection, key)
  ) STRICT;
  CREATE INDEX IF NOT EXISTS replica_by_vbucket ON replica (bucket, vbucket);
`;
const COLUMNS =
  'bucket, collection, key, vbucket, value, flags, expiry, cas, seqno, xattrs, deleted, revision';

export class Replica {
  readonly #database: DatabaseSync;
  readonly #remember: StatementSync;
  readonly #forget: StatementSync;

  /** A process that starts finds its replicas up to date. */
  constructor(database: DatabaseSync) {
    this.#database = database;
    database.exec(SCHEMA);
    database.exec('DELETE FROM replica');
    // The second row stands for a document that was not known; it is ignored where the first was there to insert.
    this.#remember = database.prepare(
      `INSERT OR IGNORE INTO replica (${COLUMNS}, known)
       SELECT ${COLUMNS}, 1 FROM documents WHERE bucket = :bucket AND collection = :collection AND key = :key
       UNION ALL SELECT :bucket, :collection, :key, :vbucket, x'', 0, 0, 0, 0, '', 0, 0, 0`,
    );
    this.#forget = database.prepare('DELETE FROM replica WHERE bucket = :bucket AND vbucket = :vbucket');
  }

  /** To be called before a mutation of which the replicas do not hear. */
  remember(bucket: string, collection: string, key: Buffer, vbucket: number): void {
    this.#remember.run({ bucket, collection, key, vbucket });
  }

  /** The replicas of a vbucket have caught up. */
  forget(bucket: string, vbucket: number): void {
    this.#forget.run({ bucket, vbucket });
  }

  /** The documents of a vbucket are what its replicas hold. */
  promote(bucket: string, vbucket: number): void {
    const these = 'bucket = :bucket AND vbucket = :vbucket';
    const changed = `SELECT collection, key FROM replica WHERE ${these}`;
    for (const text of [
      `DELETE FROM documents WHERE ${these} AND (collection, key) IN (${changed})`,
      `INSERT INTO documents (${COLUMNS}) SELECT ${COLUMNS} FROM replica WHERE ${these} AND known = 1`,
      `DELETE FROM replica WHERE ${these}`,
    ])
      this.#database.prepare(text).run({ bucket, vbucket });
  }
}
