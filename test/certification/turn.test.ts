/** A certification over many turns of its function: it goes on where it was, and a check that ends the process is found. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { About, Certificate } from '../../functions/certification/certificate.ts';
import type { Check } from '../../functions/certification/check.ts';
import { type Scratch, takeTurn } from '../../functions/certification/turn.ts';
import { CertificationGone, type CertificationRow } from '../../functions/records/certification_row.ts';

const server = { version: '1', identity: { name: 'a' } };
const ABOUT: About = {
  ...{ code: 'c', servers: { couchbase: server, oracle: server } },
  settings: { bucket: 'b', schema: 'S', durability: 'majority', durabilityImpossible: 'refuse' },
};

/** Two parts of a run, kept in memory, and checks that note that they were run. */
class World {
  readonly ran: string[] = [];
  readonly cleared: string[] = [];
  readonly left: string[] = [];
  readonly bodies = new Map<number, string>();
  readonly rows: CertificationRow[] = ['x', 'y'].map((place, part) => ({
    ...{ run: 'r', part, form: 'whole', place, began: 1, changed: 1 },
    ...{ working: false, ended: null, verdict: null, about: null },
  }));
  about = ABOUT;
  /** Checks that there is time for in a turn. */
  time = 9;
  /** The check of which the process dies. */
  deadly: string | null = null;
  isGivenUp = false;
  readonly checks: Check[] = ['one', 'two', 'three'].map((name) => ({
    ...{
      name,
      title: name,
      group: 'contract',
      proves: name,
      needs: [],
      optional: false,
      forms: ['whole'],
      atMost: 1,
    },
    run: async () => {
      if (this.deadly === name) throw new Error('the process is gone');
      this.ran.push(name);
      return { state: 'passed', figures: {} };
    },
  }));

  /** Whether the run is over; null where the process has died in between. */
  async turn(): Promise<boolean | null> {
    let left = this.time;
    const checks = this.checks.map((check) => ({
      ...check,
      // Nothing of a process that is gone comes back.
      run: (ports: never) => (this.deadly === check.name ? new Promise<never>(() => {}) : check.run(ports)),
    }));
    const scratch = (place: string) =>
      ({
        ...{ timeLeft: () => --left, steady: () => 0, after: () => () => {}, tell: async () => {} },
        about: async () => this.about,
        clear: async () => void this.cleared.push(place),
      }) as unknown as Scratch;
    const died = new Promise<null>((resolve) => setImmediate(() => setImmediate(() => resolve(null))));
    return Promise.race([takeTurn('r', { book: this, open: scratch, now: () => 5 }, checks), died]);
  }

  partsOf = async (run: string) => (run === 'r' ? this.rows : []);
  body = async (_: string, part: number) => this.bodies.get(part) ?? null;
  leave = async (run: string) => void this.left.push(run);
  note = async (_: string, part: number, working: boolean, _now: number, body = '') => {
    if (this.isGivenUp) return false;
    this.#put(part, { working }, body);
    return true;
  };
  end = async (
    _: string,
    part: number,
    { verdict, about, body, at }: Record<'verdict' | 'about' | 'body', string> & { at: number },
  ) => {
    this.#put(part, { verdict, about, ended: at, working: false }, body);
    return true;
  };
  #put(part: number, more: Partial<CertificationRow>, body: string) {
    this.rows[part] = { ...(this.rows[part] as CertificationRow), ...more };
    this.bodies.set(part, body);
  }
}

const certificate = (world: World, part = 0) => JSON.parse(world.bodies.get(part) ?? '') as Certificate;

test('a run goes on where its time was up, part by part, and is over after the last one', async () => {
  const world = new World();
  world.time = 2;
  const ended: (boolean | null)[] = [];
  while (ended.at(-1) !== true && ended.length < 9) ended.push(await world.turn());
  assert.deepEqual(world.ran, ['one', 'two', 'three', 'one', 'two', 'three']);
  assert.deepEqual(ended, [false, false, false, true]);
  assert.deepEqual([world.left, world.cleared], [['r'], ['x', 'x', 'y', 'y']]);
  assert.deepEqual(
    world.rows.map(({ verdict, about }) => [verdict, about]),
    [0, 1].map(() => ['passed', JSON.stringify(ABOUT)]),
  );
  const { checks, form, verdict, ended: at } = certificate(world, 1);
  assert.deepEqual([checks.length, form, verdict, at], [3, 'whole', 'passed', 5]);
  // Should the answer have been lost: nothing is run again.
  assert.equal(await world.turn(), true);
  assert.equal(world.ran.length, 6);
});

test('a check of which the process dies twice has failed, and the others are run all the same', async () => {
  const world = new World();
  world.deadly = 'two';
  const turns: (boolean | null)[] = [];
  while (world.rows[0]?.ended === null && turns.length < 9) turns.push(await world.turn());
  // All at once, one by one, and without it.
  assert.deepEqual(turns, [null, false, null, false]);
  const { checks, verdict } = certificate(world);
  assert.deepEqual(
    checks.map(({ name, state }) => [name, state]),
    [
      ['one', 'passed'],
      ['two', 'failed'],
      ['three', 'passed'],
    ],
  );
  assert.equal(verdict, 'failed');
  assert.match(checks[1]?.why ?? '', /ended without an answer: its process has died/);
});

test('what was seen before a deployment or a failover in the middle is about something else, and is seen again', async () => {
  const world = new World();
  world.time = 2;
  await world.turn();
  world.about = { ...ABOUT, code: 'd' };
  while (world.rows[0]?.ended === null) await world.turn();
  assert.deepEqual(world.ran, ['one', 'two', 'one', 'two', 'three']);
  assert.equal(certificate(world).code, 'd');
});

test('on a test system each turn looks which servers answer, and what a check asks an operator is kept while it waits', async () => {
  const world = new World();
  const identities = { couchbase: { cluster: 'c1' }, oracle: { name: 'TEST' } };
  const servers = {
    couchbase: { version: '1', identity: identities.couchbase },
    oracle: { version: '1', identity: identities.oracle },
  };
  world.about = { ...ABOUT, servers };
  const told = { check: 'asks', step: 'break', text: 'fail a node over' } as const;
  const seen: unknown[] = [];
  world.checks.splice(0, 3, {
    ...(world.checks[0] as Check),
    ...{ name: 'asks', forms: ['test-system'] },
    run: async ({ tell }) => {
      await tell(told);
      seen.push((JSON.parse(world.bodies.get(0) ?? '') as { told?: unknown }).told);
      return { state: 'passed', figures: {} };
    },
  });
  const named = (system: string) =>
    world.rows.splice(0, 2, {
      ...(world.rows[0] as CertificationRow),
      form: 'test-system',
      place: `{"system":"${system}"}`,
    });
  named('c1/PROD');
  await assert.rejects(world.turn(), { name: 'OtherSystem', message: /^TEST_SYSTEM_OTHER/ });
  assert.deepEqual(seen, []);
  named('c1/TEST');
  assert.equal(await world.turn(), true);
  assert.deepEqual(seen, [told]);
  assert.equal(certificate(world).verdict, 'passed');
});

test('a run that was given up, or that nobody has begun, is not gone on with', async () => {
  const world = new World();
  world.isGivenUp = true;
  await assert.rejects(world.turn(), CertificationGone);
  assert.deepEqual(world.ran, []);
  const ports = { book: world, open: () => assert.fail(), now: () => 5 };
  await assert.rejects(takeTurn('another', ports), CertificationGone);
});
