import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfiguration, problemsOf } from '../../functions/configuration/configuration.ts';
import { loadProofOf, provesLoad } from '../../functions/configuration/load_proof.ts';
import { collection, good } from './good.ts';

const configured = (loadProof?: unknown, own?: unknown) => {
  const orders = { ...collection, ...(own === undefined ? {} : { loadProof: own }) };
  return parseConfiguration({ ...good, collections: { orders }, loadProof }, 'here');
};

test('nothing is asked of Oracle unless somebody says so, and a collection says it for itself', () => {
  const of = (...given: Parameters<typeof configured>) => loadProofOf(configured(...given), 'orders');
  assert.equal(of(), null);
  assert.equal(provesLoad(configured()), false);
  assert.deepEqual(
    of({})?.ramp.map(({ percent, minutes }) => `${percent} ${minutes}`),
    ['1 10', '10 10', '50 10', '100 30'],
  );
  assert.equal(of({})?.limits, null);
  assert.equal(of({}, null), null);
  assert.equal(provesLoad(configured({}, null)), false);
  assert.equal(provesLoad(configured(null, {})), true);
  assert.deepEqual(of({ limits: { reads: { p99: 20 } } }, undefined)?.limits, {
    ...{ reads: { p99: 20 }, errors: 0.1, least: 1000 },
  });
});

const limits = (given: object) => ({ limits: { reads: { p99: 20 }, ...given } });
const step = (percent: number, minutes = 10) => ({ percent, minutes });
const WRONG: readonly (readonly [given: unknown, says: RegExp])[] = [
  ['none', /^loadProof: /],
  [{ ramp: [] }, /loadProof\.ramp: there must be 1 or more/],
  [{ ramp: [step(1), step(101)] }, /loadProof\.ramp\.1\.percent: it must be 100 or less/],
  [{ ramp: [step(0)] }, /ramp\.0\.percent: it must be 1 or more/],
  [{ ramp: [step(10), step(1)] }, /loadProof\.ramp: RAMP_FALLS: each step must be of a greater share/],
  [{ ramp: [step(10), step(10)] }, /RAMP_FALLS/],
  [{ ramp: [step(10, 0)] }, /ramp\.0\.minutes: it must be 1 or more/],
  [{ ramp: [step(10, 1441)] }, /ramp\.0\.minutes: it must be 1440 or less/],
  [{ rampe: [] }, /loadProof\.rampe: there is no such member/],
  [{ limits: {} }, /loadProof\.limits\.reads: it is missing/],
  [limits({ reads: {} }), /limits\.reads\.p99: /],
  [limits({ reads: { p99: 0 } }), /limits\.reads\.p99: it must be (milliseconds|above 0)/],
  [limits({ reads: { p50: 30, p99: 20 } }), /limits\.reads: p50 must be p99 or less/],
  [limits({ reads: { p99: { timesCouchbase: 0 } } }), /limits\.reads\.p99/],
  [limits({ writes: { p99: { timesCouchbase: 2 } } }), /limits\.writes\.p99/],
  [limits({ errors: 101 }), /limits\.errors: it must be 100 or less/],
  [limits({ least: 99 }), /limits\.least: it must be 100 or more/],
];

for (const [given, says] of WRONG)
  test(`it is refused: ${JSON.stringify(given)}`, () => {
    assert.match(problemsOf({ ...good, loadProof: given }).join('\n'), says);
    const orders = { ...collection, loadProof: given };
    assert.match(
      problemsOf({ ...good, collections: { orders } }).join('\n'),
      /collections\.orders\.loadProof/,
    );
  });
