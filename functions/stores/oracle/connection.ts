/**
 * One pool of connections per process, which outlives a network that has gone silent. With a silent peer the driver's own
 * time-out, and even closing, can hang for ever; so each call has a watchdog, and so has each session that is opened or
 * given back. When a watchdog barks, the whole pool is abandoned, and the next call opens another.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import oracledb from 'oracledb';
import { OperatorNeeded, StoreUnavailable, type Target } from '../failure.ts';
import { isPooled } from './address.ts';
import { obstacleOf } from './connect_failure.ts';
import { endsSession, failureOf, isRefusedLogin } from './failure.ts';
import { failureOfLogin, LoginHeld, type OracleLogin } from './login.ts';
import type { LoginGate } from './login_gate.ts';
import { poolAttributes, preparationOf, seconds } from './pool_attributes.ts';
import { isPoolTimeout, type Mark, PoolLife } from './pool_life.ts';
import { Sessions } from './sessions.ts';

export interface PoolSettings {
  /** Is asked whenever a pool is opened, so that a password can be changed while functions run. */
  readonly login: () => Promise<OracleLogin>;
  /** Admits logins with a password that may be wrong; none where nobody shares the account. */
  readonly gate?: LoginGate;
  /** Connections at most: as many as calls at the same time. */
  readonly size: number;
  /** Milliseconds for one call. */
  readonly timeout: number;
  /** Milliseconds beyond a call's own time before its watchdog barks: 2,000, on which `lastCall` counts, if not given. */
  readonly grace?: number;
}

const GRACE = 2000;
/** Milliseconds in which a server shows which protocol it speaks. */
const PROBE = 500;
/** The driver has not even told that time is up. */
class Silence extends Error {
  override readonly name = 'Silence';
}

/** LOBs come with their rows, as bytes, and not as locators. */
export const LOBS_AS_BYTES: oracledb.ExecuteOptions = {
  fetchTypeHandler: ({ dbType }: { dbType?: unknown }) =>
    dbType === oracledb.DB_TYPE_BLOB ? { type: oracledb.BUFFER } : undefined,
} as oracledb.ExecuteOptions;

export class OracleConnection {
  readonly #settings: PoolSettings;
  readonly #grace: number;
  readonly #returning = new Set<Promise<void>>();
  #life: PoolLife | null = null;
  #opened = 0;

  constructor(settings: PoolSettings) {
    this.#settings = settings;
    this.#grace = settings.grace ?? GRACE;
  }

  /** Rises with each session that is opened: another database may answer on it. */
  get number(): number {
    return this.#opened;
  }

