/** Each check of a certification passes where nothing is wrong, and has shown that it can fail. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Check } from '../../functions/certification/check.ts';
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

test('what no database here can be locked by is skipped with its reason, and nothing is said of it', async () => {
  const honest = honestPorts();
  const locked = CHECKS.find(({ name }) => name === 'oracle.locked-row') as Check;
  const ports = { ...honest, outside: { ...honest.outside, lockRow: async () => null } };
  const { state, why = '', next = '' } = await outcomeOf(locked, ports);
  assert.equal(state, 'skipped');
  assert.match(`${why} ${next}`, /ORA-03001.* without --data/);
});
