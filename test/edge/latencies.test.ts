import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countedStore } from '../../functions/edge/counted.ts';
import type { Response } from '../../functions/edge/http/told.ts';
import { callKind, Latencies, tookBy } from '../../functions/edge/latencies.ts';
import { servedIn } from '../../functions/edge/served.ts';
import type { Subject } from '../../functions/records/latencies.ts';
import { OperatorNeeded, StoreUnavailable } from '../../functions/stores/failure.ts';
import { samplesIn } from '../../infra/local/aws/embedded_metrics.ts';

/** An hour ago: CloudWatch takes no time that is far away. */
const BEGIN = Date.now() - 3_600_000;

/** What it prints, with a clock that is set by hand. */
function watched(act: (latencies: Latencies, at: (milliseconds: number) => void) => void) {
  const lines: string[] = [];
  let now = BEGIN;
  const { write } = process.stdout;
  process.stdout.write = ((line: string) => lines.push(line) > 0) as typeof write;
  try {
    act(new Latencies(() => now), (milliseconds) => {
      now = BEGIN + milliseconds;
    });
  } finally {
    process.stdout.write = write;
  }
  return lines.map((line) =>
    samplesIn(line.trim()).map(({ metric, dimensions, at, value }) => {
      const { service, ...others } = dimensions;
      assert.equal(service, 'crossfade');
      return [`${metric} ${Object.values(others).join(' ')}`, at - BEGIN, value];
    }),
  );
}

const couchbaseRead: Subject = { of: 'store', store: 'couchbase', phase: 'expand', operation: 'read' };
const oracleWrite: Subject = { of: 'store', store: 'oracle', phase: 'contract', operation: 'write' };
const patch: Subject = { of: 'request', collection: 'orders', phase: 'seal', operation: 'patch' };

test('one line has the values of a store, a phase and an operation, which count for the store and the phase too, with the time of the first of them', () => {
  const lines = watched((latencies, at) => {
    latencies.note(couchbaseRead, 3, false);
    latencies.note(patch, 7.123456, false);
    at(4);
    latencies.note(couchbaseRead, 4, false);
    at(5);
    latencies.ended();
  });
  assert.deepEqual(lines, [
    [
      ['StoreLatency couchbase expand', 0, 3],
      ['StoreLatency couchbase expand', 0, 4],
      ['StoreLatency couchbase expand read', 0, 3],
      ['StoreLatency couchbase expand read', 0, 4],
    ],
    [['RequestLatency orders seal patch', 0, 7.12]],
  ]);
});

test('those that have failed are counted beside their times, and others are not', () => {
  const lines = watched((latencies) => {
    latencies.note(patch, 9, true);
    latencies.note(patch, 1, false);
    latencies.note(patch, 8, true);
    latencies.ended();
    latencies.note(oracleWrite, 5, false);
    latencies.ended();
  });
  const [name, failures] = ['RequestLatency orders seal patch', 'RequestFailures orders seal patch'];
  assert.deepEqual(lines, [
    [
      [failures, 0, 2],
      [name, 0, 9],
      [name, 0, 1],
      [name, 0, 8],
    ],
  ]);
});

test('invocations within ten seconds print one line together, and a sandbox that was frozen tells when it measured', () => {
  const lines = watched((latencies, at) => {
    latencies.note(patch, 1, false);
    latencies.ended();
    at(4000);
    latencies.note(patch, 2, false);
    latencies.ended();
    at(9999);
    latencies.note(patch, 3, false);
    latencies.ended();
    at(600_000);
    latencies.ended();
    at(700_000);
    latencies.ended();
  });
  const name = 'RequestLatency orders seal patch';
  assert.deepEqual(lines, [
    [[name, 0, 1]],
    [
      [name, 4000, 2],
      [name, 4000, 3],
    ],
  ]);
});

test('a thousand values of one invocation are all printed with their dimensions, 100 a line, and failures once', () => {
  const lines = watched((latencies) => {
    for (let n = 0; n < 1000; n++) latencies.note(patch, n, n === 0);
    latencies.ended();
  });
  const samples = lines.flat();
  assert.equal(samples.length, 1001);
  assert.ok(lines.every((line) => line.length <= 101));
  assert.ok(samples.every(([name]) => /^Request(Latency|Failures) orders seal patch$/.test(String(name))));
});

