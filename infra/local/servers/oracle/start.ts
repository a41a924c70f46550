/** Starts an embedded Oracle server in a process of its own. */
import { fileURLToPath } from 'node:url';
import { startChild } from '../child.ts';
import type { Fault } from './faults.ts';

export interface Settings {
  /** 0 or none: any free port. */
  readonly port?: number;
  readonly service: string;
  /** Names and passwords. All users share one schema. */
  readonly users: Readonly<Record<string, string>>;
  /** Where the data outlives the process. None: it does not. */
  readonly directory?: string;
  /** Transactions truly at the same time, over a PostgreSQL server of its own; nothing outlives the process then. */
  readonly concurrent?: boolean;
  /**
   * As Oracle's parameter COMPATIBLE, whose major number decides what `IS JSON` accepts: below 20, as in every 19c, no scalar at
   * the top level. None: 19.
   */
  readonly compatible?: number;
}

/** What the process is told while it runs: a fault to come, or null for none any more. */
export type Order = Fault | null;

export interface Running {
  readonly connectString: string;
  readonly port: number;
  /** The next calls of a kind go wrong. */
  fault(fault: Fault): Promise<void>;
  /** Nothing goes wrong on order any more. */
  calm(): Promise<void>;
  /** Ends the process; what no directory holds is gone. */
  stop(): Promise<void>;
  /** Ends it as a power cut would. */
  kill(): Promise<void>;
  /** Ends it so, and starts it again at its port. Faults that were ordered are forgotten. */
  restart(): Promise<void>;
}

export async function startOracle(settings: Settings): Promise<Running> {
  const main = fileURLToPath(new URL('./main.ts', import.meta.url));
  const { port, order, stop, kill, restart } = await startChild('Oracle', main, settings);
  return {
    // Large packets: the driver puts a long value together anew with each one that comes.
    connectString: `127.0.0.1:${port}/${settings.service}?sdu=2097152`,
    port,
    fault: (fault) => order(fault),
    calm: () => order(null),
    stop,
    kill,
    restart,
  };
}
