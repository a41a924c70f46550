/** Starts an embedded Couchbase server in a process of its own: the driver waits in ways that would starve a shared one. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

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
  /** Ends the process; everything in it is gone. */
  stop(): Promise<void>;
}

export async function startCouchbase(settings: Settings): Promise<Running> {
  const main = fileURLToPath(new URL('./main.ts', import.meta.url));
  const child = spawn(process.execPath, [main, JSON.stringify(settings)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const lines = createInterface({ input: child.stdout });
  const port = await new Promise<number>((resolve, reject) => {
    lines.once('line', (line) => resolve((JSON.parse(line) as { port: number }).port));
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`The embedded Couchbase server ended with code ${code}`)));
  });
  const stop = async () => {
    child.stdin.end();
    await exited;
  };
  // The plain memcached scheme of the driver: bootstrap on this one port, no lookups by DNS.
  return { connectionString: `couchbase://127.0.0.1:${port}`, port, stop };
}
