/** `npm run long`: documents of five types through all phases and back under live writers, with all tables compared by the test's own reckoning at each rest. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { bake } from '../../../functions/configuration/configuration.ts';
import type { Phase } from '../../../functions/protocol/phase.ts';
import { LOBS_AS_BYTES, OracleConnection } from '../../../functions/stores/oracle/connection.ts';
import { type Local, startLocal } from '../../../infra/local/start.ts';
import { checkSettings } from '../../../infra/settings.ts';
import { randomness } from '../../model/draw.ts';
import config from '../../shop.config.ts';
import { tablesDiffer } from '../../verification/projected_check.ts';
import { anyBody, fitBody, TYPES } from '../../verification/projected_types.ts';
import { operator } from './operator.ts';
import {
  type Ask,
  app,
  type BothStores,
  bothStores,
  endStack,
  enter,
  eventually,
  SETTINGS,
} from './running.ts';

const { timing } = SETTINGS.configuration;
const orders = {
  ...config.collections.orders,
  oracle: { table: 'ORDERS', projections: TYPES },
};
const settings = checkSettings(
  {
    ...{ ...config, timing, shadowReads: 0 },
    collections: { ...config.collections, orders },
  } as never,
  'test',
);

const KEYS = Array.from({ length: 40 }, (_, n) => `t:${n}`);
const TARGET = { store: 'oracle', operation: 'test', collection: 'ORDERS', key: null } as const;

let local: Local;
let ask: Ask;
let stores: BothStores;
let runs: ReturnType<typeof operator>;
let database: OracleConnection;

before(async () => {
  local = await startLocal({ settings, data: null, port: 0, containers: 2, rules: false, log: () => {} });
  ask = await app(local.deployment.gateway);
  stores = bothStores(local.logins);
  runs = operator(local);
  database = new OracleConnection({ login: async () => local.logins.oracle, size: 1, timeout: 10_000 });
  const pace = { Name: '/crossfade/backfill-pace', Value: '100000', Overwrite: true };
  local.parameters.call('PutParameter', pace, 'test');
});
after(async () => {
  runs.stop();
  await database.close();
  await endStack(local, stores);
});

function sql(text: string): Promise<unknown[][]> {
  return database.use(
    TARGET,
    true,
    async (session) => (await session.execute<unknown[]>(text, {}, LOBS_AS_BYTES)).rows ?? [],
  );
}

/** Clients that write documents of all types, change their types and delete them, until they are told to stop. */
function writers(seed: number, bodyOf = anyBody) {
  const counts: Record<string, number> = {};
  const below = randomness(seed);
  let writing = true;
  const one = async () => {
    while (writing) {
      const key = KEYS[below(KEYS.length)] as string;
      const { status, body } = await (below(6) === 0 ? ask('DELETE', key) : ask('PUT', key, bodyOf(below)));
      const what = status < 500 ? `${status}` : `${status} ${/problem:([\w-]+)/.exec(body)?.[1] ?? ''}`;
      counts[what] = (counts[what] ?? 0) + 1;
    }
  };
  const all = [one(), one(), one()];
  return async () => {
    writing = false;
    await Promise.all(all);
    return counts;
  };
}

/** The move is made, and no function acts on the phase before any more. */
async function move(phase: Phase): Promise<void> {
  enter(local.parameters, phase);
  const until = Date.now() + bake(timing);
  await eventually(
    () => Date.now(),
    (now) => now > until,
  );
}

async function ended(machine: 'CopyAll' | 'VerifyAll', input: object): Promise<void> {
  const { status, cause } = await runs.ended(machine, { collection: 'orders', ...input });
  assert.equal(status, 'SUCCEEDED', `${machine} ${JSON.stringify(input)}: ${cause}`);
}

/** All tables hold what the documents of Oracle give, and, where both stores are written, these are Couchbase's. */
async function compareAtRest(phase: Phase): Promise<void> {
  await eventually(
    () => tablesDiffer(sql, 'ORDERS'),
    (differing) => differing.length === 0,
  );
  if (phase !== 'legacy') await ended('VerifyAll', { mode: 'content' });
}

const WAY: readonly { readonly phase: Phase; readonly run?: object }[] = [
  { phase: 'expand', run: {} },
  { phase: 'seal' },
  { phase: 'switch' },
  { phase: 'settle' },
  { phase: 'contract' },
  { phase: 'settle', run: { back: 'changed' } },
  { phase: 'switch', run: { back: 'changed' } },
  { phase: 'seal', run: { back: 'changed' } },
  { phase: 'expand' },
];

test('at each rest of the way there and back, all tables hold what the documents give, and a verification agrees', async () => {
  // In `legacy` nobody asks whether a table takes it; a backfill would set it aside.
  const stop = writers(1, fitBody);
  await eventually(
    () => stores.bodies(KEYS[3] ?? ''),
    ({ couchbase }) => couchbase !== null,
  );
  await stop();
  for (const [n, { phase, run }] of WAY.entries()) {
    const stopWriters = writers(2 + n);
    await move(phase);
    if (run !== undefined) await ended('CopyAll', run);
    const answers = await stopWriters();
    assert.ok((answers['204'] ?? 0) > 10, `${phase}: ${JSON.stringify(answers)}`);
    await compareAtRest(phase);
  }
});

test('a copy-back and a verification by version need no table of a projection: one may be gone', async () => {
  for (const phase of ['seal', 'switch', 'settle'] as const) await move(phase);
  const below = randomness(99);
  for (const key of KEYS) await ask('PUT', key, fitBody(below));
  await sql('DROP TABLE HOTEL_REVIEW');
  const write = await ask('PUT', KEYS[0] as string, '{"type":"none"}');
  assert.equal(write.status, 503);
  const compared = await runs.ended('VerifyAll', { collection: 'orders', mode: 'content' });
  assert.match(compared.cause ?? '', /HOTEL_REVIEW: ORA-00942/);
  await runs.ended('VerifyAll', { collection: 'orders', abandon: true });
  await ended('CopyAll', { back: 'changed' });
  await ended('VerifyAll', { mode: 'version' });
});
