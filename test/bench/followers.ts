/**
 * Requests beside a store that follows and is sick, and beside the same store in health before and after: in expand and settle, at 1, 8 and 32 at a
 * time in one container. Arguments: phases, numbers and sicknesses, to measure these alone.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Payload } from '../../functions/protocol/payload.ts';
import { ROUTES, type StoreName } from '../../functions/protocol/phase.ts';
import { Bulkheads } from '../../functions/routing/bulkheads.ts';
import { NO_PRECONDITION } from '../../functions/routing/precondition.ts';
import { Router } from '../../functions/routing/router.ts';
import { connectCouchbase } from '../../functions/stores/couchbase/connect.ts';
import { CouchbaseConnection } from '../../functions/stores/couchbase/connection.ts';
import { CouchbaseStore } from '../../functions/stores/couchbase/store.ts';
import { OracleConnection } from '../../functions/stores/oracle/connection.ts';
import { collectionSubjects } from '../../functions/stores/oracle/schema.ts';
import { OracleStore } from '../../functions/stores/oracle/store.ts';
import { upgrade } from '../../functions/stores/oracle/upgrade.ts';
import { Receipts } from '../../functions/stores/receipt.ts';
import { startCouchbase } from '../../infra/local/servers/couchbase/start.ts';
import { startOracle } from '../../infra/local/servers/oracle/start.ts';
import { sideOf, tell } from './rounds.ts';

/** Milliseconds: the time of a call as the settings have it, of each measurement (as fast as it goes, and as fast as before), until it must be normal again, and of the queue, well and slow. */
const [CALL, HEALTHY, SICK, PACED, RETURN, QUEUE, SLOW_QUEUE] = [3000, 2000, 12_000, 4000, 10_000, 10, 2000];
/** Of each worker: an odd number, so that each key is read and written in turns. No two workers write one key, which is another question. */
const KEYS = 25;
const CONNECTIONS = 2;
const BODY = Buffer.from(JSON.stringify({ text: 'x'.repeat(760), numbers: [1, 2.5, 1e10] }));
const KEYSPACE = { bucket: 'bench', scope: 'test', collection: 'documents' } as const;
const USERS = { app: 'secret' };

const folder = mkdtempSync(join(tmpdir(), 'crossfade-bench-'));
const [couchbase, oracle] = await Promise.all([
  startCouchbase({
    users: USERS,
    buckets: { bench: { test: ['documents'] } },
    file: join(folder, 'couchbase.sqlite'),
  }),
  startOracle({ service: 'bench', users: USERS, directory: join(folder, 'oracle') }),
]);
const login = { connectString: oracle.connectString, user: 'app', password: 'secret' };
const database = new OracleConnection({ login: async () => login, size: CONNECTIONS, timeout: CALL });
const { connectionString } = couchbase;
const cluster = new CouchbaseConnection(() =>
  connectCouchbase({ connectionString, username: 'app', password: 'secret', connectTimeout: CALL }),
);
const table = { name: 'BENCH', columns: [], projections: [] };
await upgrade(database, collectionSubjects(table), null, () => {});
const stores = {
  couchbase: new CouchbaseStore(cluster, KEYSPACE, CALL),
  oracle: new OracleStore(database, table, Date.now),
};

let isOpen = false;
const timer = {
  now: () => performance.now(),
  after: (milliseconds: number, act: () => void) => {
    const started = setTimeout(act, milliseconds);
    return () => clearTimeout(started);
  },
};
const log = {
  withoutFollower: () => {},
  withoutReceipt: () => {},
  changed: (_: unknown, opened: boolean) => {
    isOpen = opened;
  },
};
let queueTakes = QUEUE;
const send = async () => {
  await sleep(queueTakes);
  return true;
};

type Dual = 'expand' | 'settle';

/** What each fault of a store is on the wire. */
const ORACLE = (action: Parameters<typeof oracle.fault>[0]['action'], every = 1) =>
  oracle.fault({ operation: 'execute', statement: null, times: null, every, action });
const COUCHBASE = async (action: Parameters<typeof couchbase.fault>[0]['action'], every = 1) => {
  await couchbase.fault({ operation: 'mutateIn', times: null, every, action });
  if (every === 1) await couchbase.fault({ operation: 'lookupIn', times: null, action });
};
async function slowQueue(): Promise<void> {
  queueTakes = SLOW_QUEUE;
}
const SICKNESSES = {
  refuses: { oracle: () => oracle.kill(), couchbase: () => couchbase.kill() },
  'is silent': {
    oracle: () => ORACLE({ kind: 'silence', applied: false }),
    couchbase: () => COUCHBASE({ kind: 'silence', applied: false }),
  },
  'answers after 5 s': {
    oracle: () => ORACLE({ kind: 'delay', milliseconds: 5000 }),
    couchbase: () => COUCHBASE({ kind: 'delay', milliseconds: 5000 }),
  },
  'errs every second time': {
    oracle: () => ORACLE({ kind: 'error', number: 60, text: 'deadlock detected' }, 2),
    couchbase: () => COUCHBASE({ kind: 'status', status: 0x84 }, 2),
  },
  // No fault of the store: the receipts of writes that both stores have are late.
  'has a queue that takes 2 s': { oracle: slowQueue, couchbase: slowQueue },
} as const satisfies Record<string, Record<StoreName, () => Promise<unknown>>>;
type Sickness = keyof typeof SICKNESSES;

