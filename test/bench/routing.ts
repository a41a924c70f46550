/** A request through the API's own code, from its event to its response, beside what the bare drivers take for the same bytes. */
import { type Phase, ROUTES } from '../../functions/protocol/phase.ts';
import { compare, compareLatency, perSecond } from './rounds.ts';
import {
  type Act,
  apiIn,
  BYTES,
  get,
  inTurn,
  lookup,
  meanwhile,
  receipt,
  request,
  row,
  select,
  stop,
  upsert,
} from './service.ts';

const CALLS = 400;

/** @param aimed whether this is what the target is about; else it tells what of the difference is ours, and what the protocol's. */
const against = (method: 'GET' | 'PUT', phase: Phase, name: string, act: Act, aimed: boolean) => {
  const api = apiIn(phase);
  return compareLatency(
    `${method} in ${phase}, beside ${name}`,
    { label: 'API', act: (index) => request(api, method, `k-${index % CALLS}`)() },
    { label: 'bare', act: (index) => act(`b-${index % CALLS}`) },
    CALLS,
    aimed ? { atMost: ROUTES[phase].second === null ? 1.1 : 1.15 } : null,
  );
};

console.log(
  `${BYTES.length} byte bodies, one request after the other, ${CALLS} of each in 5 rounds, milliseconds`,
);
await against('PUT', 'legacy', 'an upsert', upsert, true);
await against('GET', 'legacy', 'a get', get, true);
await against('GET', 'legacy', 'a lookup with expiry and attribute', lookup, false);
await against('PUT', 'expand', 'an upsert, then a row', inTurn(upsert, row), true);
await against('PUT', 'expand', 'the same and a receipt', meanwhile(inTurn(upsert, row), receipt), false);
await against('PUT', 'seal', 'an upsert, then a row', inTurn(upsert, row), true);
const sealed = meanwhile(inTurn(select, lookup, upsert, row), receipt);
await against('PUT', 'seal', 'the calls that it makes', sealed, false);
await against('GET', 'seal', 'a get, then a select', inTurn(get, select), true);
await against('PUT', 'switch', 'an upsert, then a row', inTurn(upsert, row), true);
await against('PUT', 'switch', 'the calls that it makes', sealed, false);
await against('GET', 'switch', 'a select', select, true);
await against('PUT', 'settle', 'a row, then an upsert', inTurn(row, upsert), true);
const settled = meanwhile(inTurn(row, lookup, upsert), receipt);
await against('PUT', 'settle', 'the calls that it makes', settled, false);
await against('GET', 'contract', 'a select', select, true);
await against('PUT', 'contract', 'a row', row, true);

const BARE = { legacy: upsert, expand: meanwhile(inTurn(upsert, row), receipt), contract: row } as const;
for (const phase of ['legacy', 'expand', 'contract'] as const)
  for (const concurrency of [1, 8, 32]) {
    const api = apiIn(phase);
    const rate = (act: Act, prefix: string) => () =>
      // Oracle orders the keys of before.
      perSecond(CALLS * 2, concurrency, (index) => act(`${phase}-${prefix}-${index % CALLS}`));
    await compare(
      `PUT in ${phase}, ${concurrency} at a time`,
      { label: 'API', rate: rate((key) => request(api, 'PUT', key)(), 'k') },
      { label: 'bare', rate: rate(BARE[phase], 'b') },
    );
  }

await stop();
