/**
 * Sessions of one pool: those that are free are given out as they are, and others are opened one at a time, as the gate admits them. Where it does
 * not, a pool goes on with the sessions that it has.
 */
import type oracledb from 'oracledb';
import { isRefusedLogin } from './failure.ts';
import { LoginHeld, LoginNotTried } from './login.ts';
import type { LoginGate } from './login_gate.ts';

/** Milliseconds after which the driver pings a session before it gives it out, and opens another in its place. (node-oracledb, `poolPingInterval`.) */
const PINGED = 60_000;
/** Its clock is not read at the same moment. */
const MARGIN = 5000;

export interface SessionsProps {
  /** Version of the secret that the pool logs in with. */
  readonly version: string;
  readonly gate: LoginGate;
  /** Milliseconds that a call waits for a session of others, where no login is admitted. */
  readonly patience: number;
  /** Milliseconds on the driver's clock. */
  readonly now: () => number;
  /** Called where no login is admitted: the secret may have a new version. */
  readonly refused: () => void;
}

export class Sessions {
  readonly version: string;
  readonly #props: SessionsProps;
  #turn: Promise<unknown> = Promise.resolve();
  #used = 0;
  #returned = Promise.withResolvers<void>();

  constructor(props: SessionsProps) {
    this.#props = props;
    this.version = props.version;
  }

  /** One by one: where a login is refused, no other one is under way, and those that come after it are held by the gate. */
  async connection(pool: oracledb.Pool): Promise<oracledb.Connection> {
    if (!this.#mayLogIn(pool)) return this.#given(pool);
    const turn = this.#turn.then(() => (this.#mayLogIn(pool) ? this.#opened(pool) : this.#given(pool)));
    this.#turn = turn.catch(() => {});
    return turn;
  }

  /** A session has come back to the pool, or is gone. */
  returned(): void {
    this.#returned.resolve();
    this.#returned = Promise.withResolvers();
  }

  #mayLogIn(pool: oracledb.Pool): boolean {
    if (pool.connectionsInUse >= pool.poolMax) return false;
    return allInUse(pool) || this.#props.now() - this.#used > PINGED - MARGIN;
  }

  async #given(pool: oracledb.Pool): Promise<oracledb.Connection> {
    const connection = await pool.getConnection();
    this.#used = this.#props.now();
    return connection;
  }

  async #opened(pool: oracledb.Pool): Promise<oracledb.Connection> {
    try {
      return await this.#admitted(pool);
    } catch (error) {
      if (!(error instanceof LoginHeld || error instanceof LoginNotTried || isRefusedLogin(error)))
        throw error;
      this.#props.refused();
      await this.#free(pool, error);
      return this.#given(pool);
    }
  }

  async #admitted(pool: oracledb.Pool): Promise<oracledb.Connection> {
    const { accepted, refused, unanswered } = await this.#props.gate.admit(this.version);
    try {
      const connection = await this.#given(pool);
      await accepted();
      return connection;
    } catch (error) {
      await (isRefusedLogin(error) ? refused() : unanswered());
      throw error;
    }
  }

  /** Waits until a session is free. Throws `error` where none is open any more, or all are in use for too long. */
  async #free(pool: oracledb.Pool, error: unknown): Promise<void> {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => late.reject(error), this.#props.patience);
    try {
      while (allInUse(pool)) {
        if (pool.connectionsOpen === 0) throw error;
        await Promise.race([this.#returned.promise, late.promise]);
      }
    } finally {
      clearTimeout(timer);
    }
  }
}

function allInUse({ connectionsInUse, connectionsOpen }: oracledb.Pool): boolean {
  return connectionsInUse >= connectionsOpen;
}
