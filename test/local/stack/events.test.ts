/** The functions as they are deployed, invoked with the samples of events/, with anything else, and ended in the middle. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { Letters } from '../../../functions/books/letters.ts';
import type { Collection } from '../../../functions/configuration/configuration.ts';
import { OracleConnection } from '../../../functions/stores/oracle/connection.ts';
import type { Entry } from '../../../infra/bundle.ts';
import { InvocationFailed } from '../../../infra/local/lambda/failure.ts';
import { listening, portOf } from '../../../infra/local/listen.ts';
import { type Local, startLocal } from '../../../infra/local/start.ts';
import type { CheckedSettings } from '../../../infra/settings.ts';
import { BODIES, marksIn, ON_PURPOSE } from '../../fuzz/marks.ts';
import { batches, failures, NUMBERS, questions, requests, runs } from '../../fuzz/outside.ts';
import { Watched } from '../../fuzz/watched.ts';
import { CLUSTER } from '../../judges/variants.ts';
import { loadIsProven } from './load_proven.ts';
import { routesHold, servicesHold, twoAreNeeded } from './operator_rights.ts';
import { type Ask, app, enter, SETTINGS } from './running.ts';

const EVENTS = new URL('../../../events/', import.meta.url);

let local: Local;
let ask: Ask;
/** Their logs have hashes instead of keys. */
const secrets = { ...SETTINGS.deployment.secrets, keys: 'crossfade/keys' };
const { collections } = SETTINGS.configuration;
const fed = { quiet: 1000, silent: 60_000, kafka: { topic: 'carts', values: 'metadata' } } as const;
const kafka = { kind: 'msk', cluster: CLUSTER, login: { kind: 'iam' } } as const;
/** All reads, from the beginning. */
const PROOF = { ramp: [{ percent: 100, minutes: 1 }], limits: null };
const settings = {
  deployment: { ...SETTINGS.deployment, secrets, kafka },
  configuration: {
    ...{ ...SETTINGS.configuration, fourEyes: ['force'], loadProof: PROOF },
    collections: { ...collections, carts: { ...(collections.carts as Collection), feed: fed } },
  },
} satisfies CheckedSettings;
const watched = new Watched();
/** Where a run as short as this leaves nothing. */
const UNUSED = [
  ...['ATTEMPTS', 'LEFT_OUT', 'SET_ASIDE', 'REPAIRS'].map((name) => `table CROSSFADE_${name}`),
  'run VerifyAll',
];
before(async () => {
  local = await startLocal({
    ...{ settings, data: null, port: 0, containers: 2, rules: false },
    log: watched.log,
  });
  watched.listen(local);
  ask = await app(local.deployment.gateway);
  enter(local.parameters, 'expand', 60_000);
});
after(() => local.stop());

const sample = (name: string) => JSON.parse(readFileSync(new URL(name, EVENTS), 'utf8'));
/** The function that is deployed from that file. */
const deployed = (entry: string) => local.deployment.entry(entry as Entry);

/** As what starts it does: operators reach an alias of their function. */
function invoked(name: string): Promise<unknown> {
  const [entry = ''] = name.split('.');
  const { arn } = deployed(entry).settings;
  return deployed(entry).invoke(sample(name), undefined, entry === 'operate' ? `${arn}:read` : undefined);
}

