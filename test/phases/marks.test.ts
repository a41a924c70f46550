/** The phase as its parameter holds it, with the marks of moves in the name of who asked. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MalformedPhase, parsePhase } from '../../functions/phases/effective_phase.ts';
import { BadFlag, wished } from '../../functions/phases/flags.ts';
import { followsContract, markIn, withMark, withoutMark } from '../../functions/phases/forced_mark.ts';
import { movesOf, phaseOf } from '../../functions/phases/parameters.ts';
import { phaseIn } from '../../functions/phases/stored_phase.ts';

const FORCED = [
  { from: 'seal', to: 'expand', at: 1_700_000_000_000, claim: 3 },
  { from: 'expand', to: 'legacy', at: 1_700_000_000_001, claim: 4 },
] as const;
const stored = (phase: string, by: string) => JSON.stringify({ phase, since: 5, by });

test('marks are read as they were written, and the name without them', () => {
  for (const forced of [[], FORCED.slice(0, 1), FORCED])
    for (const fromContract of [false, true]) {
      const by = withMark('ann', forced, fromContract ? 'from contract' : null);
      assert.deepEqual([markIn(by), followsContract(by), withoutMark(by)], [forced, fromContract, 'ann'], by);
    }
});

test('a name without marks is nobody’s mark', () => {
  assert.deepEqual([withMark('ann', []), markIn('ann'), followsContract('ann')], ['ann', [], false]);
  assert.equal(withoutMark('ann; forced nothing'), 'ann; forced nothing');
});

test('a name has 250 characters with its marks, and keeps its end', () => {
  assert.equal(withMark('a'.repeat(250), []), 'a'.repeat(250));
  assert.equal(withMark(`${'a'.repeat(250)}z`, []), `...${'a'.repeat(246)}z`);
  const marked = withMark(`${'a'.repeat(250)}z`, FORCED, 'from contract');
  assert.equal(marked.length, 250);
  assert.deepEqual(
    [markIn(marked), withoutMark(marked).startsWith('...'), withoutMark(marked).at(-1)],
    [FORCED, true, 'z'],
  );
});

test('the marks of a phase are told beside it, and what is not marked is not told', () => {
  assert.deepEqual(parsePhase(stored('settle', 'ann')), { phase: 'settle', since: 5, by: 'ann' });
  const by = withMark('ann', FORCED, 'from contract');
  assert.deepEqual(parsePhase(stored('settle', by)), {
    ...{ phase: 'settle', since: 5, by, forced: FORCED, followsContract: true },
  });
  assert.equal(parsePhase(stored('switch', by)).followsContract, undefined);
  assert.throws(() => parsePhase('{'), { name: 'MalformedPhase', message: /it is no JSON/ });
  assert.throws(() => parsePhase('{}'), MalformedPhase);
});

test('a phase holds from when its parameter was written and may be read everywhere, the first one at once', () => {
  const value = stored('settle', 'ann');
  assert.equal(phaseIn({ value, version: 1, changed: 100 }, 7).since, 5);
  assert.equal(phaseIn({ value, version: 2, changed: 100 }, 7).since, 107);
});

test('a bad flag is told as what is wrong with it, and any other error is thrown', () => {
  const wish = {
    flags: { couchbaseWrites: true, oracleWrites: false, reads: 'couchbase' },
    own: [],
  } as const;
  const failing = (error: Error) => () => {
    throw error;
  };
  assert.deepEqual(
    wished(() => wish),
    wish,
  );
  assert.deepEqual(wished(failing(new BadFlag('no'))), { refused: 'no' });
  assert.throws(() => wished(failing(new TypeError('other'))), TypeError);
  assert.equal(new BadFlag('no').name, 'BadFlag');
});

test('the phase and the moves of a collection are parameters with its name', () => {
  assert.equal(phaseOf('/shop', 'orders'), '/shop/collections/orders/phase');
  assert.equal(movesOf('/shop', 'orders'), '/shop/moves/orders');
});
