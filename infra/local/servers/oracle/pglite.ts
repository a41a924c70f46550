/**
 * PostgreSQL in WebAssembly. It has one backend, so transactions of different sessions run one after the other: a
 * session that leaves one open makes all others wait.
 */
import { PGlite } from '@electric-sql/pglite';
import { type Engine, type EngineSession, OID, PRELUDE, type Result, type Value } from './engine.ts';

const asText = (text: string) => text;
/** Everything stays text, but for bytes: those in hexadecimal, which Node reads and writes 20 times as fast as PGlite. */
const PARSERS = {
  ...Object.fromEntries(Object.values(OID).map((oid) => [oid, asText])),
  [OID.bytea]: (text: string) => Buffer.from(text.slice(2), 'hex'),
};
const SERIALIZERS = {
  [OID.bytea]: (bytes: Uint8Array) => `\\x${Buffer.from(bytes).toString('hex')}`,
};

/** @param directory where the data lies; none for memory. */
export async function pglite(directory?: string): Promise<Engine> {
  const database = await PGlite.create(directory === undefined ? {} : { dataDir: directory });
  await database.exec(PRELUDE);
  const turns = new Turns();
  return {
    session: async () => new PGliteSession(database, turns),
    close: () => database.close(),
  };
}

class PGliteSession implements EngineSession {
  readonly #database: PGlite;
  readonly #turns: Turns;
  #release: (() => void) | null = null;

  constructor(database: PGlite, turns: Turns) {
    this.#database = database;
    this.#turns = turns;
  }

  async run(sql: string, parameters: readonly Value[]): Promise<Result> {
    const release = this.#release === null ? await this.#turns.take() : null;
    try {
      const options = { rowMode: 'array', parsers: PARSERS, serializers: SERIALIZERS } as const;
      const result = await this.#database.query<Value[]>(sql, [...parameters], options);
      return {
        fields: result.fields.map(({ name, dataTypeID }) => ({ name, type: dataTypeID })),
        rows: result.rows,
        affected: result.affectedRows ?? 0,
      };
    } finally {
      release?.();
    }
  }

  async begin(): Promise<void> {
    this.#release = await this.#turns.take();
    await this.#database.exec('BEGIN');
  }

  commit(): Promise<void> {
    return this.#end('COMMIT');
  }

  rollback(): Promise<void> {
    return this.#end('ROLLBACK');
  }

  close(): Promise<void> {
    return this.rollback();
  }

  async #end(how: 'COMMIT' | 'ROLLBACK'): Promise<void> {
    if (this.#release === null) return;
    try {
      await this.#database.exec(how);
    } finally {
      this.#release();
      this.#release = null;
    }
  }
}

/** Who may use the one backend: first come, first served. */
class Turns {
  #last: Promise<void> = Promise.resolve();

  async take(): Promise<() => void> {
    const before = this.#last;
    let release = () => {};
    this.#last = new Promise((resolve) => {
      release = resolve;
    });
    await before;
    return release;
  }
}
