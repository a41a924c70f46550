/**
 * One pool of connections per process, which outlives a network that has gone silent. With a silent peer the driver's own
 * time-out, and even closing, can hang for ever; so each call has a watchdog, and when it barks the whole pool is
 * abandoned, and the next call opens another.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import oracledb from 'oracledb';
import { StoreUnavailable, type Target } from '../failure.ts';
import { classOf, failureOf, isRefusedLogin } from './failure.ts';

/** Where the database is, and who logs in. */
export interface OracleLogin {
  readonly connectString: string;
  readonly user: string;
  readonly password: string;
  /** Who owns the tables, if not the user. */
  readonly schema?: string | undefined;
}

export interface PoolSettings {
  /** Is asked whenever a pool is opened, so that a password can be changed while functions run. */
  readonly login: () => Promise<OracleLogin>;
  /** Connections at most: as many as calls at the same time. */
  readonly size: number;
  /** Milliseconds for one call. */
  readonly timeout: number;
}

/** What the driver is given beyond a call's own time before nobody waits for it any more. */
const GRACE = 2000;
/** The driver has not even told that time is up. */
class Silence extends Error {
  override readonly name = 'Silence';
}

const SESSION = "ALTER SESSION SET NLS_COMP = 'BINARY' NLS_SORT = 'BINARY' NLS_NUMERIC_CHARACTERS = '.,'";

/** LOBs come with their rows, as bytes, and not as locators. */
export const LOBS_AS_BYTES: oracledb.ExecuteOptions = {
  fetchTypeHandler: ({ dbType }: { dbType?: unknown }) =>
    dbType === oracledb.DB_TYPE_BLOB ? { type: oracledb.BUFFER } : undefined,
} as oracledb.ExecuteOptions;

export class OracleConnection {
  readonly #settings: PoolSettings;
  readonly #returning = new Set<Promise<void>>();
  #pool: Promise<oracledb.Pool> | null = null;

  constructor(settings: PoolSettings) {
    this.#settings = settings;
  }

  /** Runs a call on a connection of the pool. Throws the failures of `failure.ts`. @param mutation whether it changes something. */
  async use<R>(
    target: Target,
    mutation: boolean,
    act: (connection: oracledb.Connection) => Promise<R>,
  ): Promise<R> {
    const opening = this.#pool ?? this.#open();
    let sent = false;
    const call = async () => {
      const connection = await (await opening).getConnection();
      sent = true;
      return this.#act(connection, act);
    };
    try {
      return await this.#watched(call());
    } catch (error) {
      if (isRefusedLogin(error)) this.#abandon(opening);
      if (!(error instanceof Silence)) throw failureOf(error, target, mutation && sent);
      this.#abandon(opening);
      throw new StoreUnavailable(target, mutation && sent, error);
    }
  }

  async close(): Promise<void> {
    const pool = await this.#pool;
    this.#pool = null;
    // A connection that comes back to a pool which is closed already starts the pool's clock again, for a minute.
    await Promise.race([Promise.all(this.#returning), sleep(GRACE, undefined, { ref: false })]);
    await pool?.close(0);
  }

  #open(): Promise<oracledb.Pool> {
    const opening = this.#create();
    this.#pool = opening;
    opening.catch(() => this.#forget(opening));
    return opening;
  }

  async #create(): Promise<oracledb.Pool> {
    const { login, size, timeout } = this.#settings;
    const { connectString, user, password, schema } = await login();
    const session = schema === undefined ? SESSION : `${SESSION} CURRENT_SCHEMA = ${schema}`;
    return oracledb.createPool({
      ...{ connectString, user, password },
      ...{ poolMin: 0, poolMax: size, poolIncrement: 1, queueTimeout: timeout },
      ...{ connectTimeout: Math.ceil(timeout / 1000), transportConnectTimeout: Math.ceil(timeout / 1000) },
      expireTime: 1,
      sessionCallback: (connection, _tag, done) => {
        connection.execute(session).then(() => done(), done);
      },
    });
  }

  async #act<R>(
    connection: oracledb.Connection,
    act: (connection: oracledb.Connection) => Promise<R>,
  ): Promise<R> {
    connection.callTimeout = this.#settings.timeout;
    let lost = false;
    try {
      return await act(connection);
    } catch (error) {
      lost = classOf(error) === 'lost';
      throw error;
    } finally {
      // Nobody waits: the answer is there, and what hangs in closing may hang for ever.
      const returned = connection.close({ drop: lost }).catch(() => {});
      this.#returning.add(returned);
      returned.finally(() => this.#returning.delete(returned));
    }
  }

  #watched<R>(call: Promise<R>): Promise<R> {
    return new Promise((resolve, reject) => {
      // A timer, and no AbortController: with that, each call that is answered makes an exception.
      const bark = setTimeout(() => reject(new Silence()), this.#settings.timeout + GRACE);
      call.then(resolve, reject).finally(() => clearTimeout(bark));
    });
  }

  #abandon(opening: Promise<oracledb.Pool>): void {
    this.#forget(opening);
    opening.then((pool) => pool.close(0)).catch(() => {});
  }

  #forget(opening: Promise<oracledb.Pool>): void {
    if (this.#pool === opening) this.#pool = null;
  }
}
