/** Each check of a certification passes where nothing is wrong, and has shown that it can fail. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { About } from '../../functions/certification/certificate.ts';
import { beginCertifying, certifyStep } from '../../functions/certification/certify_step.ts';
import type { Check, Ports } from '../../functions/certification/check.ts';
import { CHECKS } from '../../functions/certification/checks.ts';
import { outcomeOf } from '../../functions/certification/outcome.ts';
import { honestPorts } from './honest_ports.ts';
import { LIES } from './lies.ts';
import type { Lie } from './lying.ts';

/** It takes longer than a test may: the short one with more of everything. */
const LONG = 'rehearsal.whole';
const TESTED = CHECKS.filter(({ name }) => name !== LONG);

const isNoticedBy = ({ noticed }: Lie, { name }: Check) =>
  noticed.some((each) => each === name || name === `couchbase.${each}` || name === `oracle.${each}`);

const server = { version: '1', identity: {} };
const ABOUT: About = {
  ...{ code: 'c', servers: { couchbase: server, oracle: server } },
  settings: { bucket: 'b', schema: 'S', durability: 'majority', durabilityImpossible: 'refuse' },
};
const check = (name: string, more: Partial<Check> = {}): Check => ({
  ...{ name, title: name, group: 'contract', proves: '', needs: [], optional: false },
  ...{ forms: ['whole'], atMost: 10_000 },
  run: async () => ({ state: 'passed', figures: {} }),
  ...more,
});

test('every check passes on stores that keep what they promise', async () => {
  for (const check of TESTED) {
    const { state, why } = await outcomeOf(check, honestPorts());
    assert.equal(state, 'passed', `${check.name}: ${why}`);
  }
});

for (const lie of LIES)
  test(`it is noticed where ${lie.what}`, async () => {
    for (const check of TESTED.filter((each) => isNoticedBy(lie, each))) {
      const { state, why, next } = await outcomeOf(check, lie.told(honestPorts()));
      assert.equal(state, 'failed', `${check.name} has not noticed it`);
      assert.ok(why !== undefined && why.length <= 501 && next !== undefined, check.name);
    }
  });

for (const call of ['read', 'apply', 'write', 'swap'] as const)
  test(`a rehearsal ends where the call ${call} of Oracle throws what nobody knows`, async () => {
    const honest = honestPorts();
    const oracle = { ...honest.oracle, [call]: () => Promise.reject(new TypeError('never seen')) };
    const short = CHECKS.find(({ name }) => name === 'rehearsal.short') as Check;
    const { state, why } = await outcomeOf(short, { ...honest, oracle });
    assert.deepEqual([state, why], ['failed', 'TypeError: never seen']);
  });

test('every check has shown that it can fail', () => {
  const blind = TESTED.filter((check) => !LIES.some((lie) => isNoticedBy(lie, check)));
  assert.deepEqual(
    blind.map(({ name }) => name),
    [],
  );
});

test('names are unique, and a lie names checks that exist', () => {
  assert.equal(new Set(CHECKS.map(({ name }) => name)).size, CHECKS.length);
  for (const lie of LIES)
    for (const name of lie.noticed)
      assert.ok(
        TESTED.some((check) => isNoticedBy({ ...lie, noticed: [name] }, check)),
        name,
      );
});

test('a check that hangs in a call which is never answered has failed by its name, and those after it are run', {
  timeout: 10_000,
}, async () => {
  const honest = honestPorts();
  let pauses = 0;
  const silent: Ports = {
    ...honest,
    oracle: { ...honest.oracle, read: () => new Promise(() => {}) },
  };
  const goingOn = async ({ sleep }: Ports) => {
    for (;;) {
      pauses++;
      await sleep(1);
    }
  };
  const reads = async ({ oracle }: Ports) => {
    await oracle.read('any', {});
    return { state: 'passed', figures: {} } as const;
  };
  const checks = [
    check('one'),
    check('hangs', { run: reads, atMost: 20 }),
    check('goes-on', { run: goingOn, atMost: 20 }),
    check('last'),
  ];
  const { state, done } = await certifyStep(silent, beginCertifying(ABOUT, 'whole', 1000), checks);
  assert.equal(done, true);
  assert.deepEqual(
    state.checked.map(({ name, state: seen }) => [name, seen]),
    [
      ['one', 'passed'],
      ['hangs', 'failed'],
      ['goes-on', 'failed'],
      ['last', 'passed'],
    ],
  );
  assert.match(state.checked[1]?.why ?? '', /^CERTIFY_TIMED_OUT: it has not ended within 0\.02 s/);
  // What was given up keeps the stores busy no longer.
  await honest.sleep(10);
  const then = pauses;
  await honest.sleep(20);
  assert.equal(pauses, then);
});

test('what no database here can be locked by is skipped with its reason, and nothing is said of it', async () => {
  const honest = honestPorts();
  const locked = CHECKS.find(({ name }) => name === 'oracle.locked-row') as Check;
  const ports = { ...honest, outside: { ...honest.outside, lockRow: async () => null } };
  const { state, why = '', next = '' } = await outcomeOf(locked, ports);
  assert.equal(state, 'skipped');
  assert.match(`${why} ${next}`, /ORA-03001.* without --data/);
});

test('the largest document has more time than others, and where it needs that, the figures say so', async () => {
  const honest = honestPorts();
  const largest = CHECKS.find(({ name }) => name === 'both.largest') as Check;
  const slow = new Error('out of time');
  const ports = { ...honest, oracle: { ...honest.oracle, apply: () => Promise.reject(slow) } };
  const { state, figures } = await outcomeOf(largest, { ...ports, call: -1 });
  assert.equal(state, 'passed');
  assert.match(String(figures['timing.call']), /too short for a document of this size/);
  const quick = await outcomeOf(largest, { ...honest, call: 60_000 });
  assert.deepEqual([quick.state, quick.figures['timing.call']], ['passed', undefined]);
});