const EXPECTED: Record<string, (result: never) => void> = {
  'api.put.json': ({ statusCode }: { statusCode: number }) => assert.equal(statusCode, 204),
  'api.get.json': ({ statusCode, body }: { statusCode: number; body: string }) => {
    assert.equal(statusCode, 200);
    assert.equal(body, '{"customer":{"id":"c1"},"total":12.50}');
  },
  'api.head.json': ({ statusCode, body }: { statusCode: number; body: string }) =>
    assert.deepEqual([statusCode, body], [200, '']),
  'api.patch.json': ({ statusCode }: { statusCode: number }) => assert.equal(statusCode, 404),
  'api.delete.json': ({ statusCode }: { statusCode: number }) => assert.equal(statusCode, 412),
  'api.batch.json': ({ statusCode, body }: { statusCode: number; body: string }) => {
    assert.equal(statusCode, 200);
    const { results } = JSON.parse(body) as { results: { status: number }[] };
    assert.deepEqual(
      results.map(({ status }) => status),
      [204, 204],
    );
  },
  'reconcile.receipts.json': (result: unknown) => assert.deepEqual(result, { batchItemFailures: [] }),
  'plan.begin.json': ({ over, open }: { over: boolean; open: number[] }) =>
    assert.deepEqual([over, open], [false, [0]]),
  'backfill.shard.json': (result: unknown) => assert.deepEqual(result, { batchItemFailures: [] }),
  'plan.recheck.json': (left: unknown) => assert.deepEqual(left, { run: 'canary-1', suspects: 0, wait: 30 }),
  'plan.summarize.json': ({ outcome, listed }: { outcome: string; listed: number }) =>
    assert.deepEqual([outcome, listed], ['clean', 2]),
  'control.scheduled.json': (seen: object) =>
    // The phase of this test was set by hand: the flags want it back, and it is on its way.
    assert.deepEqual(seen, { refused: false, reason: '', wait: 20 }),
  'control.changed.json': (seen: object) =>
    // It is where the flags want it, unless this look has found the flags of before.
    assert.deepEqual(seen, { refused: false, reason: '', wait: 5 }),
  'operate.explain.json': ({ statusCode, body }: { statusCode: number; body: string }) => {
    assert.equal(statusCode, 200);
    assert.equal(JSON.parse(body).difference, null);
  },
  // The collection is in `legacy`, where the feed has nothing to do.
  'feed.msk.json': (result: unknown) => assert.equal(result ?? null, null),
  'certify.begin.json': (begun: unknown) => assert.deepEqual(begun, { run: 'certified-1', done: false }),
  'prove.reads.json': (result: unknown) => assert.deepEqual(result, { batchItemFailures: [] }),
  // The run of the sample does not exist, nor does anybody wait: the worker says so to nobody.
  'verify.shard.json': (result: unknown) => assert.deepEqual(result, { batchItemFailures: [] }),
};

test('each sample does what its name says', async () => {
  for (const [name, holds] of Object.entries(EXPECTED)) holds((await invoked(name)) as never);
});

test('a receipt that was handed on without end becomes a dead letter with the reason', async () => {
  const [record] = sample('reconcile.receipts.json').Records;
  const hops = { stringValue: '1000001', dataType: 'Number' };
  const answer = await deployed('reconcile').invoke({
    Records: [{ ...record, messageAttributes: { ...record.messageAttributes, hops } }],
  });
  assert.deepEqual(answer, { batchItemFailures: [] });
  const login = async () => local.logins.oracle;
  const database = new OracleConnection({ login, size: 1, timeout: 30_000 });
  const letters = await new Letters(database).open({ collection: 'orders' }, 10);
  await database.close();
  const [letter] = letters.filter(({ key }) => key === 'order-1');
  assert.match(letter?.reason ?? '', /^MessageLoop: .* 1000001 times/);
});

test('each sample is used', () => {
  const used = [...Object.keys(EXPECTED), 'schema.create.json'].sort();
  assert.deepEqual(readdirSync(EVENTS).sort(), used);
});

test('the tables are made again without harm, and a deletion leaves them', async () => {
  const told: unknown[] = [];
  const server = await listening(
    createServer(async (request, response) => {
      const [chunk] = (await once(request, 'data')) as [Buffer];
      told.push(JSON.parse(chunk.toString()));
      response.end();
    }),
    0,
  );
  const event = { ...sample('schema.create.json'), ResponseURL: `http://127.0.0.1:${portOf(server)}/` };
  for (const RequestType of ['Create', 'Update', 'Delete'])
    await deployed('schema').invoke({ ...event, RequestType });
  server.close();
  assert.deepEqual(
    told.map((each) => (each as { Status: string; PhysicalResourceId: string }).Status),
    ['SUCCESS', 'SUCCESS', 'SUCCESS'],
  );
  assert.equal((await ask('GET', 'order-1')).status, 200);
});

