/** One container of a function: a process of its own, behind Lambda's Runtime API. It serves one invocation at a time. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { json } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { shut } from '../listen.ts';

const RUNTIME = fileURLToPath(new URL('./runtime.ts', import.meta.url));

/** Milliseconds in which a function must have started. Lambda grants 10 s; machines for tests are slower than Lambda's. */
const STARTING = 30_000;

export interface ContainerSettings {
  readonly arn: string;
  /** Milliseconds for one invocation. */
  readonly timeout: number;
  readonly environment: Readonly<Record<string, string>>;
  /** Is given each line that the function prints. */
  readonly log: (line: string) => void;
}

/** The function failed, as Lambda would tell its caller. */
export class InvocationFailed extends Error {
  override readonly name = 'InvocationFailed';
  readonly type: string;

  constructor(type: string, message: string) {
    super(message);
    this.type = type;
  }
}

interface Invocation {
  readonly id: string;
  readonly event: string;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: InvocationFailed) => void;
}

export class Container {
  readonly #settings: ContainerSettings;
  readonly #server: Server;
  #child: ChildProcess | null = null;
  #waiting: ServerResponse | null = null;
  #invocation: Invocation | null = null;
  #alive = true;
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
    container.#spawn((container.#server.address() as AddressInfo).port);
    return container;
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** Runs the function. Its time begins when its runtime takes the event. Rejects with `InvocationFailed`. Only one at a time. */
  async invoke(id: string, event: string): Promise<unknown> {
    if (!this.#alive) throw new InvocationFailed('Runtime.ExitError', 'The runtime exited while it started');
    const ran = new Promise((resolve, reject) => {
      this.#invocation = { id, event, resolve, reject };
    });
    this.#timer = setTimeout(() => this.#late('Its start', STARTING), STARTING);
    this.#deliver();
    try {
      return await ran;
    } finally {
      clearTimeout(this.#timer);
    }
  }

  #late(what: string, milliseconds: number): void {
    this.#fail('Sandbox.Timedout', `${what} timed out after ${(milliseconds / 1000).toFixed(2)} seconds`);
    this.kill();
  }

  kill(): void {
    this.#alive = false;
    this.#child?.kill('SIGKILL');
    shut(this.#server);
  }

  #spawn(port: number): void {
    const { environment, log } = this.#settings;
    // Nothing of this process's own environment: a function has what its stack gives it.
    const env = { ...environment, AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${port}` };
    // Nothing is written to it: it is closed when this process ends, however it does, and then the runtime ends too.
    const child = spawn(process.execPath, [RUNTIME], { env, stdio: ['pipe', 'pipe', 'pipe'] });
    child.stdin.on('error', () => {});
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', log);
    child.once('exit', (code, signal) => {
      this.#fail('Runtime.ExitError', `The runtime exited: ${signal ?? `exit status ${code}`}`);
      this.kill();
    });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '').replace('/2018-06-01/runtime/', '');
    if (path === 'invocation/next') {
      this.#waiting = response;
      this.#deliver();
      return;
    }
    const body = (await json(request)) as { errorType: string; errorMessage: string };
    if (path.endsWith('/response')) this.#finish(({ resolve }) => resolve(body));
    else this.#fail(body.errorType, body.errorMessage);
    response.writeHead(202).end('{"status":"OK"}');
  }

  #deliver(): void {
    const [response, invocation] = [this.#waiting, this.#invocation];
    if (response === null || invocation === null) return;
    this.#waiting = null;
    const { timeout } = this.#settings;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#late('Task', timeout), timeout);
    response.writeHead(200, {
      'content-type': 'application/json',
      'lambda-runtime-aws-request-id': invocation.id,
      'lambda-runtime-deadline-ms': String(Date.now() + timeout),
      'lambda-runtime-invoked-function-arn': this.#settings.arn,
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
