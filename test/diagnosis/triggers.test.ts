/** What is said of triggers on the tables, by who has looked and what is there. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { triggerVerdicts } from '../../functions/diagnosis/triggers.ts';
import { known, notGranted, type Trigger } from '../../functions/stores/facts.ts';

const WANTED = { asOwner: true, watched: ['ORDERS', 'CARTS'], tables: ['ORDERS', 'CARTS'], users: ['APP'] };
const watch = (table: string, over: Partial<Trigger> = {}): Trigger => ({
  ...{ table, name: `${table}_CROSSFADE_SQL`, owner: 'SHOP', enabled: true, type: 'BEFORE EACH ROW' },
  ...{ event: 'INSERT OR UPDATE OR DELETE', when: "USER NOT IN ('APP', 'WORKER')", ...over },
});
const told = (found: readonly Trigger[], over: Partial<typeof WANTED> = {}) => {
  const { ORACLE_SQL_WATCH: ours, ORACLE_TRIGGERS: others } = triggerVerdicts(known(found), {
    ...WANTED,
    ...over,
  });
  assert.ok(ours !== undefined && others !== undefined);
  return { ours, others };
};

test('a trigger that is on some tables alone is doubtful, and tells which lack it', () => {
  const { ours } = told([watch('ORDERS')]);
  assert.equal(ours.state, 'doubtful');
  assert.match(ours.seen, /on 1 of 2 tables, and not on CARTS/);
  assert.match(ours.todo ?? '', /schema --watch-sql on/);
  assert.equal(told([watch('ORDERS'), watch('CARTS')]).ours.state, 'good');
});

test('a trigger that fires for a user of the functions is bad, also one without a condition', () => {
  for (const when of ["USER NOT IN ('WORKER')", null]) {
    const { ours } = told([watch('ORDERS'), watch('CARTS', { when })]);
    assert.deepEqual([ours.state, /fires for APP/.test(ours.seen)], ['bad', true]);
  }
});

test('whoever does not own the tables sees no triggers: that there are none is not known then', () => {
  const { ours, others } = told([], { asOwner: false });
  assert.deepEqual([ours.state, others.state], ['unknown', 'unknown']);
  assert.match(ours.todo ?? '', /doctor --from here/);
  assert.equal(told([watch('ORDERS')], { asOwner: false }).ours.state, 'doubtful', 'what is shown counts');
  const { ORACLE_SQL_WATCH } = triggerVerdicts(notGranted('SELECT ON ALL_TRIGGERS'), WANTED);
  assert.equal(ORACLE_SQL_WATCH?.state, 'unknown');
});

test('triggers of others are named, five at most, and those of other tables are none of ours', () => {
  const others = Array.from({ length: 7 }, (_, n) => watch('ORDERS', { name: `T${n}`, owner: 'AUDIT' }));
  const found = told([...others, watch('ELSEWHERE', { name: 'X' })]).others;
  assert.equal(found.state, 'doubtful');
  assert.match(
    found.seen,
    /AUDIT\.T0 on ORDERS \(BEFORE EACH ROW, INSERT OR UPDATE OR DELETE\), .*T4.*, 2 more$/,
  );
  assert.doesNotMatch(found.seen, /ELSEWHERE/);
  assert.match(
    told(others.map((each) => ({ ...each, enabled: false }))).others.seen,
    /^all triggers of others are disabled/,
  );
});
