/** Who writes past the API in the demo: the old service, straight in Couchbase, and a job that does so too late, judged over stores in memory that do right, or wrong. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { connect } from 'couchbase';
import type { App, Place } from '../../infra/demo/app.ts';
import { Book, type Fault } from '../../infra/demo/book.ts';
import { nameOf } from '../../infra/demo/clients.ts';
import type { Crowd } from '../../infra/demo/crowd.ts';
import { ForeignAlarm } from '../../infra/demo/foreign_alarm.ts';
import { lateWrites } from '../../infra/demo/late_writes.ts';
import { OldService } from '../../infra/demo/old_service.ts';
import type { PastApi } from '../../infra/demo/past.ts';
import { Patience, Stuck } from '../../infra/demo/patience.ts';
import { seeded } from '../../infra/demo/seeded.ts';
import type { Stage } from '../../infra/demo/stage.ts';
import { type Running, startCouchbase } from '../../infra/local/servers/couchbase/start.ts';

const KEYSPACE = { bucket: 'shop', scope: 'sales', collection: 'orders' };
const PLACES = ['a', 'b', 'c'].map((key) => ({ collection: 'orders', key }));

let server: Running;
let old: OldService;
before(async () => {
  server = await startCouchbase({ users: { old: 'secret' }, buckets: { shop: { sales: ['orders'] } } });
  const { connectionString } = server;
  old = new OldService({ connectionString, username: 'old', password: 'secret' }, KEYSPACE);
});
after(async () => {
  await old.close();
  await server.stop();
});

test('it reads, writes and deletes, finds what it has written, and catches what somebody has put back', async () => {
  const book = new Book(0, () => performance.now());
  const caught: Fault[] = [];
  const act = old.act({ book, caught: (fault) => caught.push(fault), random: seeded(1) }, PLACES);
  for (let n = 0; n < 40; n++) await act();
  assert.equal(caught.length, 0);
  const { taken } = old.counts;
  assert.ok(taken > 20 && taken < 40, `${taken} writes and deletions`);
  assert.equal(book.acknowledged, taken);
  const cluster = await connect(server.connectionString, { username: 'old', password: 'secret' });
  const collection = cluster.bucket('shop').scope('sales').collection('orders');
  // A write may come before a read.
  for (let n = 0; n < 40 && caught.length === 0; n++) {
    for (const { key } of PLACES) await collection.upsert(key, { mark: 0 });
    await act();
  }
  await cluster.close();
  assert.equal(caught[0]?.kind, 'stale');
});

test('without the right to write nothing of it takes effect, and reading goes on', async () => {
  assert.equal(await old.put('kept', '{"mark":1}'), 'acknowledged');
  await server.manage({ readers: ['old'] });
  const { refused } = old.counts;
  assert.deepEqual(
    [await old.put('kept', '{"mark":2}'), await old.put('kept', null)],
    ['refused', 'refused'],
  );
  assert.equal(old.counts.refused, refused + 2);
  const book = new Book(0, () => performance.now());
  book.begin('orders/kept', 1)('acknowledged');
  const caught: Fault[] = [];
  const reads = old.act({ book, caught: (fault) => caught.push(fault), random: () => 0 }, [
    { collection: 'orders', key: 'kept' },
  ]);
  await reads();
  assert.deepEqual(caught, []);
});

const NIGHTLY: readonly Place[] = [0, 1, 2].map((n) => ({ collection: 'countries', key: `nightly/${n}` }));
const metric = (value: unknown) =>
  JSON.stringify({ _aws: {}, ForeignWrites: value, ForeignConflicts: value, service: 'crossfade' });

class World {
  readonly held = new Map<string, string>();
  readonly aside = new Map<string, string>();
  readonly book = new Book(0, () => 0);
  readonly caught: Fault[] = [];
  readonly told: string[] = [];
  readonly alarm = new ForeignAlarm(() => {});
  readonly late = { written: 0, restored: 0 };
  /** What a service does wrong. */
  sets = true;
  alarms = true;
  restores = true;
  #now = 0;

  play(): Promise<void> {
    const stage = {
      ...{ caught: this.caught, alarm: this.alarm, look: async () => [] },
      crowd: { book: this.book, nightly: NIGHTLY } as unknown as Crowd,
      app: { put: async ({ key }: Place, body: string) => this.#put(key, body) } as unknown as App,
      past: {
        late: this.late,
        nightly: { put: async (key: string, body: string) => this.#late(key, body) },
        readOnly: async () => {},
      } as unknown as PastApi,
      patience: new Patience(5000, {
        now: () => this.#now,
        sleep: async (milliseconds, signal) => {
          // Who waits for what has an answer need not sleep.
          if (signal !== undefined) return new Promise(() => {});
          this.#now += milliseconds;
        },
      }),
      stores: {
        held: async ({ key }: Place) => ({ couchbase: this.held.get(key), oracle: this.held.get(key) }),
      } as unknown as Stage['stores'],
      service: {
        ask: async (operation: string) => this.#ask(operation),
      } as unknown as Stage['service'],
    };
    return lateWrites(stage, { tell: (line) => void this.told.push(line) });
  }

  #put(key: string, body: string) {
    this.held.set(key, body);
    return { status: 204, problem: null };
  }

  #late(key: string, body: string) {
    if (this.sets) this.aside.set(key, body);
    if (this.alarms) this.alarm.log('Reconcile', metric([1]));
    return 'acknowledged';
  }

  #ask(operation: string) {
    const all = [...this.aside];
    if (operation === 'set-aside')
      return { entries: all.map(([key, body]) => ({ key, body: Buffer.from(body).toString('base64') })) };
    if (this.restores) for (const [key, body] of all) this.held.set(key, body);
    return {
      outcomes: all.map(([key]) => ({ key, does: this.restores ? 'restore' : 'nothing' })),
      next: null,
    };
  }
}

