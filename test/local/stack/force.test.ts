/** A forced way back while Oracle is away, and what becomes of it when Oracle is back: nothing that was acknowledged afterwards is lost. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { receiptText } from '../../../functions/edge/queue.ts';
import type { Forced } from '../../../functions/operations/at_risk.ts';
import type { Overview } from '../../../functions/operations/overview.ts';
import type { SetAsidePage } from '../../../functions/operations/set_aside.ts';
import { parsePhase } from '../../../functions/phases/effective_phase.ts';
import { withMark, withoutMark } from '../../../functions/phases/forced_mark.ts';
import { flagOf, phaseOf } from '../../../functions/phases/parameters.ts';
import { ROUTES } from '../../../functions/protocol/phase.ts';
import { Service } from '../../../infra/console/service.ts';
import { OPERATOR } from '../../../infra/local/policy.ts';
import { type Local, startLocal } from '../../../infra/local/start.ts';
import { ACCOUNT, REGION } from '../../../infra/local/template.ts';
import { operator } from './operator.ts';
import {
  type Ask,
  app,
  type BothStores,
  bothStores,
  endStack,
  enter,
  eventually,
  ONE_LOGIN,
} from './running.ts';

let local: Local;
let ask: Ask;
let stores: BothStores;
let service: Service;
/** Milliseconds by which the clock of AWS is ahead, so that nobody waits for a bake. */
let ahead = 0;
const WHY = 'Oracle stays away';
const PHASE = phaseOf('/crossfade', 'orders');

before(async () => {
  const given = { settings: ONE_LOGIN, data: null, port: 0, containers: 2, rules: false, log: () => {} };
  local = await startLocal({ ...given, ...{ clock: () => Date.now() + ahead } });
  ask = await app(local.deployment.gateway);
  stores = bothStores(local.logins);
  const { gateway, endpoint } = local.deployment;
  const credentials = { AWS_ACCESS_KEY_ID: OPERATOR, AWS_SECRET_ACCESS_KEY: 'x' };
  Object.assign(process.env, { ...credentials, AWS_REGION: REGION, AWS_ENDPOINT_URL: endpoint.url });
  service = new Service(gateway.url);
});
after(async () => {
  await endStack(local, stores);
});

const put = (Name: string, Value: string) =>
  local.parameters.call('PutParameter', { Name, Value, Overwrite: true }, 'test');

function published() {
  const { Parameter } = local.parameters.call('GetParameter', { Name: PHASE }, 'test') as {
    Parameter: { Value: string };
  };
  return parsePhase(Parameter.Value);
}

/** A minute goes by. */
function age(): void {
  const { phase, since, by, forced = [] } = published();
  const earlier = forced.map((move) => ({ ...move, at: move.at - 60_000 }));
  put(PHASE, JSON.stringify({ phase, since: since - 60_000, by: withMark(withoutMark(by), earlier) }));
  ahead += 60_000;
}

async function away(): Promise<void> {
  const action = { kind: 'error', number: 3113, text: 'gone' } as const;
  for (const statement of ['ORDERS', 'CROSSFADE_'])
    await local.oracle.fault({ operation: 'execute', statement, times: null, action });
}

const force = (confirm: boolean) => service.ask<Forced>('force', { collection: 'orders', why: WHY, confirm });

async function seen(): Promise<Overview> {
  const [orders] = (await service.ask<Overview[]>('status')).filter(
    ({ collection }) => collection === 'orders',
  );
  assert.ok(orders !== undefined);
  return orders;
}

/** Receipts that need not wait for their delay. */
async function handle(keys: readonly string[]): Promise<void> {
  const queues = new SQSClient({
    ...{ endpoint: local.deployment.endpoint.url, region: REGION },
    credentials: { accessKeyId: OPERATOR, secretAccessKey: 'x' },
  });
  const name = local.queues.names.find((each) => each.includes('ReceiptsQueue'));
  const QueueUrl = `${local.deployment.endpoint.url}/${ACCOUNT}/${name}`;
  const receipt = { collection: 'orders', phase: 'expand', cause: 'write', expired: 0n } as const;
  for (const key of keys)
    await queues.send(new SendMessageCommand({ QueueUrl, MessageBody: receiptText({ ...receipt, key }) }));
  queues.destroy();
}

const KEYS = ['calm', 'gone'];

test('a forced way back is told of with all that is known, written down, and makes neighbours of a bake each', async () => {
  enter(local.parameters, 'settle', 60_000);
  age();
  for (const key of KEYS) assert.equal((await ask('PUT', key, '"settle"')).status, 204);
  const { couchbaseWrites, oracleWrites, reads } = ROUTES.legacy.flags;
  put(flagOf('/crossfade', 'orders', 'couchbase-writes'), `${couchbaseWrites}`);
  put(flagOf('/crossfade', 'orders', 'oracle-writes'), `${oracleWrites}`);
  put(flagOf('/crossfade', 'orders', 'reads'), reads);
  const { atRisk, moved } = await force(false);
  assert.equal(moved, null);
  const [handedOff] = atRisk.risks;
  assert.deepEqual([handedOff?.name, handedOff?.count], ['handed-off', 2]);
  assert.deepEqual(
    handedOff?.keys.map(({ key }) => key),
    KEYS,
  );

  await away();
  const first = await force(true);
  assert.equal(first.moved?.to, 'switch');
  assert.equal(first.audited, false);
  assert.ok(first.atRisk.risks.every(({ count, why }) => count === null && why !== null));
  await assert.rejects(force(true), /No force makes a bake shorter/);
  age();
  assert.equal((await force(true)).moved?.to, 'seal');
  age();
  assert.equal((await force(true)).moved?.to, 'expand');
  assert.deepEqual(
    (await seen()).forced?.map(({ from, to, why }) => `${from} ${to}: ${why}`),
    ['settle switch', 'switch seal', 'seal expand'].map((move) => `${move}: ${WHY}`),
  );
});

test('what is acknowledged in expand stays, once Oracle is back: a write, and a deletion', async () => {
  assert.deepEqual((await ask('GET', 'calm')).body, '"settle"');
  assert.equal((await ask('PUT', 'calm', '"expand"')).status, 204);
  assert.equal((await ask('DELETE', 'gone')).status, 204);
  await local.oracle.calm();
  await handle(KEYS);
  await eventually(
    async () => [await stores.bodies('calm'), await stores.bodies('gone')],
    ([calm, gone]) => calm?.oracle === '"expand"' && gone?.oracle === null,
  );
  const [calm, gone] = [await ask('GET', 'calm'), await ask('GET', 'gone')];
  assert.deepEqual([calm.body, gone.status], ['"expand"', 404]);
  assert.deepEqual((await stores.bodies('calm')).couchbase, '"expand"');
  // What Oracle held of them is kept.
  const { entries } = await service.ask<SetAsidePage>('set-aside', { collection: 'orders' });
  assert.deepEqual(entries.map(({ key }) => key).sort(), KEYS);
});

test('status says that moves were forced until a verification has found both stores equal', async () => {
  const before = await seen();
  assert.equal(before.forced?.length, 3);
  assert.match(before.heals ?? '', /npx crossfade verify start orders --repair/);
  age();
  age();
  const runs = operator(local);
  const { output } = await runs.ended('VerifyAll', { collection: 'orders' });
  runs.stop();
  assert.equal(output?.outcome, 'clean');
  // SSM tells the time in whole seconds: a run that has begun within this one does not count yet.
  await eventually(seen, ({ forced }) => forced?.length === 0);
});
