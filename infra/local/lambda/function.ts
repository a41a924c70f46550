/** A function of the template: as many containers as it may have, started when they are needed. */
import { randomUUID } from 'node:crypto';
import { LAMBDA } from '../limits.ts';
import type { Pool } from './concurrency.ts';
import { Container, type ContainerSettings } from './container.ts';
import { Refused } from './failure.ts';
import { invoked } from './lineage.ts';

export interface FunctionSettings extends ContainerSettings {
  readonly name: string;
  /** Containers on this machine at most: an invocation waits for one, where in AWS there would be more. */
  readonly concurrency: number;
  /** The invocations that it may have at the same time in AWS. */
  readonly pool: Pool;
  /** Whether it may invoke itself through a queue more often than Lambda allows otherwise. */
  readonly loops: boolean;
}

export class LocalFunction {
  readonly settings: FunctionSettings;
  readonly #idle: Container[] = [];
  readonly #all = new Set<Container>();
  readonly #queue: ((container: Container | null) => void)[] = [];
  #starting = 0;
  #stopped = false;

  constructor(settings: FunctionSettings) {
    this.settings = settings;
  }

  /**
   * Runs the function on an event. Waits for a container where all of this machine are busy. Rejects with `InvocationFailed`, and with
   * `Refused` where Lambda would not run it.
   * @param trace the header X-Amzn-Trace-Id of what has led to the invocation. @param alias the ARN of the alias that is invoked, where it is one.
   */
  async invoke(event: unknown, trace?: string, alias?: string): Promise<unknown> {
    const { arn, loops, pool } = this.settings;
    const text = JSON.stringify(event);
    if (Buffer.byteLength(text) > LAMBDA.event)
      throw new Refused(
        'RequestTooLargeException',
        `Request must be smaller than ${LAMBDA.event} bytes for the InvokeFunction operation`,
      );
    const { header, count } = invoked(trace, arn);
    if (!loops && count > LAMBDA.chain)
      throw new Refused(
        'RecursiveInvocationException',
        `The function was invoked ${count - 1} times in one chain`,
      );
    const giveBack = pool.take();
    try {
      return await this.#run(text, header, alias ?? arn);
    } finally {
      giveBack();
    }
  }

  async #run(event: string, trace: string, arn: string): Promise<unknown> {
    const container = await this.#take();
    try {
      return await container.invoke(randomUUID(), event, trace, arn);
    } finally {
      this.#release(container);
    }
  }

  /** Ends every container, also in the middle of its work. */
  stop(): void {
    this.#stopped = true;
    for (const container of this.#all) container.kill();
    this.#all.clear();
  }

  /** Ends every container, as a failure of its machine would; invocations fail, and the next ones start new containers. */
  kill(): void {
    for (const container of this.#all) container.kill();
  }

  /** Stops each process that has an invocation under way. @returns how many there are, and what lets them go on. */
  stall(): { readonly stalled: number; readonly goOn: () => void } {
    const stalled = [...this.#all].filter((container) => container.stall());
    return {
      stalled: stalled.length,
      goOn: () => {
        for (const container of stalled) container.goOn();
      },
    };
  }

  /** Ends the containers that wait, as Lambda does whenever it likes: the next invocation starts a new one. */
  recycle(): void {
    for (const container of this.#idle.splice(0)) this.#forget(container);
  }

  async #take(): Promise<Container> {
    for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop())
      if (idle.alive) return idle;
      else this.#all.delete(idle);
    if (this.#all.size + this.#starting < this.settings.concurrency) return this.#start();
    const given = await new Promise<Container | null>((resolve) => this.#queue.push(resolve));
    return given ?? this.#take();
  }

  async #start(): Promise<Container> {
    if (this.#stopped) throw new Error(`${this.settings.name} has been stopped`);
    this.#starting++;
    try {
      const container = await Container.start(this.settings);
      this.#all.add(container);
      return container;
    } finally {
      this.#starting--;
    }
  }

  #release(container: Container): void {
    if (!container.alive) this.#forget(container);
    const next = this.#queue.shift();
    if (next !== undefined) next(container.alive ? container : null);
    else if (container.alive) this.#idle.push(container);
  }

  #forget(container: Container): void {
    this.#all.delete(container);
    container.kill();
  }
}