let world: World;
beforeEach(() => {
  world = new World();
});
const markOf = (key: string) => (JSON.parse(world.held.get(key) ?? '{}') as { mark?: number }).mark ?? null;

test('late writes that are set aside, told and restored are well, and count as acknowledged from then on', async () => {
  await world.play();
  assert.deepEqual([world.caught, world.late], [[], { written: 3, restored: 3 }]);
  assert.ok(world.told.some((line) => line.startsWith('Alarm ForeignConflicts')));
  for (const place of NIGHTLY) {
    assert.equal(world.book.judge(nameOf(place), markOf(place.key), 'it'), null);
    assert.equal(world.book.judge(nameOf(place), 1, 'it')?.kind, 'lost', 'what the API wrote before is over');
  }
});

test('one that is kept nowhere is lost', async () => {
  world.sets = false;
  await assert.rejects(world.play(), Stuck);
  assert.deepEqual(
    world.caught.map(({ kind, key }) => `${kind} ${key}`),
    NIGHTLY.map((place) => `lost ${nameOf(place)}`),
  );
});

test('one that no alarm tells of, or that is not restored, ends the demo', async () => {
  world.alarms = false;
  await assert.rejects(
    world.play(),
    (error) => error instanceof Stuck && /ForeignConflicts tells of 0/.test(error.message),
  );
  world = Object.assign(new World(), { restores: false });
  await assert.rejects(
    world.play(),
    (error) => error instanceof Stuck && /0 of 3 were restored/.test(error.message),
  );
});

test('the alarm counts what functions print, one value or several, and nothing else', () => {
  const lines: string[] = [];
  const alarm = new ForeignAlarm((_, line) => lines.push(line));
  const all = [metric(1), metric([1, 2]), '{"message":"ForeignConflicts"}', '{"_aws":{},"Requests":[1]}'];
  for (const line of all) alarm.log('Reconcile', line);
  assert.deepEqual([alarm.count, lines], [4, all]);
});
