/** A thread that runs the handlers of one Eventing function: to them `curl` waits, so the requests themselves are made by another thread. */
import { createContext, runInContext } from 'node:vm';
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';

export interface Started {
  readonly code: string;
  readonly bindings: readonly string[];
  /** Requests of `curl` go out by it, and their answers come in. */
  readonly requests: MessagePort;
  /** Is counted up when there is an answer. */
  readonly signal: SharedArrayBuffer;
  /** Milliseconds. */
  readonly timeout: number;
}

export interface CurlRequest {
  readonly method: string;
  readonly binding: string;
  readonly request: {
    readonly path?: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: unknown;
  };
}

export type CurlAnswer =
  | { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: unknown }
  | { readonly failed: string };

/** What came of one mutation. */
export interface Handled {
  /** Why the handler has thrown; null where it has not. */
  readonly failed: string | null;
  readonly logged: readonly string[];
}

const { code, bindings, requests, signal, timeout } = workerData as Started;
const METHODS = ['GET', 'POST', 'PUT', 'HEAD', 'DELETE'];
const answered = new Int32Array(signal);
let logged: string[] = [];
let until = 0;

/** Blocks the thread until the answer is there. */
function curl(method: unknown, binding: unknown, request: CurlRequest['request'] = {}): CurlAnswer {
  const name = (binding as { alias?: unknown })?.alias;
  if (!METHODS.includes(method as string) || typeof name !== 'string')
    throw new TypeError('CurlError: method or binding is wrong');
  const left = until - Date.now();
  const before = Atomics.load(answered, 0);
  // What cannot be spelt as JSON cannot be sent.
  requests.postMessage({ method, binding: name, request: JSON.parse(JSON.stringify(request)) });
  if (left <= 0 || Atomics.wait(answered, 0, before, left) === 'timed-out')
    throw new Error('The handler has not ended within its execution_timeout');
  const answer = receiveMessageOnPort(requests)?.message as CurlAnswer;
  if ('failed' in answer) throw new Error(`CurlError: ${answer.failed}`);
  return answer;
}

const log = (...values: unknown[]) =>
  void logged.push(
    values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value))).join(' '),
  );

const context = createContext(
  { curl, log, ...Object.fromEntries(bindings.map((alias) => [alias, Object.freeze({ alias })])) },
  { codeGeneration: { strings: false, wasm: false } },
);
runInContext(code, context);

parentPort?.on('message', ({ entry, given }: { entry: string; given: readonly unknown[] }) => {
  logged = [];
  until = Date.now() + timeout;
  let failed: string | null = null;
  try {
    // Values are those of the other context.
    const call = `typeof ${entry} === 'function' && ${entry}(...JSON.parse(${JSON.stringify(JSON.stringify(given))}))`;
    runInContext(call, context, { timeout });
  } catch (error) {
    failed = String(error);
  }
  parentPort?.postMessage({ failed, logged } satisfies Handled);
});
