/** A server in a process of its own, which takes orders, one JSON text a line, and says when each is done. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { DONE, GIVEN, type Ports } from './orders.ts';

/** Milliseconds. */
const ENDING = 10_000;

export interface Child extends Ports {
  /** @returns what it has come to. Rejects with the reason where the process cannot do it. */
  order(order: unknown): Promise<unknown>;
  /** Asks the process to end, and waits. */
  stop(): Promise<void>;
  /** Ends it as a power cut would. */
  kill(): Promise<void>;
}

/** One that can be started again, at the same ports. */
export interface Lasting extends Child {
  /** Ends it as a power cut would, and starts it again. */
  restart(): Promise<void>;
}

/**
 * @param main path of the program: it is given its settings as `givenSettings` reads them, and prints its `Ports` once it listens.
 * @param ending milliseconds in which it has ended once it is asked to, or is killed.
 * @param flags of Node.
 */
export async function startChild(
  name: string,
  main: string,
  settings: object,
  ending = ENDING,
  flags: readonly string[] = [],
): Promise<Lasting> {
  const started = [...flags, main];
  let child = await spawned(name, started, settings, ending);
  const { port, tlsPort, again } = child;
  return {
    ...{ port, tlsPort, again },
    order: (order) => child.order(order),
    stop: () => child.stop(),
    kill: () => child.kill(),
    restart: async () => {
      await child.kill();
      child = await spawned(name, started, { ...settings, ...again }, ending);
    },
  };
}

async function spawned(
  name: string,
  started: readonly string[],
  settings: object,
  ending: number,
): Promise<Child> {
  const child = spawn(process.execPath, started, {
    env: { ...process.env, [GIVEN]: JSON.stringify(settings) },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exited = new Promise<void>((resolve, reject) => {
    child.once('exit', () => resolve());
    child.once('error', reject);
  });
  const lines = createInterface({ input: child.stdout });
  const line = () => new Promise<string>((resolve) => lines.once('line', resolve));
  const early = exited.then(() => {
    throw new Error(`The embedded ${name} server has ended before it could be reached`);
  });
  const ended = exited.then(() => {
    throw new Error(`The embedded ${name} server has ended before it had done what it was told`);
  });
  ended.catch(() => {});
  const ports = JSON.parse(await Promise.race([line(), early])) as Ports;
  early.catch(() => {});
  const obeyed = async (order: unknown) => {
    child.stdin.write(`${JSON.stringify(order)}\n`);
    const answer = await Promise.race([line(), ended]);
    if (answer === DONE) return undefined;
    if (answer.startsWith(`${DONE} `)) return JSON.parse(answer.slice(DONE.length)) as unknown;
    throw new Error(`The embedded ${name} server refuses an order: ${answer}`);
  };
  // One after the other: an answer does not say which order it is about.
  let last: Promise<unknown> = Promise.resolve();
  return {
    ...ports,
    order: (order) => {
      const done = last.then(() => obeyed(order));
      last = done.catch(() => {});
      return done;
    },
    stop: async () => {
      child.stdin.end();
      const late = setTimeout(() => child.kill('SIGKILL'), ending);
      await exited.finally(() => clearTimeout(late));
    },
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
