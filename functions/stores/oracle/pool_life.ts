/** What has been seen of a pool, from which its health is told. The driver itself refuses callers of a dead pool as it refuses those of a busy one. */
import type oracledb from 'oracledb';
import type { OracleLogin } from './login.ts';
import type { Sessions } from './sessions.ts';

/** Where a pool was when a call began. */
export interface Mark {
  /** The session that was opened last; 0 before the first. */
  readonly session: number;
  readonly answers: number;
  /** Milliseconds since then. */
  readonly age: () => number;
}

/**
 * Milliseconds. A NAT gateway and a network load balancer of AWS forget a connection that was idle for 350 s, and a sandbox is frozen between
 * requests for longer than that. (Amazon VPC User Guide, "NAT gateway basics"; "Network Load Balancers", idle timeout.)
 */
const SLEEP = 300_000;

/** Milliseconds for which nobody tries again what only an operator can mend. */
const AGAIN = 1000;

/** Either clock may stand still while the sandbox is frozen. */
const now = () => ({ wall: Date.now(), steady: performance.now() });

export class PoolLife {
  readonly pool: Promise<oracledb.Pool>;
  readonly #size: number;
  /** The number of the session that was opened last, as the connection counts those of all its pools; 0 before the first. */
  session = 0;
  /** What opens its sessions, where a gate admits logins. */
  sessions: Sessions | null = null;
  /** What it was opened with; null before. */
  login: OracleLogin | null = null;
  /** The statement that each call must begin with, since its session may be another one each time; null where sessions stay what they are. */
  preparation: string | null = null;
  /** Calls that have ended so far, with a result or a refusal. */
  answers = 0;
  /** Calls that have a session now. */
  working = 0;

  readonly #born = performance.now();
  #obstacle: { readonly why: string; readonly until: number } | null = null;
  #used = now();

  constructor(size: number, create: (life: PoolLife) => Promise<oracledb.Pool>) {
    this.#size = size;
    this.pool = create(this);
  }

  /** What keeps it from its first session, and was found out just now: nobody need try again yet. */
  get obstacle(): string | null {
    if (this.#obstacle === null || this.session > 0) return null;
    return performance.now() < this.#obstacle.until ? this.#obstacle.why : null;
  }

  /** Only an operator can mend what keeps sessions from being opened. @returns whether what it was opened with is to be read again. */
  meets(why: string): boolean {
    const now = performance.now();
    this.#obstacle = { why, until: now + AGAIN };
    return now - this.#born > AGAIN;
  }

  /** Whether nobody has used it for so long that networks on the way may have forgotten its sessions without a word. */
  hasSlept(): boolean {
    const { wall, steady } = now();
    return Math.max(wall - this.#used.wall, steady - this.#used.steady) > SLEEP;
  }

  mark(): Mark {
    this.#used = now();
    const at = performance.now();
    return { session: this.session, answers: this.answers, age: () => performance.now() - at };
  }

  /** Whether a caller that has waited since then was refused because others had all the sessions. @param open sessions that were there. */
  isSaturatedSince(mark: Mark, open: number): boolean {
    return this.working >= this.#size || (open >= this.#size && this.answers > mark.answers);
  }

  /** Whether no session was opened since then, although there was room for one or nothing else happened either. */
  isDeadSince(mark: Mark, open: number): boolean {
    const stuck = open < this.#size || (this.working < this.#size && this.answers === mark.answers);
    return stuck && this.session === mark.session;
  }
}

/** The pool gave no session within its queue's time. (node-oracledb, "Error messages": NJS-040.) */
export function isPoolTimeout(error: unknown): boolean {
  return (error as { code?: unknown } | null)?.code === 'NJS-040';
}
