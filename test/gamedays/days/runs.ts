/** Runs that do not come to their end, or find something. */
import assert from 'node:assert/strict';
import { PurgeQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { ACCOUNT } from '../../../infra/local/template.ts';
import type { Day, Row } from '../day.ts';
import type { Field } from '../field.ts';

const DIED: Row = {
  table: 'alarms',
  signs: ['ShardsTo…NotEmpty'],
  happened: 'a worker died five times on one shard, before it had read a document',
  advice:
    'its log tells why. `npx crossfade status` says whether the run goes on: it sends the message of the shard again by itself, after 3 hours. ' +
    '`npx crossfade backfill stop NAME` and then `npx crossfade backfill resume NAME`, or the same of `copy-back` or `verify`, do so at once, and go on where the ' +
    'shard stands; where the run has failed, the second of them does. Then purge that queue of dead ' +
    'shards (`aws sqs purge-queue`): nothing reads it, and the alarm lasts as long as the message does',
};

const STALLED: Row = {
  table: 'alarms',
  signs: ['Controller…Stalled'],
  happened:
    'a run is begun, and gets no further for 15 minutes: it was stopped, its execution has failed, its pace is 0, Oracle’s load pauses it (then `BulkPaused` goes off too), or its workers die',
  advice:
    '`npx crossfade status` says which run. Raise the pace; or `npx crossfade backfill resume NAME` or `npx crossfade backfill abandon NAME`, or the ' +
    'same of `copy-back` or `verify`',
};

const FAILED: Row = {
  table: 'alarms',
  signs: ['CopyAll…Failed', 'VerifyAll…Failed'],
  happened: 'documents were set aside, or differ, or the run could not go on',
  advice:
    'the last execution says which. Set aside: `npx crossfade dead-letters list`, and on as for `Receipts…NotEmpty`. A backfill counts for its gate once all ' +
    'documents that it has set aside are settled: no new one is needed. They differ: `npx crossfade ' +
    'verified NAME` tells which; `npx crossfade verify start NAME --repair` makes them agree a little later, then `npx crossfade verify start NAME` until one is clean. ' +
    '`WorkersDie`: workers died of many documents one after another; read their log, then `npx crossfade backfill resume NAME`, or the same of `copy-back` or `verify`',
};

const OTHER: Row = {
  table: 'messages',
  signs: ['The run … is not finished, and was begun with another range, mode or mapping'],
  advice:
    '`npx crossfade backfill resume NAME`, or `npx crossfade backfill abandon NAME`; or the same of `copy-back` or `verify`',
};

const OVER: Row = {
  table: 'messages',
  signs: ['… is in …, and the … was begun in …'],
  advice:
    'the service has gone on, perhaps there and back: that run is of no use any more. The next one that is begun ends it; `npx crossfade backfill ' +
    'abandon NAME`, or the same of `copy-back` or `verify`, ends it at once',
};

/** Documents a second. */
const pace = (field: Field, rate: number) => field.put('/crossfade/backfill-pace', String(rate));

/** Stops a run where it is, and leaves the pace at 0, so that no worker is in the middle of it. */
async function stopped(field: Field, ...start: string[]): Promise<void> {
  pace(field, 0);
  const [kind = '', , name = ''] = start;
  field.beside(field.crossfade(...start));
  await field.until(
    'the run is not begun',
    () => field.statusOf(name),
    ({ runs }) => runs.length > 0,
  );
  await field.succeed(kind, 'stop', name);
  await field.begun();
}

export const RUNS: readonly Day[] = [
  {
    name: 'worker-dies',
    row: DIED,
    provoke: async (field) => {
      await field.attributes('ShardsToVerifyQueue', { VisibilityTimeout: '1' });
      pace(field, 5);
      field.beside(field.crossfade('verify', 'start', 'countries', '--prefix', 'A'));
      const { queues, deployment } = field.stack;
      const [alive = '', dead = ''] = ['ShardsToVerifyQueue', 'ShardsToVerifyDead'].map(
        (part) => queues.names.find((name) => name.startsWith(part)) ?? '',
      );
      await field.until(
        'no shard is dead',
        () => {
          if (queues.counts(alive).inflight > 0) deployment.entry('verify').kill();
          return queues.counts(dead).ready;
        },
        (count) => count > 0,
      );
      await field.attributes('ShardsToVerifyQueue', { VisibilityTimeout: '132' });
      pace(field, 100_000);
    },
    expect: async (field) => {
      assert.match(await field.succeed('status'), /verify \S+ ░+ 0\/1 shards/);
    },
    remedy: async (field) => {
      await field.succeed('verify', 'stop', 'countries');
      await field.begun();
      await field.succeed('verify', 'resume', 'countries');
      const sqs = new SQSClient(field.aws);
      for (const name of field.stack.queues.names.filter((each) => /^ShardsTo.*Dead/.test(each)))
        await sqs.send(new PurgeQueueCommand({ QueueUrl: `${field.aws.endpoint}/${ACCOUNT}/${name}` }));
      sqs.destroy();
    },
    healed: async (field) => {
      assert.doesNotMatch(await field.succeed('status'), /verify \S+ ░/);
    },
  },
  {
    name: 'run-stopped-for-long',
    row: STALLED,
    provoke: async (field) => {
      field.enter('expand', 3_600_000);
      await stopped(field, 'backfill', 'start', 'cities');
      await field.sql('UPDATE CROSSFADE_RUNS SET started = started - 960000 WHERE finished IS NULL');
      const before = Date.now() - 16 * 60_000;
      await field.sql(`UPDATE CROSSFADE_SHARDS SET changed = ${before} WHERE state = 'open'`);
    },
    expect: async (field) => {
      assert.match(await field.succeed('status'), /it has not moved for 16 min/);
    },
    remedy: async (field) => {
      pace(field, 100_000);
      await field.succeed('backfill', 'resume', 'cities');
    },
    healed: async (field) => {
      // The other way to end it.
      await stopped(field, 'backfill', 'start', 'cities');
      await field.succeed('backfill', 'abandon', 'cities');
      pace(field, 100_000);
    },
  },
  {
    name: 'backfill-sets-aside',
    row: FAILED,
    alarms: ['CopyAll…Failed'],
    provoke: async (field) => {
      const place = { collection: 'cities', key: 'unfit/copied' };
      await field.stores.create(place, '{"name":"a","country":"too long"}');
      const { code } = await field.crossfade('backfill', 'start', 'cities', '--prefix', 'unfit/');
      assert.notEqual(code, 0);
    },
    expect: async (field) => {
      assert.match((await field.crossfade('dead-letters', 'list')).output, /COUNTRY/);
    },
    remedy: async (field) => {
      const place = { collection: 'cities', key: 'unfit/copied' };
      assert.equal((await field.app.put(place, '{"name":"a","country":"NA"}')).status, 204);
      await field.succeed('dead-letters', 'redrive', '--why', 'mended');
    },
    healed: async (field) => {
      await field.succeed('backfill', 'start', 'cities', '--prefix', 'unfit/');
      await field.succeed('dead-letters', 'list');
    },
  },
  {
    name: 'stores-differ',
    row: FAILED,
    alarms: ['VerifyAll…Failed'],
    provoke: async (field) => {
      await field.stores.upsert({ collection: 'cities', key: 'past/1' }, '{"name":"past"}');
      const { code } = await field.crossfade('verify', 'start', 'cities');
      assert.notEqual(code, 0);
    },
    expect: async (field) => {
      const { output, code } = await field.crossfade('verified', 'cities');
      assert.deepEqual([code, /past\/1/.test(output)], [1, true], output);
    },
    remedy: async (field) => {
      await field.crossfade('verify', 'start', 'cities', '--repair');
      // What it has asked for is done a little later, while clients go on.
      await field.until(
        'no verification is clean',
        () => field.crossfade('verify', 'start', 'cities'),
        ({ code }) => code === 0,
      );
    },
    healed: async (field) => {
      await field.succeed('verified', 'cities');
      await field.held('cities', 'past/1', '{"name":"past"}');
    },
  },
  {
    name: 'another-run-in-its-place',
    row: OTHER,
    provoke: (field) => stopped(field, 'verify', 'start', 'countries', '--prefix', 'B'),
    expect: async (field) => {
      const { error, code } = await field.crossfade('verify', 'start', 'countries', '--prefix', 'C');
      assert.equal(code, 2);
      assert.match(error, /is not finished, and was begun with another range, mode or mapping/);
    },
    remedy: async (field) => {
      pace(field, 100_000);
      await field.succeed('verify', 'resume', 'countries');
    },
    healed: async (field) => {
      // The other way.
      await stopped(field, 'verify', 'start', 'countries', '--prefix', 'B');
      await field.succeed('verify', 'abandon', 'countries');
      pace(field, 100_000);
      await field.succeed('verify', 'start', 'countries', '--prefix', 'C');
    },
  },
  {
    name: 'run-of-another-stay',
    row: OVER,
    provoke: async (field) => {
      pace(field, 0);
      field.beside(field.crossfade('verify', 'start', 'countries', '--prefix', 'D'));
      await field.until(
        'the run is not begun',
        () => field.statusOf('countries'),
        ({ runs }) => runs.length > 0,
      );
      // The service was elsewhere, and is back since a minute.
      field.enter('expand', -1, ['countries']);
      pace(field, 100_000);
    },
    expect: async (field) => {
      const { error, code } = await field.begun();
      assert.deepEqual(
        [code, /countries is in expand, and the verify .* was begun in expand/.test(error)],
        [2, true],
        error,
      );
    },
    remedy: async (field) => {
      await field.succeed('verify', 'abandon', 'countries');
    },
    healed: async (field) => {
      field.enter('expand', 60_000, ['countries']);
      await field.obeyed('expand');
      await field.succeed('verify', 'start', 'countries', '--prefix', 'D');
    },
  },
];
