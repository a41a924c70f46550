/** One worker of a deployed function: a thread that runs its handlers, and the requests that they make. */
import { once } from 'node:events';
import { MessageChannel, Worker } from 'node:worker_threads';
import type { Definition } from './definition.ts';
import type { CurlAnswer, CurlRequest, Handled, Started } from './handler.ts';

export class HandlerThread {
  readonly #worker: Worker;
  readonly #definition: Definition;

  constructor(definition: Definition) {
    this.#definition = definition;
    const { port1, port2 } = new MessageChannel();
    const signal = new SharedArrayBuffer(4);
    const answered = new Int32Array(signal);
    const workerData: Started = {
      ...{ code: definition.appcode, bindings: definition.depcfg.curl.map(({ value }) => value) },
      ...{ requests: port2, signal, timeout: definition.settings.execution_timeout * 1000 },
    };
    this.#worker = new Worker(new URL('./handler.ts', import.meta.url), {
      workerData,
      transferList: [port2],
    });
    port1.on('message', async (request: CurlRequest) => {
      port1.postMessage(await this.#requested(request));
      Atomics.add(answered, 0, 1);
      Atomics.notify(answered, 0);
    });
  }

  async handle(entry: 'OnUpdate' | 'OnDelete', given: readonly unknown[]): Promise<Handled> {
    this.#worker.postMessage({ entry, given });
    const [handled] = (await once(this.#worker, 'message')) as [Handled];
    return handled;
  }

  async stop(): Promise<void> {
    await this.#worker.terminate();
  }

  async #requested({ method, binding, request }: CurlRequest): Promise<CurlAnswer> {
    const bound = this.#definition.depcfg.curl.find(({ value }) => value === binding);
    if (bound === undefined) return { failed: `there is no binding ${binding}` };
    const { path = '', headers = {}, body } = request;
    const isJson = body !== undefined && typeof body !== 'string';
    const sent = {
      ...(isJson ? { 'content-type': 'application/json' } : {}),
      ...(bound.auth_type === 'bearer' ? { authorization: `Bearer ${bound.bearer_key}` } : {}),
      ...headers,
    };
    try {
      const response = await fetch(bound.hostname + path, {
        ...{ method, headers: sent, body: isJson ? JSON.stringify(body) : ((body ?? null) as string | null) },
        signal: AbortSignal.timeout(this.#definition.settings.execution_timeout * 1000),
      });
      const text = await response.text();
      const typed = /json/.test(response.headers.get('content-type') ?? '');
      return {
        status: response.status,
        headers: Object.fromEntries(response.headers),
        body: typed && text !== '' ? JSON.parse(text) : text,
      };
    } catch (error) {
      return { failed: String((error as Error).cause ?? error) };
    }
  }
}