  /** The name that grants are given to. */
  async user(): Promise<string> {
    return (await this.#settings.login()).user.toUpperCase();
  }

  /**
   * Runs a call on a connection of the pool. Throws the failures of `failure.ts`.
   * @param mutation whether it changes something.
   * @param timeout milliseconds, where it may take longer than other calls.
   */
  async use<R>(
    target: Target,
    mutation: boolean,
    act: (connection: oracledb.Connection) => Promise<R>,
    timeout = this.#settings.timeout,
  ): Promise<R> {
    if (this.#life?.hasSlept()) this.#abandon(this.#life);
    const life = this.#life ?? this.#open();
    if (life.obstacle !== null) throw new OperatorNeeded(target, life.obstacle);
    const start = life.mark();
    let sent = false;
    const call = async () => {
      const pool = await life.pool;
      const connection = await (life.sessions?.connection(pool) ?? pool.getConnection());
      return this.#act(life, connection, async (given) => {
        if (life.preparation !== null) {
          given.callTimeout = this.#timeLeft(start, target, timeout);
          await given.execute(life.preparation);
        }
        given.callTimeout = this.#timeLeft(start, target, timeout);
        sent = true;
        return act(given);
      });
    };
    try {
      return await this.#watched(call(), timeout);
    } catch (error) {
      if (isPoolTimeout(error)) throw await this.#refusal(life, start, target, error);
      if (isRefusedLogin(error) || error instanceof LoginHeld) this.#renew(life);
      if (!(error instanceof Silence)) {
        const obstacle = sent ? null : await obstacleOf(error, life, Math.min(PROBE, this.#grace / 4));
        // The secret may say something else by now.
        if (obstacle !== null && life.meets(obstacle)) this.#renew(life);
        if (obstacle !== null) throw new OperatorNeeded(target, obstacle, error);
        throw failureOfLogin(error, target) ?? failureOf(error, target, mutation && sent);
      }
      this.#abandon(life);
      throw new StoreUnavailable(target, mutation && sent, error);
    }
  }

  async close(): Promise<void> {
    const pool = await this.#life?.pool;
    this.#life = null;
    const grace = () => sleep(this.#grace, undefined, { ref: false });
    // A connection that comes back to a pool which is closed already starts the pool's clock again, for a minute.
    await Promise.race([Promise.all(this.#returning), grace()]);
    await Promise.race([pool?.close(0), grace()]);
  }

  #open(): PoolLife {
    const life = new PoolLife(this.#settings.size, (born) => this.#create(born));
    this.#life = life;
    life.pool.catch(() => this.#forget(life));
    return life;
  }

  async #create(life: PoolLife): Promise<oracledb.Pool> {
    const { login: read, gate, size, timeout } = this.#settings;
    const login = await read();
    const { connectString, version } = login;
    life.login = login;
    if (gate !== undefined && version !== undefined)
      life.sessions = new Sessions({
        ...{ version, gate, patience: timeout, now: Date.now },
        refused: () => this.#renew(life),
      });
    const preparation = preparationOf(login);
    // With such a pool, the next call may get a session that was never told.
    if (isPooled(connectString)) life.preparation = preparation;
    return oracledb.createPool({
      ...poolAttributes(login, size, timeout),
      sessionCallback: (connection, _tag, done) => {
        connection.callTimeout = timeout;
        const prepared = () => {
          life.session = ++this.#opened;
          done();
        };
        this.#watchedIn(life, connection.execute(preparation)).then(prepared, done);
      },
    });
  }

  /** A call that has waited for its session ends before its watchdog barks all the same, or is not sent at all. */
  #timeLeft(start: Mark, target: Target, timeout: number): number {
    const left = Math.floor(timeout + this.#grace * 0.75 - start.age());
    if (left > 0) return Math.min(timeout, left);
    throw new StoreUnavailable(
      target,
      false,
      new Error('a session came too late for the call to end in time'),
    );
  }

  async #act<R>(
    life: PoolLife,
    connection: oracledb.Connection,
    act: (connection: oracledb.Connection) => Promise<R>,
  ): Promise<R> {
    let ended = false;
    life.working++;
    try {
      return await act(connection);
    } catch (error) {
      ended = endsSession(error);
      throw error;
    } finally {
      life.working--;
      life.answers++;
      // Nobody waits: the answer is there, and what hangs in closing may hang for ever.
      const returned = this.#watchedIn(life, connection.close()).catch(() => {});
      this.#returning.add(returned);
      // In Thin mode the driver ignores `drop` (26.0.0), and gives the session out again: the whole pool goes, once what is at work has ended.
      if (ended) this.#abandon(life);
      returned.finally(() => {
        this.#returning.delete(returned);
        life.sessions?.returned();
      });
    }
  }

  /** The failure of a call that got no session. If none is opened in the watchdog's time either, the pool is abandoned. */
  async #refusal(life: PoolLife, start: Mark, target: Target, error: unknown): Promise<Error> {
    const { connectionsOpen } = await life.pool;
    const check = () => {
      if (life.isDeadSince(start, connectionsOpen)) this.#abandon(life);
    };
    setTimeout(check, this.#settings.timeout + this.#grace - start.age()).unref();
    if (life.isSaturatedSince(start, connectionsOpen)) return failureOf(error, target, false);
    const hint =
      'Not all sessions of the pool were at work, but no other could be opened: does Oracle answer logins?';
    return new StoreUnavailable(target, false, new Silence('no session came', { cause: error }), hint);
  }

  #watched<R>(call: Promise<R>, timeout = this.#settings.timeout): Promise<R> {
    return new Promise((resolve, reject) => {
      // A timer, and no AbortController: with that, each call that is answered makes an exception.
      const bark = setTimeout(() => reject(new Silence()), timeout + this.#grace);
      call.then(resolve, reject).finally(() => clearTimeout(bark));
    });
  }

  /** What no caller waits for: its silence is the pool's. */
  async #watchedIn<R>(life: PoolLife, act: Promise<R>): Promise<R> {
    try {
      return await this.#watched(act);
    } catch (error) {
      if (error instanceof Silence) this.#abandon(life);
      throw error;
    }
  }

  /** After a refused login. Sessions that are open are used as long as the secret is what it was. */
  async #renew(life: PoolLife): Promise<void> {
    const open = await life.pool.then(
      ({ connectionsOpen }) => connectionsOpen,
      () => 0,
    );
    const now =
      life.sessions === null || open === 0 ? null : await this.#settings.login().catch(() => life.sessions);
    if (now === null || now?.version !== life.sessions?.version) this.#abandon(life);
  }

  /** What still runs in the pool may end. */
  #abandon(life: PoolLife): void {
    if (!this.#forget(life)) return;
    const drain = seconds(this.#settings.timeout + this.#grace);
    life.pool.then((pool) => pool.close(drain)).catch(() => {});
  }

  #forget(life: PoolLife): boolean {
    if (this.#life !== life) return false;
    this.#life = null;
    return true;
  }
}
