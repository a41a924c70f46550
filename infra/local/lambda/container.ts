/** One container of a function: a process of its own, behind Lambda's Runtime API. It serves one invocation at a time. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { buffer } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { LAMBDA } from '../limits.ts';
import { shut } from '../listen.ts';
import { InvocationFailed } from './failure.ts';
import { Freezer } from './frozen.ts';
import { OwnTime } from './own_time.ts';

const RUNTIME = fileURLToPath(new URL('./runtime.ts', import.meta.url));

/** Milliseconds between two looks at how long a start has taken. */
const LOOK = 250;

export interface ContainerSettings {
  readonly arn: string;
  /** Milliseconds for one invocation. */
  readonly timeout: number;
  /** Milliseconds for a start, where it is not Lambda's own limit. */
  readonly start?: number;
  readonly environment: Readonly<Record<string, string>>;
  /** Is given each line that the function prints. */
  readonly log: (line: string) => void;
}

interface Invocation {
  readonly id: string;
  readonly event: string;
  /** The header X-Amzn-Trace-Id of the invocation. */
  readonly trace: string;
  /** Of what was invoked: the function, or an alias of it. */
  readonly arn: string;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: InvocationFailed) => void;
}

/** A process that starts, or has started. */
interface Sandbox {
  readonly child: ChildProcess;
  readonly freezer: Freezer;
  readonly time: OwnTime;
}

export class Container {
  readonly #settings: ContainerSettings;
  readonly #server: Server;
  #sandbox: Sandbox | null = null;
  #waiting: ServerResponse | null = null;
  #invocation: Invocation | null = null;
  #alive = true;
  #hasStarted = false;
  /** Whether the start is the second one, which belongs to an invocation. */
  #startsAgain = false;
  #timer: NodeJS.Timeout | undefined;

  private constructor(settings: ContainerSettings) {
    this.#settings = settings;
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch(() => response.destroy());
    });
  }

  static async start(settings: ContainerSettings): Promise<Container> {
    const container = new Container(settings);
    container.#server.listen(0, '127.0.0.1');
    await once(container.#server, 'listening');
    container.#sandbox = container.#spawn();
    return container;
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** Runs the function. Its time begins when its runtime takes the event. Rejects with `InvocationFailed`. Only one at a time. */
  async invoke(id: string, event: string, trace = '', arn = this.#settings.arn): Promise<unknown> {
    if (!this.#alive) throw new InvocationFailed('Runtime.ExitError', 'The runtime exited while it started');
    const ran = new Promise((resolve, reject) => {
      this.#invocation = { id, event, trace, arn, resolve, reject };
    });
    const { timeout } = this.#settings;
    this.#timer = this.#hasStarted
      ? setTimeout(() => this.#late(timeout), timeout)
      : setInterval(() => this.#isStarting(), LOOK);
    this.#deliver();
    try {
      return await ran;
    } finally {
      clearInterval(this.#timer);
    }
  }

  /** A start that takes too long is done once more, in the time of the invocation that waits for it. */
  #isStarting(): void {
    const spent = this.#sandbox?.time.look() ?? 0;
    const { timeout, start = LAMBDA.start } = this.#settings;
    if (this.#startsAgain && spent > timeout) this.#late(timeout);
    if (!this.#startsAgain && spent > start) this.#startAgain(start);
  }

  #startAgain(start: number): void {
    this.#settings.log(`INIT_REPORT Init Duration: ${start.toFixed(2)} ms Phase: init Status: timeout`);
    this.#startsAgain = true;
    const slow = this.#sandbox?.child;
    this.#sandbox = this.#spawn();
    slow?.kill('SIGKILL');
  }

  #late(milliseconds: number): void {
    this.#fail('Sandbox.Timedout', `Task timed out after ${(milliseconds / 1000).toFixed(2)} seconds`);
    this.kill();
  }

  /** Stops the process in the middle of its invocation, as a host that stalls. @returns false where it has none under way. */
  stall(): boolean {
    if (!this.#alive || this.#invocation === null || this.#waiting !== null || !this.#hasStarted)
      return false;
    this.#sandbox?.freezer.freeze();
    return true;
  }

  /** Lets a process go on that was stalled, unless its invocation has timed out meanwhile. */
  goOn(): void {
    this.#sandbox?.freezer.thaw();
  }

  kill(): void {
    this.#alive = false;
    this.#sandbox?.child.kill('SIGKILL');
    shut(this.#server);
  }

  #spawn(): Sandbox {
    const { environment, log } = this.#settings;
    const { port } = this.#server.address() as AddressInfo;
    // Nothing of this process's own environment: a function has what its stack gives it.
    const env = { ...environment, AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${port}` };
    // Nothing is written to it: it is closed when this process ends, however it does, and then the runtime ends too.
    const child = spawn(process.execPath, [RUNTIME], { env, stdio: ['pipe', 'pipe', 'pipe'] });
    child.stdin.on('error', () => {});
    for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', log);
    child.once('exit', (code, signal) => {
      if (this.#sandbox?.child !== child) return;
      this.#fail('Runtime.ExitError', `The runtime exited: ${signal ?? `exit status ${code}`}`);
      this.kill();
    });
    return { child, freezer: new Freezer(child), time: new OwnTime(child.pid ?? 0) };
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '').replace('/2018-06-01/runtime/', '');
    if (path === 'invocation/next') {
      this.#waiting = response;
      this.#hasStarted = true;
      if (this.#invocation === null) this.#sandbox?.freezer.freeze();
      this.#deliver();
      return;
    }
    const body = await buffer(request);
    if (body.length > LAMBDA.result) {
      this.#fail(
        'Function.ResponseSizeTooLarge',
        `Response payload size exceeded maximum allowed payload size (${LAMBDA.result} bytes).`,
      );
      response.writeHead(413).end('{"errorType":"RequestEntityTooLarge"}');
      return;
    }
    const told = JSON.parse(body.toString('utf8')) as { errorType: string; errorMessage: string };
    if (path.endsWith('/response')) this.#finish(({ resolve }) => resolve(told));
    else this.#fail(told.errorType, told.errorMessage);
    response.writeHead(202).end('{"status":"OK"}');
  }

  #deliver(): void {
    const [response, invocation] = [this.#waiting, this.#invocation];
    if (response === null || invocation === null) return;
    this.#waiting = null;
    this.#sandbox?.freezer.thaw();
    const { timeout } = this.#settings;
    // A second start was in the time of the invocation.
    const left = this.#startsAgain ? timeout - (this.#sandbox?.time.look() ?? 0) : timeout;
    this.#startsAgain = false;
    clearInterval(this.#timer);
    this.#timer = setTimeout(() => this.#late(timeout), left);
    response.writeHead(200, {
      'content-type': 'application/json',
      'lambda-runtime-aws-request-id': invocation.id,
      'lambda-runtime-deadline-ms': String(Math.round(Date.now() + left)),
      'lambda-runtime-invoked-function-arn': invocation.arn,
      'lambda-runtime-trace-id': invocation.trace,
    });
    response.end(invocation.event);
  }

  #fail(type: string, message: string): void {
    this.#finish(({ reject }) => reject(new InvocationFailed(type, message)));
  }

  #finish(how: (invocation: Invocation) => void): void {
    const invocation = this.#invocation;
    this.#invocation = null;
    if (invocation !== null) how(invocation);
  }
}
