/**
 * Simulates in a thread of its own: the runner of tests follows every promise of its own thread, and a schedule makes millions. A
 * schedule takes half of the time here.
 */
import { once } from 'node:events';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import type { Calm } from './scheduler.ts';
import { type Bug, type Outcome, simulate } from './system.ts';

interface Asked {
  readonly seed: number;
  readonly bug: Bug;
  readonly calm: readonly Calm[];
}

export class Apart {
  readonly #thread = new Worker(new URL(import.meta.url));

  /** One at a time. */
  readonly simulate = async (seed: number, bug: Bug = {}, calm: readonly Calm[] = []): Promise<Outcome> => {
    this.#thread.postMessage({ seed, bug, calm } satisfies Asked);
    const [outcome] = await once(this.#thread, 'message');
    return outcome;
  };

  async end(): Promise<void> {
    await this.#thread.terminate();
  }
}

if (!isMainThread) {
  // Throttled readers and stores that are away are what a schedule is made of: nobody looks at their stacks.
  Error.stackTraceLimit = 0;
  parentPort?.on('message', async ({ seed, bug, calm }: Asked) => {
    parentPort?.postMessage(await simulate(seed, bug, calm));
  });
}
