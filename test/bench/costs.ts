/**
 * What a million of something costs in AWS, beside the same by bare drivers behind the same API: requests as they are counted here, and
 * the time that they take against the embedded servers, which is not the time that they would take in your network.
 */

import { type Phase, ROUTES } from '../../functions/protocol/phase.ts';
import { settle } from '../../functions/reconciliation/settle.ts';
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

/** US dollars in us-east-1 for one each: the list prices of 2025. (aws.amazon.com: API Gateway, Lambda, and SQS pricing) */
const PRICE = { httpApi: 1e-6, invocation: 0.2e-6, gibibyteSecond: 1.66667e-5, sqs: 0.4e-6 };
/** As the stack sizes them. */
const MEMORY = { api: 1, reconcile: 2 };
/** Messages that one receive, one deletion and one invocation of the reconciler are for, where traffic is steady. */
const BATCH = 10;
const [CALLS, MILLION] = [800, 1e6];

/** Of one request, on average. */
async function costOf(act: Act): Promise<{ readonly dollars: number; readonly receipts: number }> {
  for (let n = 0; n < CALLS / 4; n++) await act(`k-${n}`);
  const before = asked.sqs;
  const rate = await perSecond(CALLS, 1, (n) => act(`k-${n % 400}`));
  const receipts = (asked.sqs - before) / CALLS;
  const { httpApi, invocation, gibibyteSecond, sqs } = PRICE;
  const served = httpApi + invocation + (MEMORY.api * gibibyteSecond) / rate;
  return { dollars: served + receipts * (sqs + (await receiptCost())), receipts };
}

let settling: Promise<number> | null = null;
/** What becomes of a receipt that finds both stores agree, as nearly all do. */
function receiptCost(): Promise<number> {
  settling ??= (async () => {
    const pair = { couchbase: cluster.store, oracle: database.store };
    const receipt = { collection: 'orders', phase: 'expand', cause: 'write', expired: 0n } as const;
    for (let n = 0; n < 400; n++) await request(apiIn('expand'), 'PUT', `k-${n}`)();
    const rate = await perSecond(CALLS, BATCH, (n) =>
      settle(
        { ...receipt, key: `k-${n % 400}` },
        'expand',
        pair,
        async () => true,
        () => true,
      ),
    );
    const { invocation, gibibyteSecond, sqs } = PRICE;
    return (2 * sqs + invocation) / BATCH + (MEMORY.reconcile * gibibyteSecond) / rate;
  })();
  return settling;
}

const BARE: Readonly<Record<'GET' | 'PUT', (phase: Phase) => Act>> = {
  PUT: (phase) => (ROUTES[phase].second === null ? (phase === 'legacy' ? upsert : row) : inTurn(upsert, row)),
  GET: (phase) => (ROUTES[phase].flags.reads === 'oracle' ? select : get),
};

console.log('US dollars a million, list prices of 2025 in us-east-1, with what becomes of the receipts');
for (const method of ['PUT', 'GET'] as const)
  for (const phase of ['legacy', 'expand', 'seal', 'switch', 'settle', 'contract'] as const) {
    const bare = BARE[method](phase);
    // Both have written their documents before they read any.
    for (let n = 0; n < 400; n++) await inTurn(upsert, row)(`k-${n}`);
    const api = apiIn(phase);
    for (let n = 0; n < 400; n++) await request(api, 'PUT', `k-${n}`)();
    const ours = await costOf((key) => request(api, method, key)());
    const theirs = await costOf(bare);
    tell(
      `${method} in ${phase}`,
      '$',
      sideOf('API', [ours.dollars * MILLION]),
      sideOf('bare', [theirs.dollars * MILLION]),
      null,
    );
  }
await stop();
