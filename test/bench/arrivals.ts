/** Clients of `overload.ts`, in a thread of their own. */
import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';

/** `open`: arrivals come at a rate, whatever has become of those before. `closed`: so many clients, each sends the next request after its answer. */
export type Order =
  | { readonly kind: 'open'; readonly name: string; readonly rate: number; readonly seconds: number }
  | { readonly kind: 'closed'; readonly name: string; readonly clients: number; readonly seconds: number };

export interface Outcome {
  /** 0 where there was no answer. */
  readonly status: number;
  /** Who has answered. */
  readonly by: 'function' | 'gateway' | 'nobody';
  readonly took: number;
  readonly key: string;
  /** Of a PUT. */
  readonly body: string;
}

const { url, authorization, patience } = workerData as {
  readonly url: string;
  readonly authorization: string;
  readonly patience: number;
};

/** Milliseconds between two looks at which arrivals are due. */
const TICK = 2;

async function ask(key: string, isPut: boolean): Promise<Outcome> {
  const body = isPut ? JSON.stringify({ key, text: 'x'.repeat(760) }) : '';
  const began = performance.now();
  const ended = (status: number, by: Outcome['by']) => ({
    status,
    by,
    key,
    body,
    took: performance.now() - began,
  });
  try {
    const response = await fetch(`${url}/v1/collections/orders/documents?key=${key}`, {
      ...(isPut ? { method: 'PUT', body } : {}),
      headers: { authorization, 'content-type': 'application/json' },
      signal: AbortSignal.timeout(patience),
    });
    await response.arrayBuffer();
    const isGateway = response.headers.get('content-type') === 'application/json' && response.status >= 400;
    return ended(response.status, isGateway ? 'gateway' : 'function');
  } catch {
    return ended(0, 'nobody');
  }
}

async function open({ name, rate, seconds }: Order & { readonly kind: 'open' }): Promise<Outcome[]> {
  const asked: Promise<Outcome>[] = [];
  const began = performance.now();
  const key = (n: number) => encodeURIComponent(`${name}-${n - (n % 2)}`);
  for (let n = 0; n < rate * seconds; await sleep(TICK))
    for (const due = ((performance.now() - began) * rate) / 1000; n < Math.min(due, rate * seconds); n++)
      asked.push(ask(key(n), n % 2 === 0));
  return Promise.all(asked);
}

async function closed({ name, clients, seconds }: Order & { readonly kind: 'closed' }): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const end = performance.now() + seconds * 1000;
  const client = async (_: unknown, which: number) => {
    for (let n = 0; performance.now() < end; n++)
      outcomes.push(await ask(`${name}-${which}-${n - (n % 2)}`, n % 2 === 0));
  };
  await Promise.all(Array.from({ length: clients }, client));
  return outcomes;
}

parentPort?.on('message', async (order: Order) => {
  parentPort?.postMessage(await (order.kind === 'open' ? open(order) : closed(order)));
});
