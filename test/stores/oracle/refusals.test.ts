/** What is learned from Oracle's own words. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PoisonDocument } from '../../../functions/stores/failure.ts';
import { failureOf } from '../../../functions/stores/oracle/failure.ts';
import { Refusals } from '../../../functions/stores/oracle/refusals.ts';
import { document } from '../contract/subject.ts';

const TARGET = { store: 'oracle', operation: 'apply', collection: 'ORDERS', key: 'k' } as const;
const refusal = (message: string) => failureOf(new Error(message), TARGET, true) as PoisonDocument;
const content = document('{"a":1}');

function after(message: string, now = () => 0): Refusals {
  const refusals = new Refusals(now);
  refusals.learn('k', content, refusal(message));
  return refusals;
}
const isRefused = (refusals: Refusals, key: string, values: Record<string, string | null>) => {
  try {
    refusals.require(key, content, values, { ...TARGET, key });
    return false;
  } catch (error) {
    assert.ok(error instanceof PoisonDocument);
    assert.match(error.message, new RegExp(`^oracle apply in ORDERS, key "${key}": a `));
    return true;
  }
};

test('a column that is shorter than the configuration says refuses every text that is longer for certain, of any key', () => {
  const said = 'ORA-12899: value too large for column "APP"."ORDERS"."NAME" (actual: 12, maximum: 10)';
  const refusals = after(said);
  assert.ok(isRefused(refusals, 'k', {}));
  assert.ok(isRefused(refusals, 'other', { NAME: 'elevencharacters' }));
  // It may be counted in characters.
  assert.ok(!isRefused(refusals, 'other', { NAME: 'éééééééééé' }));
  assert.ok(!isRefused(refusals, 'other', { NAME: null, CITY: 'elevencharacters' }));
});

test('a column that must have a value refuses every content without one, deletions too', () => {
  for (const code of ['ORA-01400: cannot insert NULL into', 'ORA-01407: cannot update']) {
    const refusals = after(`${code} ("APP"."ORDERS"."NAME") to NULL`);
    assert.ok(isRefused(refusals, 'other', { NAME: null }));
    assert.ok(!isRefused(refusals, 'other', { NAME: 'x' }));
  }
});

test('of any other refusal only the same content of the same key is known', () => {
  const refusals = after('ORA-02290: check constraint (APP.POSITIVE) violated');
  assert.ok(isRefused(refusals, 'k', { NAME: 'x' }));
  assert.ok(!isRefused(refusals, 'other', { NAME: 'x' }));
});

test('what was learned is forgotten after a minute, and the oldest of a thousand before', () => {
  let now = 0;
  const refusals = after('ORA-20001: no', () => now);
  now = 59_999;
  assert.ok(isRefused(refusals, 'k', {}));
  now = 60_000;
  assert.ok(!isRefused(refusals, 'k', {}));
  for (let n = 0; n <= 1000; n++) refusals.learn(`k${n}`, content, refusal('ORA-20001: no'));
  assert.ok(!isRefused(refusals, 'k0', {}));
  assert.ok(isRefused(refusals, 'k1', {}) && isRefused(refusals, 'k1000', {}));
});
