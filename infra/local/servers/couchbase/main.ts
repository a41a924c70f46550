/** The process of the embedded Couchbase server. Its settings come from its parent; it prints its port. */
import { randomBytes, randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { portOf, shut } from '../../listen.ts';
import { givenSettings, takeOrders } from '../orders.ts';
import { type TlsSettings, tlsServer } from '../tls/settings.ts';
import { Bucket } from './bucket.ts';
import { Connectors } from './connector/connectors.ts';
import { Nodes } from './durability.ts';
import { Eventing } from './eventing/eventing.ts';
import { Faults } from './faults.ts';
import { Hands } from './hands.ts';
import { serveHttp } from './http.ts';
import { Identities } from './identity.ts';
import { AS_USUAL, maxTtlOf, withFunctions } from './managed.ts';
import { type Serving, serve } from './server.ts';
import type { Order, Settings } from './start.ts';
import { Storage } from './storage.ts';

const settings = givenSettings<Settings>();
const VBUCKETS = 64;
/** Another cluster has numbered its mutations in its own way. */
const SKIPPED = 1000n;

/** How far the clock has been set off, in milliseconds. */
let clockJump = 0;
let managed = AS_USUAL;
const surroundings = {
  storage: new Storage(settings.file ?? ':memory:'),
  now: () => Date.now() + clockJump,
  newUuid: () => BigInt(randomInt(1, 2 ** 48 - 1)),
  maxTtl: (_bucket: string, collection: string) => maxTtlOf(managed, collection),
};

const buckets = new Map(
  Object.entries(settings.buckets).map(([name, scopes]) => [
    name,
    new Bucket(name, VBUCKETS, numbered(scopes), surroundings),
  ]),
);

/** The default scope and collection are always there, as number 0; others count from 8, as the server's do. */
function numbered(scopes: Readonly<Record<string, readonly string[]>>) {
  let next = 8;
  const all = { ...scopes, _default: ['_default', ...(scopes._default ?? [])] };
  return new Map(
    Object.entries(all).map(([scope, collections]) => [
      scope,
      {
        id: scope === '_default' ? 0 : next++,
        collections: new Map(
          collections.map((name) => [name, scope === '_default' && name === '_default' ? 0 : next++]),
        ),
      },
    ]),
  );
}

const users = new Map(Object.entries(settings.users));
const nodes = new Nodes(settings.replicas ?? 1, VBUCKETS);
const faults = new Faults();
const hands = new Hands(buckets.values());
const eventing = new Eventing(buckets);
const connectors = new Connectors(buckets);
const identities = new Identities(surroundings.storage, [...buckets.keys()], () =>
  randomBytes(16).toString('hex'),
);
const ports = { kv: 0, http: 0, kvTls: 0, httpTls: 0 };
const known = {
  ...{ ports, nodes, identities, buckets, epoch: Date.now(), versionsIndexes: new Map() },
  managed: () => withFunctions(managed, eventing.told),
  now: surroundings.now,
};
let management = await serveHttp(users, known, settings.httpPort);
ports.http = portOf(management);
const cluster = {
  ...{ ...known, users, nonce: () => randomBytes(18).toString('base64') },
  newId: () => randomBytes(16),
};
const plain = await serve(cluster, createServer({ noDelay: true }), settings.port ?? 0, faults);
ports.kv = portOf(plain.server);
const secure = settings.tls === undefined ? null : await serveTls(settings.tls);
const again = {
  ...{ port: ports.kv, httpPort: ports.http, httpTlsPort: ports.httpTls },
  ...(settings.tls && { tls: { ...settings.tls, port: ports.kvTls } }),
};
takeOrders({ port: ports.kv, tlsPort: secure && ports.kvTls, again }, obey, async () => {
  await eventing.stop();
  for (const bucket of buckets.values()) bucket.close();
  surroundings.storage.close();
});

async function serveTls(tls: TlsSettings): Promise<Serving> {
  ports.httpTls = portOf(await serveHttp(users, known, settings.httpTlsPort, tls));
  const serving = await serve(cluster, tlsServer(tls), tls.port ?? 0, faults);
  ports.kvTls = portOf(serving.server);
  return serving;
}

function disconnect(): void {
  plain.disconnect();
  secure?.disconnect();
}

/** No client that is connected is told. */
async function moveManagement(): Promise<void> {
  const before = management;
  management = await serveHttp(users, known);
  ports.http = portOf(management);
  shut(before);
}

function rebalance(): void {
  nodes.rebalance();
  for (const bucket of buckets.values()) bucket.catchUp();
}

function lag(): void {
  const has = (vbucket: number) => nodes.hasReplica(vbucket);
  if (!Array.from({ length: VBUCKETS }, (_, vbucket) => vbucket).some(has))
    throw new Error('There is no replica that could lag behind');
  for (const bucket of buckets.values()) bucket.lag(has);
}

function failOver({ node, clock, disconnects }: Extract<Order, { kind: 'failover' }>): void {
  const failed = nodes.fail(node);
  for (const bucket of buckets.values()) bucket.failOver(failed);
  if (clock !== null) clockJump = clock;
  if (disconnects) disconnect();
}

function moveElsewhere(): void {
  nodes.rebalance();
  nodes.changes++;
  for (const bucket of buckets.values()) bucket.failOver(null, SKIPPED);
  identities.change();
  disconnect();
}

function calm(): void {
  clockJump = 0;
  managed = AS_USUAL;
  faults.clear();
  hands.clear();
  eventing.be({});
  rebalance();
}

function obey(order: Order): unknown {
  if (isOfOthers(order)) return obeyed(order);
  switch (order.kind) {
    case 'struck':
      return faults.takeStruck(order.name);
    case 'fault':
      faults.order(order.fault);
      break;
    case 'calm':
      calm();
      break;
    case 'manage':
      managed = { ...AS_USUAL, ...order.changes };
      nodes.changes++;
      break;
    case 'clock':
      clockJump += order.milliseconds;
      break;
    case 'moveManagement':
      return moveManagement();
    case 'lose':
      nodes.lose();
      break;
    case 'rebalance':
      rebalance();
      break;
    case 'lag':
      lag();
      break;
    case 'catchUp':
      for (const bucket of buckets.values()) bucket.catchUp();
      break;
    case 'elsewhere':
      moveElsewhere();
      break;
    case 'failover':
      failOver(order);
      break;
    case 'purge':
      for (const bucket of buckets.values()) bucket.purge();
  }
}

const OF_OTHERS = [
  ...(['hand', 'handed', 'deploy', 'undeploy', 'eventing', 'handlers'] as const),
  ...(['connect', 'produce', 'records'] as const),
] as const;
type OfOthers = Extract<Order, { kind: (typeof OF_OTHERS)[number] }>;

function isOfOthers(order: Order): order is OfOthers {
  return (OF_OTHERS as readonly string[]).includes(order.kind);
}

/** Orders to other hands in the buckets, to the Eventing service, and to the Kafka connector. */
function obeyed(order: OfOthers): unknown {
  switch (order.kind) {
    case 'hand':
      return hands.order(order.hand);
    case 'handed':
      return hands.takeDone();
    case 'deploy':
      return eventing.deploy(order.definition);
    case 'undeploy':
      return eventing.undeploy(order.name);
    case 'eventing':
      return eventing.be(order.unkind);
    case 'handlers':
      return eventing.of(order.name);
    case 'connect':
      return connectors.connect(order.connector);
    case 'produce':
      return connectors.produce(order.topic, order.key, order.value);
    case 'records':
      return connectors.read(order.topic, order.most);
  }
}
