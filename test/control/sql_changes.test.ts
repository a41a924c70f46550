/** Rows that were changed by SQL, and that nobody has decided on, shut the gates behind which something of them could get lost. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Phase } from '../../functions/protocol/phase.ts';
import { all, collection, decided, evidence, GATED, runsFor } from './given.ts';

const moved = (from: Phase, wanted: Phase, sqlChanges: number) =>
  decided(from, wanted, evidence({ collection: { ...collection(runsFor(from)), sqlChanges } }));

const OPEN = [
  ['legacy', 'expand'],
  ['expand', 'legacy'],
  ['contract', 'settle'],
] as const;

test('on and back, gates wait until every change by SQL is decided', async () => {
  for (const [from, wanted] of GATED) {
    const shut = await moved(from, wanted, 3);
    assert.deepEqual([shut.kind, shut.missing], ['wait', ['changes by SQL']], `${from} to ${wanted}`);
    const { measured, command } = shut.conditions.at(-1) ?? {};
    assert.match(measured ?? '', /^3 rows were changed by SQL past the API/);
    assert.equal(command, 'npx crossfade sql-changes list orders');
    assert.equal((await moved(from, wanted, 0)).kind, 'move');
    // Functions of the version before tell nothing of it.
    assert.equal((await decided(from, wanted, all(from))).kind, 'move');
  }
});

test('moves on which nothing gets lost do not wait', async () => {
  for (const [from, wanted] of OPEN)
    assert.equal((await moved(from, wanted, 3)).kind, 'move', `${from} to ${wanted}`);
});
