/** Behind another store no gate opens, whatever runs say; moves that need no store stay free. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { helpful } from '../../functions/control/decide.ts';
import { sight } from '../../functions/identity/sight.ts';
import type { Phase } from '../../functions/protocol/phase.ts';
import { collection, decided, evidence, FREE, GATED, runsFor } from './given.ts';

const OTHER = sight('orders', 'couchbase', { bucket: 'b2' }, { bucket: 'b1' });
const SAME = sight('orders', 'oracle', { dbid: '7' }, { dbid: '7' });

const moved = (from: Phase, wanted: Phase, identities = [SAME, OTHER]) =>
  decided(from, wanted, { ...evidence({ collection: collection(runsFor(from)) }), identities });

test('no gate opens behind another store, no run is started for it, and the reason names the command', async () => {
  for (const [from, wanted] of GATED) {
    assert.equal((await moved(from, wanted, [SAME])).kind, 'move', `${from} to ${wanted}`);
    const shut = await moved(from, wanted);
    assert.equal(shut.kind, 'wait', `${from} to ${wanted}`);
    const [told] = shut.conditions.filter(({ holds }) => !holds);
    assert.equal(told?.name, 'identity');
    assert.match(
      told.measured,
      /IDENTITY_CHANGED: .* is bucket b2, and was bucket b1.* identity accept orders/,
    );
    assert.deepEqual(helpful(shut.conditions), []);
  }
});

test('moves that need no store are made all the same', async () => {
  for (const [from, wanted] of FREE) assert.equal((await moved(from, wanted)).kind, 'move', from);
});
