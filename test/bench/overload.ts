/**
 * More requests than the containers can do: the stack of this machine, with few containers, is offered half of what it takes up to three times as much.
 * Arrivals do not wait for answers, as those of many clients do not. PUT and GET in turns, in expand. Each write that was accepted is read back.
 */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { phaseOf } from '../../functions/phases/parameters.ts';
import { startLocal } from '../../infra/local/start.ts';
import { checkSettings } from '../../infra/settings.ts';
import { throttlingOf } from '../../infra/throttling_settings.ts';
import config from '../shop.config.ts';
import type { Order, Outcome } from './arrivals.ts';
import { sideOf, tell } from './rounds.ts';

/** Containers of the API, seconds of each measurement, and milliseconds that a client waits for an answer. */
const [CONTAINERS, SECONDS, PATIENCE] = [3, 6, 30_000];
const LOADS = [0.5, 1, 1.5, 2, 3];
/** Accepted writes that are read back after each measurement. */
const READ_BACK = 100;

const concurrency = { ...config.deployment.concurrency, api: CONTAINERS };
const settings = checkSettings(
  { ...config, shadowReads: 0, deployment: { ...config.deployment, concurrency } },
  'bench',
);
const local = await startLocal({
  ...{ settings, data: null, port: 0, containers: CONTAINERS, rules: false },
  log: (source, line) => {
    if (process.env.BENCH_LOG !== undefined) console.error(source, line);
  },
});
const since = Date.now() - 60_000;
const expand = JSON.stringify({ phase: 'expand', since, by: 'bench' });
const change = { Name: phaseOf('/crossfade', 'orders'), Value: expand, Overwrite: true };
local.parameters.callAt(since - 60_000, 'PutParameter', change, 'bench');

const { url } = local.deployment.gateway;
const authorization = `Bearer ${await local.deployment.gateway.token('bench')}`;
// Arrivals are on time, however busy the gateway is.
const clients = new Worker(fileURLToPath(new URL('./arrivals.ts', import.meta.url)), {
  workerData: { url, authorization, patience: PATIENCE },
});

async function offer(order: Order): Promise<Outcome[]> {
  clients.postMessage(order);
  const [outcomes] = (await once(clients, 'message')) as [Outcome[]];
  return outcomes;
}

const at = (all: readonly number[], share: number) =>
  [...all].sort((x, y) => x - y)[Math.floor(all.length * share)] ?? Number.NaN;
const isAccepted = ({ status }: Outcome) => status === 200 || status === 204 || status === 404;
const times = (outcomes: readonly Outcome[]) => outcomes.map(({ took }) => took);

/** Throws where an accepted write is not there. */
async function readBack(outcomes: readonly Outcome[]): Promise<void> {
  const written = outcomes.filter(({ status }) => status === 204);
  const step = Math.max(1, Math.floor(written.length / READ_BACK));
  for (const { key, body } of written.filter((_, n) => n % step === 0)) {
    const response = await fetch(`${url}/v1/collections/orders/documents?key=${key}`, {
      headers: { authorization },
    });
    const found = await response.text();
    if (found !== body)
      throw new Error(
        `${key} was accepted, and is not there as it was written: ${response.status} ${found.slice(0, 200)}`,
      );
  }
}

interface Measured {
  readonly accepted: number;
  readonly p50: number;
  readonly refusal: number;
}

async function measure(name: string, rate: number): Promise<Measured> {
  const outcomes = await offer({ kind: 'open', name, rate, seconds: SECONDS });
  const accepted = outcomes.filter(isAccepted);
  const refused = outcomes.filter((each) => !isAccepted(each));
  const statuses = Map.groupBy(refused, ({ status, by }) => `${status} ${by}`);
  const counts = [...statuses].map(([status, all]) => `${status}: ${(all.length / SECONDS).toFixed(0)}/s`);
  const milliseconds = (all: readonly Outcome[], share: number) => at(times(all), share).toFixed(0);
  console.log(
    `  ${name}: offered ${rate.toFixed(0)}/s, accepted ${(accepted.length / SECONDS).toFixed(0)}/s (p50 ${milliseconds(accepted, 0.5)}, p99 ` +
      `${milliseconds(accepted, 0.99)} ms), refused ${(refused.length / SECONDS).toFixed(0)}/s (p50 ${milliseconds(refused, 0.5)}, p99 ` +
      `${milliseconds(refused, 0.99)} ms) ${counts.join(', ')}`,
  );
  await sleep(1000);
  await readBack(outcomes);
  return {
    accepted: accepted.length / SECONDS,
    p50: at(times(accepted), 0.5),
    refusal: at(times(refused), 0.99),
  };
}

try {
  await offer({ kind: 'closed', name: 'warm', clients: CONTAINERS, seconds: SECONDS });
  const full = await offer({ kind: 'closed', name: 'full', clients: CONTAINERS, seconds: SECONDS });
  const takes = full.filter(isAccepted).length / SECONDS;
  const limits = throttlingOf(settings.deployment);
  console.log(
    `${CONTAINERS} containers take ${takes.toFixed(0)}/s; the gateway passes on ${limits?.rate}/s for each route, and ${limits?.burst} at once`,
  );
  const all = new Map<number, Measured>();
  for (const load of LOADS) all.set(load, await measure(`${load} times`, load * takes));
  const [calm, double] = [all.get(0.5), all.get(2)];
  if (calm !== undefined && double !== undefined) {
    const full = { label: 'full', median: takes };
    tell(
      'accepted at twice the load',
      '/s',
      sideOf('double', [double.accepted]),
      sideOf(full.label, [takes]),
      {
        atLeast: 0.7,
      },
    );
    tell(
      'time to a refusal, p99',
      'ms',
      sideOf('double', [double.refusal]),
      sideOf('accepted', [calm.p50]),
      null,
    );
  }
} finally {
  await clients.terminate();
  await local.stop();
}
process.exit(0);
