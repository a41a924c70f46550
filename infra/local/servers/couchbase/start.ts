/** Starts an embedded Couchbase server in a process of its own: the driver waits in ways that would starve a shared one. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Fault } from './faults.ts';

export interface Settings {
  /** 0 or none: any free port. */
  readonly port?: number;
  /** Names and passwords. */
  readonly users: Readonly<Record<string, string>>;
  /** Per bucket and scope, the names of its collections. */
  readonly buckets: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}

export interface Running {
  readonly connectionString: string;
  readonly port: number;
  /** The next requests of a kind go wrong. */
  fault(fault: Fault): Promise<void>;
  /** Nothing goes wrong on order any more. */
  calm(): Promise<void>;
  /** Ends the process; everything in it is gone. */
  stop(): Promise<void>;
}

export async function startCouchbase(settings: Settings): Promise<Running> {
  const main = fileURLToPath(new URL('./main.ts', import.meta.url));
  const child = spawn(process.execPath, [main, JSON.stringify(settings)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exited = new Promise<void>((resolve, reject) => {
    child.once('exit', () => resolve());
    child.once('error', reject);
  });
  const lines = createInterface({ input: child.stdout });
  const line = () => new Promise<string>((resolve) => lines.once('line', resolve));
  const early = exited.then(() => {
    throw new Error('The embedded Couchbase server has ended before it could be reached');
  });
  const { port } = JSON.parse(await Promise.race([line(), early])) as { port: number };
  early.catch(() => {});
  const order = async (fault: Fault | null) => {
    child.stdin.write(`${JSON.stringify(fault)}\n`);
    await line();
  };
  const stop = async () => {
    child.stdin.end();
    await exited;
  };
  // The plain memcached scheme of the driver: bootstrap on this one port, no lookups by DNS.
  return {
    connectionString: `couchbase://127.0.0.1:${port}`,
    port,
    fault: order,
    calm: () => order(null),
    stop,
  };
}