test('whatever a function is invoked with, it answers or fails with a reason, and does not crash', async () => {
  const anything = fc.oneof(
    fc.jsonValue(),
    fc
      .constantFrom(...readdirSync(EVENTS).map(sample))
      .chain((event) =>
        fc
          .tuple(fc.constantFrom(...Object.keys(event)), fc.jsonValue())
          .map(([name, value]) => ({ ...event, [name]: value })),
      ),
  );
  for (const entry of ['api', 'reconcile', 'plan', 'backfill', 'verify', 'operate', 'control'])
    await fc.assert(
      fc.asyncProperty(anything, async (event) => {
        try {
          await deployed(entry).invoke(event);
        } catch (error) {
          assert.ok(error instanceof InvocationFailed, String(error));
          assert.doesNotMatch(
            error.type,
            /^(TypeError|ReferenceError|RangeError|Runtime|Sandbox)/,
            `${error.type}: ${error.message} on ${JSON.stringify(event)}`,
          );
        }
      }),
      { numRuns: 100 },
    );
});

// After the invocations with anything: each look of the controller waits a second for dead letters, which this leaves.
test('nothing of marked documents is seen outside, whatever becomes of them, and of their keys nothing in the logs', async () => {
  const stage = { local, ask, watched };
  await local.oracle.release('23ai');
  // The sample of the controller has moved it.
  enter(local.parameters, 'expand', 60_000);
  await requests(stage, 'expand');
  await batches(stage);
  await runs(stage, [], false);
  await questions(stage);
  await failures(stage, 'seal', NUMBERS);
  enter(local.parameters, 'expand');
  await local.oracle.release('19c');
  const shown = await watched.all(local, settings);
  assert.equal(marksIn([{ place: 'log of Api', text: `${BODIES.fits} zqkey` }]).length, 4);
  assert.deepEqual(marksIn(shown), []);
  // It has looked at something everywhere, and would have found it.
  const places = new Set(shown.map(({ place }) => place.replace(/^log of .*/, 'log')));
  for (const place of ['log', 'call of SSM', ...Object.keys(ON_PURPOSE)])
    if (!UNUSED.includes(place)) assert.ok(places.has(place), place);
  assert.ok(shown.some(({ place, text }) => place.startsWith('log') && /key #[\w-]{16}:/.test(text)));
});

test('a store that says nothing costs a 503 before the function is ended from outside', async () => {
  const silence = {
    operation: 'execute',
    statement: 'ORDERS',
    times: null,
    action: { kind: 'silence', applied: false },
  } as const;
  enter(local.parameters, 'seal');
  await local.oracle.fault(silence);
  const { status, body } = await ask('PUT', 'silent', '1');
  await local.oracle.calm();
  assert.equal(status, 503);
  assert.match(body, /outcome-unknown|unavailable/);
  enter(local.parameters, 'expand');
});

test('reads are asked of Oracle, too, and are answered whether it answers or not', () =>
  loadIsProven(local, ask));

test('a container that was recycled is replaced, and nobody notices', async () => {
  assert.equal((await ask('PUT', 'recycled', '1')).status, 204);
  deployed('api').recycle();
  assert.deepEqual((await ask('GET', 'recycled')).body, '1');
});

test('operators reach the operations of their rights alone, and the function does nothing of another right', () =>
  routesHold(local));

test('operators put flags and start runs where their rights say so, and nobody puts a phase', () =>
  servicesHold(local));

test('a force that needs two is asked for by one and made by another, once', () => twoAreNeeded(local));
