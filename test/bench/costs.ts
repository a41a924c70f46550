/**
 * What a million of something costs in AWS, beside the same by bare drivers behind the same API: requests as they are counted here, and
 * the time that they take against the embedded servers, which is not the time that they would take in your network.
 */

import { type Phase, ROUTES } from '../../functions/protocol/phase.ts';
import { settle } from '../../functions/reconciliation/settle.ts';
import { PRICE } from '../../infra/console/forecast/prices.ts';
import { perSecond, sideOf, tell } from './rounds.ts';
import {
  type Act,
  apiIn,
  asked,
  cluster,
  database,
  get,
  inTurn,
  request,
  row,
  select,
  stop,
  upsert,
} from './service.ts';

/** As the stack sizes them. */
const MEMORY = { api: 1, reconcile: 2 };
/** Messages that one receive, one deletion and one invocation of the reconciler are for, where traffic is steady. */
const BATCH = 10;
const [KEYS, CALLS, MILLION] = [400, 800, 1e6];

const place = (n: number) => `k-${n % KEYS}`;
const everywhere = async (act: Act) => {
  for (let n = 0; n < KEYS; n++) await act(place(n));
};

/** Dollars for one request, on average, with what becomes of its receipts. */
async function costOf(act: Act): Promise<number> {
  for (let n = 0; n < CALLS / 4; n++) await act(place(n));
  const before = asked.sqs;
  const rate = await perSecond(CALLS, 1, (n) => act(place(n)));
  const receipts = (asked.sqs - before) / CALLS;
  const { httpApi, invocation, gibibyteSecond, sqs } = PRICE;
  return httpApi + invocation + (MEMORY.api * gibibyteSecond) / rate + receipts * (sqs + settled);
}

/** What becomes of a receipt that finds both stores agree, as nearly all do. */
async function receiptCost(): Promise<number> {
  const pair = { couchbase: cluster.store, oracle: database.store };
  const receipt = { collection: 'orders', phase: 'expand', cause: 'write', expired: 0n } as const;
  await everywhere(asking('expand', 'PUT'));
  const rate = await perSecond(CALLS, BATCH, (n) =>
    settle(
      { ...receipt, key: place(n) },
      'expand',
      pair,
      async () => true,
      () => true,
    ),
  );
  const { invocation, gibibyteSecond, sqs } = PRICE;
  return (2 * sqs + invocation) / BATCH + (MEMORY.reconcile * gibibyteSecond) / rate;
}

function asking(phase: Phase, method: 'GET' | 'PUT'): Act {
  const api = apiIn(phase);
  return (key) => request(api, method, key)();
}

const BARE: Readonly<Record<'GET' | 'PUT', (phase: Phase) => Act>> = {
  PUT: (phase) => (ROUTES[phase].second === null ? (phase === 'legacy' ? upsert : row) : inTurn(upsert, row)),
  GET: (phase) => (ROUTES[phase].flags.reads === 'oracle' ? select : get),
};

console.log('US dollars a million, list prices of 2025 in us-east-1, with what becomes of the receipts');
const settled = await receiptCost();
for (const method of ['PUT', 'GET'] as const)
  for (const phase of ['legacy', 'expand', 'seal', 'switch', 'settle', 'contract'] as const) {
    // Both have written their documents before they read any.
    await everywhere(inTurn(upsert, row));
    await everywhere(asking(phase, 'PUT'));
    const ours = await costOf(asking(phase, method));
    const theirs = await costOf(BARE[method](phase));
    const each = (label: string, dollars: number) => sideOf(label, [dollars * MILLION]);
    tell(`${method} in ${phase}`, '$', each('API', ours), each('bare', theirs), null);
  }
await stop();
