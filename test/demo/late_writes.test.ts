/** What the demo says of a job that writes past the API too late: judged over stores in memory that do right, or wrong. */
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import type { App, Place } from '../../infra/demo/app.ts';
import { Book, type Fault } from '../../infra/demo/book.ts';
import { nameOf } from '../../infra/demo/clients.ts';
import type { Crowd } from '../../infra/demo/crowd.ts';
import { ForeignAlarm } from '../../infra/demo/foreign_alarm.ts';
import { lateWrites } from '../../infra/demo/late_writes.ts';
import type { PastApi } from '../../infra/demo/past.ts';
import { Patience, Stuck } from '../../infra/demo/patience.ts';
import type { Stage } from '../../infra/demo/stage.ts';

const PLACES: readonly Place[] = [0, 1, 2].map((n) => ({ collection: 'countries', key: `nightly/${n}` }));
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
      crowd: { book: this.book, nightly: PLACES } as unknown as Crowd,
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
  for (const place of PLACES) {
    assert.equal(world.book.judge(nameOf(place), markOf(place.key), 'it'), null);
    assert.equal(world.book.judge(nameOf(place), 1, 'it')?.kind, 'lost', 'what the API wrote before is over');
  }
});

test('one that is kept nowhere is lost', async () => {
  world.sets = false;
  await assert.rejects(world.play(), Stuck);
  assert.deepEqual(
    world.caught.map(({ kind, key }) => `${kind} ${key}`),
    PLACES.map((place) => `lost ${nameOf(place)}`),
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