async function heal(sickness: Sickness, store: StoreName): Promise<void> {
  queueTakes = QUEUE;
  const server = store === 'oracle' ? oracle : couchbase;
  await (sickness === 'refuses' ? server.restart() : server.calm());
}

interface Times {
  readonly put: number[];
  readonly get: number[];
  readonly seconds: number;
}

const median = (all: readonly number[]) => [...all].sort((x, y) => x - y)[all.length >> 1] ?? Number.NaN;
/** A slow moment of the machine falls on one of them, or on what was measured between them. */
const both = (one: Times, other: Times): Times => ({
  put: [...one.put, ...other.put],
  get: [...one.get, ...other.get],
  seconds: one.seconds + other.seconds,
});
const rate = ({ put, get, seconds }: Times) => (put.length + get.length) / seconds;

/** PUT and GET in turns, so many at a time, until `isOver`. @param most requests a second. */
async function load(
  router: Router,
  phase: Dual,
  concurrency: number,
  isOver: () => boolean,
  most = Number.POSITIVE_INFINITY,
): Promise<Times> {
  let begun = 0;
  const times: Times & { seconds: number } = { put: [], get: [], seconds: 0 };
  const began = performance.now();
  const surroundings = { phase, timely: () => true };
  const worker = async (_: unknown, n: number) => {
    for (let turn = n; !isOver(); turn++) {
      const early = began + (begun++ * 1000) / most - performance.now();
      if (early > 0) await sleep(early);
      const place = { collection: 'c', key: `k${n}-${turn % KEYS}` };
      const payload = new Payload(BODY, null);
      const put = { ...place, verb: 'put', payload, precondition: NO_PRECONDITION } as const;
      const at = performance.now();
      const isPut = turn % 2 === 0;
      const { kind } = await (isPut ? router.write(put, surroundings) : router.read(place, surroundings));
      if (kind !== 'written' && kind !== 'found' && kind !== 'absent')
        throw new Error(`${phase}: ${isPut ? 'PUT' : 'GET'} is answered ${kind}`);
      times[isPut ? 'put' : 'get'].push(performance.now() - at);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  times.seconds = (performance.now() - began) / 1000;
  return times;
}

const within = (milliseconds: number) => {
  const end = performance.now() + milliseconds;
  return () => performance.now() > end;
};

async function measure(phase: Dual, concurrency: number, sickness: Sickness): Promise<void> {
  isOpen = false;
  const router = new Router(
    () => stores,
    new Receipts(send),
    () => false,
    new Bulkheads({ least: 100, most: 500 }, timer, log),
  );
  const follower = ROUTES[phase].second as StoreName;
  await load(router, phase, concurrency, within(HEALTHY / 2));
  const before = await load(router, phase, concurrency, within(HEALTHY));
  await SICKNESSES[sickness][follower]();
  const sick = await load(router, phase, concurrency, within(SICK));
  // Where writes do not wait for the follower any more, more of all are served, and a busy machine answers each of them later.
  const paced = await load(router, phase, concurrency, within(PACED), rate(before));
  const wasOpen = isOpen;
  await heal(sickness, follower);
  const healed = performance.now();
  const end = within(RETURN);
  await load(router, phase, concurrency, () => !isOpen || end());
  const returned = isOpen ? 'not within 10 s' : `after ${((performance.now() - healed) / 1000).toFixed(1)} s`;
  const healthy = both(before, await load(router, phase, concurrency, within(HEALTHY)));
  const name = `${phase}, ${concurrency} at a time, ${follower} ${sickness}`;
  const figure = (what: string, of: (times: Times) => number, unit: 'ms' | '/s', target: object) => {
    const measured = of(unit === 'ms' ? paced : sick);
    tell(`${name}: ${what}`, unit, sideOf('sick', [measured]), sideOf('healthy', [of(healthy)]), target);
  };
  figure('PUT', ({ put }) => median(put), 'ms', { atMost: 1.2 });
  figure('GET', ({ get }) => median(get), 'ms', { atMost: 1.2 });
  figure('requests', rate, '/s', { atLeast: 0.9 });
  const longest = Math.round(Math.max(...sick.put, ...sick.get));
  console.log(
    `  the longest ${longest} ms (${longest <= CALL + 1000 ? 'met' : 'MISSED'}), circuit ${wasOpen ? 'open' : 'closed'}, normal ${returned}`,
  );
}

const wanted = (name: string, all: readonly string[]) => {
  const asked = process.argv.slice(2).filter((each) => all.includes(each));
  return asked.length === 0 || asked.includes(name);
};
const PHASES = ['expand', 'settle'] as const;
const CONCURRENCIES = [1, 8, 32] as const;
for (const phase of PHASES)
  for (const concurrency of CONCURRENCIES)
    for (const sickness of Object.keys(SICKNESSES) as Sickness[])
      if (
        wanted(phase, PHASES) &&
        wanted(String(concurrency), CONCURRENCIES.map(String)) &&
        wanted(sickness, Object.keys(SICKNESSES))
      )
        await measure(phase, concurrency, sickness);

await Promise.all([database.close(), cluster.close()]);
await Promise.all([couchbase.stop(), oracle.stop()]);
rmSync(folder, { recursive: true, force: true });
process.exit(0);