test('what a store is asked for is a read, a write or a deletion, also where a deletion writes a marker or a tombstone', () => {
  const content = { body: Buffer.from('{}'), expiresAt: null };
  for (const [method, args, kind] of [
    ['read', ['k', {}], 'read'],
    ['readUpTo', ['k', 100], 'read'],
    ['gone', ['k', {}], 'read'],
    ['upsert', ['k', { content }], 'write'],
    ['apply', ['k', { content, version: 1n }], 'write'],
    ['apply', ['k', { content: null, version: 1n }], 'delete'],
    ['swap', ['k', { cas: 1n, content: null, version: null }], 'delete'],
    ['swap', ['k', { from: {}, to: { content: null } }], 'delete'],
    ['swap', ['k', { from: {}, to: { content } }], 'write'],
    ['remove', ['k', {}], 'delete'],
    ['erase', ['k', { cas: 1n }], 'delete'],
  ] as const)
    assert.equal(callKind(method, args), kind, `${method} ${kind}`);
});

test('a call counts with its time, also one that is rejected, and as failed only where the store could not do it', async () => {
  const target = { store: 'oracle', operation: 'apply', collection: 'T', key: 'k' } as const;
  const noted: [string, boolean][] = [];
  const store = {
    read: () => Promise.resolve('read'),
    apply: (_: string, { content }: { content: unknown }) =>
      Promise.reject(
        content === null ? new TypeError('a bug') : new StoreUnavailable(target, false, new Error('away')),
      ),
    write: () => Promise.reject(new OperatorNeeded(target, 'its tablespace is full')),
    require: () => 'required',
  };
  const latencies = {
    note: (subject: Subject, milliseconds: number, failed: boolean) => {
      assert.ok(milliseconds >= 0);
      noted.push([Object.values(subject).join(' '), failed]);
    },
  };
  const counted = countedStore(store, () => {}, tookBy(latencies, 'oracle', 'seal'));
  assert.equal(await counted.read(), 'read');
  await assert.rejects(counted.apply('k', { content: {} }), /away/);
  await assert.rejects(counted.apply('k', { content: null }), /a bug/);
  await assert.rejects(counted.write(), /full/);
  assert.equal(counted.require(), 'required');
  assert.deepEqual(noted, [
    ['store oracle seal read', false],
    ['store oracle seal write', true],
    ['store oracle seal delete', false],
    ['store oracle seal write', true],
  ]);
});

const DOCUMENT = '/v1/collections/{collection}/documents';
const BATCH = 'POST /v1/collections/{collection}/batch';

const requested = (method: string, routeKey = `${method} ${DOCUMENT}`) => ({
  routeKey,
  pathParameters: { collection: 'orders' },
  requestContext: { http: { method } },
});
const answered = (statusCode: number, body = '', phase = 'seal'): Response => ({
  ...{ statusCode, body, isBase64Encoded: false },
  headers: phase === '' ? {} : { 'crossfade-phase': phase },
});
const countedAs = (...given: Parameters<typeof servedIn>) => {
  const served = servedIn(...given);
  return served === null ? null : [...Object.values(served.subject), served.failed].join(' ');
};

test('a request counts for its collection, phase and operation, and as failed where the app has not got what it should', () => {
  const of = (operation: string, failed = false) => `request orders seal ${operation} ${failed}`;
  assert.equal(countedAs(requested('GET'), answered(200)), of('read'));
  assert.equal(countedAs(requested('HEAD'), answered(404)), of('read'));
  assert.equal(countedAs(requested('PUT'), answered(412)), of('write'));
  assert.equal(countedAs(requested('PATCH'), answered(503)), of('patch', true));
  assert.equal(countedAs(requested('DELETE'), answered(500)), of('delete', true));
  // Writes of one document queue up behind a slow store.
  assert.equal(countedAs(requested('PUT'), answered(429)), of('write', true));
});

test('one write that has failed makes a batch fail, whatever its keys are', () => {
  const batch = (...results: object[]) => answered(207, JSON.stringify({ phase: 'seal', results }));
  const one = (status: number, key = 'k') => ({ key, status });
  const failed = (...results: object[]) => servedIn(requested('POST', BATCH), batch(...results))?.failed;
  assert.equal(countedAs(requested('POST', BATCH), answered(200)), 'request orders seal batch false');
  assert.equal(failed(one(204), one(503)), true);
  assert.equal(failed(one(429)), true);
  assert.equal(failed(one(204), one(404), one(400, '"status":503')), false);
});

test('what was refused before its phase was known counts for none, nor does a change feed', () => {
  assert.equal(servedIn(requested('PUT'), answered(403, '', '')), null);
  assert.equal(servedIn(requested('PUT'), answered(200, '', 'sideways')), null);
  assert.equal(servedIn({ ...requested('GET'), pathParameters: {} }, answered(200)), null);
  assert.equal(servedIn(requested('POST', 'POST /v1/collections/{collection}/changes'), answered(200)), null);
});
