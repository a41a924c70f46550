/** Starts an embedded Oracle server in a process of its own. */
import { fileURLToPath } from 'node:url';
import { startChild } from '../child.ts';
import type { TlsSettings } from '../tls/settings.ts';
import type { Fault } from './faults.ts';
import type { ViewName, ViewRow } from './known_views.ts';
import type { ReleaseName } from './releases.ts';
import type { Privilege } from './sessions.ts';

export interface Settings {
  /** 0 or none: any free port. */
  readonly port?: number;
  readonly service: string;
  /** Names and passwords. All users share one schema, unless grants are enforced. */
  readonly users: Readonly<Record<string, string>>;
  /** The user `embedded`, who must be one of them, owns all tables; the others see and do what they are granted, and nothing else. */
  readonly grants?: boolean;
  /** Where the data outlives the process. None: it does not. */
  readonly directory?: string;
  /** Transactions truly at the same time, over a PostgreSQL server of its own; nothing outlives the process then. */
  readonly concurrent?: boolean;
  /** Which release of Oracle Database it is like: see `releases.ts`. None: 19c. */
  readonly release?: ReleaseName;
  /** Refused logins in a row that lock an account. None: 10, as in Oracle's DEFAULT profile. */
  readonly failedLoginAttempts?: number;
  /** The listener speaks TCPS, too, on a port of its own. */
  readonly tls?: TlsSettings;
}

/** What the process is told while it runs, one JSON text a line. */
export type Order =
  | { readonly kind: 'fault'; readonly fault: Fault }
  | { readonly kind: 'calm' }
  | { readonly kind: 'struck'; readonly name: string | null }
  | { readonly kind: 'restorePoint' }
  | { readonly kind: 'clock'; readonly milliseconds: number }
  | { readonly kind: 'fallBack'; readonly resetLogs: boolean; readonly away: number }
  | { readonly kind: 'release'; readonly name: ReleaseName }
  | { readonly kind: 'view'; readonly name: ViewName; readonly rows: readonly ViewRow[] | null }
  | {
      readonly kind: 'password';
      readonly user: string;
      readonly password: string;
      readonly rollover: boolean;
    }
  | { readonly kind: 'allow'; readonly user: string; readonly privileges: readonly Privilege[] }
  | { readonly kind: 'refused' }
  | { readonly kind: 'unlock'; readonly user: string };

export interface Fallback {
  /**
   * Whether the database is opened with RESETLOGS, and so is another incarnation: after a flashback, or a failover to a standby that
   * lacks commits. True if not given; false for a disk that came back as an older copy, which nothing in the database tells.
   */
  readonly resetLogs?: boolean;
  /** Milliseconds for which the listener refuses with ORA-12514 after it, beside the time that it takes. 0 if not given. */
  readonly away?: number;
}

export interface Running {
  readonly connectString: string;
  readonly port: number;
  /** The port with TLS, and how to reach it: null where the listener speaks none. */
  readonly secure: { readonly port: number; readonly connectString: string } | null;
  /** The next calls of a kind go wrong. */
  fault(fault: Fault): Promise<void>;
  /** The database's clock is so many milliseconds ahead of this machine's, or with a negative number behind. Forgotten when it starts again. */
  jump(milliseconds: number): Promise<void>;
  /** The database can come back to its present state, from now on, and to no earlier one. Forgotten when it starts again. */
  restorePoint(): Promise<void>;
  /**
   * All tables are what they were at the restore point: what was committed since is lost. Clients lose their connections. Refused
   * where tables of that time have been altered or dropped.
   */
  fallBack(fallback?: Fallback): Promise<void>;
  /**
   * From now on a view of the data dictionary has these rows, and all users may read it; null, as at the start, where none may. It stays with
   * the directory, but for the views that every user may read: those are as at the start again.
   */
  show(view: ViewName, rows: readonly ViewRow[] | null): Promise<void>;
  /** From now on it is like another release, for clients that connect after it; of a real database an upgrade, or the way back. */
  release(name: ReleaseName): Promise<void>;
  /**
   * Changes a password, and leaves sessions alone, as Oracle does. With `rollover` the one before is accepted, too, as within PASSWORD_ROLLOVER_TIME.
   * Forgotten when the server starts again, as are refused logins.
   */
  changePassword(user: string, password: string, rollover?: boolean): Promise<void>;
  /** From now on a user has these privileges about the sessions of all users, and no others. Forgotten when the server starts again. */
  allow(user: string, privileges: readonly Privilege[]): Promise<void>;
  /** What users were refused for want of a grant since this was asked the last time, as `APP: INSERT ON ORDERS`. */
  refused(): Promise<readonly string[]>;
  /** Opens an account that refused logins have locked. */
  unlock(user: string): Promise<void>;
  /** Nothing goes wrong on order any more. */
  calm(): Promise<void>;
  /**
   * How many requests each fault with a name has struck since this was asked the last time; of one name alone where it is given. Forgotten
   * when the server starts again.
   */
  struck(name?: string | null): Promise<Readonly<Record<string, number>>>;
  /** Ends the process; what no directory holds is gone. */
  stop(): Promise<void>;
  /** Ends it as a power cut would. */
  kill(): Promise<void>;
  /** Ends it so, and starts it again at its port. Faults that were ordered are forgotten. */
  restart(): Promise<void>;
}

/**
 * To compile WebAssembly's busiest functions a second time, for speed, takes more processor time than it saves in the minutes that a database
 * in memory lasts.
 */
const SHORT_LIVED = ['--liftoff-only'];

export async function startOracle(settings: Settings): Promise<Running> {
  const main = fileURLToPath(new URL('./main.ts', import.meta.url));
  const inMemory = settings.concurrent !== true && settings.directory === undefined;
  const child = await startChild('Oracle', main, settings, undefined, inMemory ? SHORT_LIVED : []);
  const { port, tlsPort, stop, kill, restart } = child;
  const order = async (told: Order) => void (await child.order(told));
  // Large packets: the driver puts a long value together anew with each one that comes.
  const at = (place: number) => `127.0.0.1:${place}/${settings.service}?sdu=2097152`;
  return {
    ...{ connectString: at(port), port },
    secure: tlsPort === null ? null : { port: tlsPort, connectString: `tcps://${at(tlsPort)}` },
    fault: (fault) => order({ kind: 'fault', fault }),
    jump: (milliseconds) => order({ kind: 'clock', milliseconds }),
    restorePoint: () => order({ kind: 'restorePoint' }),
    fallBack: ({ resetLogs = true, away = 0 } = {}) => order({ kind: 'fallBack', resetLogs, away }),
    show: (name, rows) => order({ kind: 'view', name, rows }),
    release: (name) => order({ kind: 'release', name }),
    changePassword: (user, password, rollover = false) =>
      order({ kind: 'password', user, password, rollover }),
    allow: (user, privileges) => order({ kind: 'allow', user, privileges }),
    refused: async () => (await child.order({ kind: 'refused' } satisfies Order)) as readonly string[],
    unlock: (user) => order({ kind: 'unlock', user }),
    calm: () => order({ kind: 'calm' }),
    struck: async (name = null) =>
      (await child.order({ kind: 'struck', name } satisfies Order)) as Record<string, number>,
    stop,
    kill,
    restart,
  };
}
