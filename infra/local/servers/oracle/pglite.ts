/**
 * PostgreSQL in WebAssembly. It has one backend, so transactions of different sessions run one after the other: a
 * session that leaves one open makes all others wait.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { messages, PGlite, protocol } from '@electric-sql/pglite';
import { type Engine, type EngineSession, fromText, PRELUDE, type Result, type Value } from './engine.ts';
import { Parsed } from './parsed.ts';
import { inMemory } from './snapshot.ts';
import { type Turn, Turns } from './turns.ts';

const { serialize } = protocol;

/** @param directory where the data lies; none for memory. */
export async function pglite(directory?: string): Promise<Engine> {
  const database = directory === undefined ? await inMemory() : await inDirectory(directory);
  const [turns, parsed] = [new Turns(), new Parsed()];
  return {
    // Somebody works with what lies in a directory: there a lock is said to be none, and a test in memory may wait for it.
    session: async () => new PGliteSession(database, turns, parsed, directory !== undefined),
    close: () => database.close(),
  };
}

/** A new one is a copy of one in memory: `initdb` takes several times as long. */
async function inDirectory(directory: string): Promise<PGlite> {
  if (!existsSync(join(directory, 'PG_VERSION'))) {
    const memory = await inMemory();
    const loadDataDir = await memory.dumpDataDir('none');
    await memory.close();
    return PGlite.create({ dataDir: directory, loadDataDir });
  }
  const database = await PGlite.create({ dataDir: directory });
  await database.exec(PRELUDE);
  return database;
}

class PGliteSession implements EngineSession {
  readonly #database: PGlite;
  readonly #turns: Turns;
  readonly #parsed: Parsed;
  readonly refusesLocks: boolean;
  #release: (() => void) | null = null;
  #turn: Turn | null = null;

  constructor(database: PGlite, turns: Turns, parsed: Parsed, refusesLocks: boolean) {
    this.refusesLocks = refusesLocks;
    this.#database = database;
    this.#turns = turns;
    this.#parsed = parsed;
  }

  async run(sql: string, parameters: readonly Value[]): Promise<Result> {
    const release = this.#release === null ? await this.#take() : null;
    try {
      return await this.#ask(sql, parameters);
    } finally {
      release?.();
    }
  }

  /** All of a statement in one message: PGlite's own `query` goes into WebAssembly five times, and parses it anew. */
  async #ask(sql: string, parameters: readonly Value[]): Promise<Result> {
    const { name, known } = this.#parsed.nameOf(sql, parameters.length > 0);
    const asked = [
      ...(known ? [] : [serialize.parse({ name, text: sql, types: [] })]),
      serialize.bind({ portal: '', statement: name, values: [...parameters] }),
      serialize.describe({ type: 'P' }),
      serialize.execute({}),
      serialize.sync(),
    ];
    try {
      const answer = await this.#database.execProtocol(Buffer.concat(asked));
      return resultIn(answer.messages);
    } catch (error) {
      // Perhaps it could not even be parsed.
      if (!known) this.#parsed.forget(sql);
      throw error;
    }
  }

  async begin(): Promise<void> {
    this.#release = await this.#take();
    await this.#database.exec('BEGIN');
  }

  commit(): Promise<void> {
    return this.#end('COMMIT');
  }

  rollback(): Promise<void> {
    return this.#end('ROLLBACK');
  }

  /** What runs in WebAssembly cannot be broken off. */
  cancel(): void {
    this.#turn?.leave();
  }

  close(): Promise<void> {
    return this.rollback();
  }

  #take(): Promise<() => void> {
    this.#turn = this.#turns.take();
    return this.#turn.come;
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

function resultIn(answer: readonly { readonly name: string }[]): Result {
  let fields: Result['fields'] = [];
  let affected = 0;
  const rows: Value[][] = [];
  for (const message of answer)
    if (message instanceof messages.RowDescriptionMessage)
      fields = message.fields.map(({ name, dataTypeID }) => ({ name, type: dataTypeID }));
    else if (message instanceof messages.DataRowMessage)
      rows.push(
        message.fields.map((text, column) => (text === null ? null : fromText(text, fields[column]?.type))),
      );
    else if (message instanceof messages.CommandCompleteMessage)
      affected = Number(/^(?:INSERT \d+|UPDATE|DELETE|MERGE) (\d+)$/.exec(message.text)?.[1] ?? 0);
  return { fields, rows, affected };
}
