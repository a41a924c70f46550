/** Conflicts that nobody has decided on shut the gates that want a clean verification. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { helpful } from '../../functions/control/decide.ts';
import type { Phase } from '../../functions/protocol/phase.ts';
import { all, collection, decided, evidence, runsFor } from './given.ts';

const moved = (from: Phase, wanted: Phase, conflicts: number) =>
  decided(from, wanted, evidence({ collection: { ...collection(runsFor(from)), conflicts } }));

const GATED = [
  ['expand', 'settle'],
  ['seal', 'settle'],
  ['switch', 'expand'],
  ['settle', 'contract'],
] as const;
/** Moves that bring a service back to work with one store, and the way back by a copy-back, which loses no entry. */
const OPEN = [
  ['legacy', 'expand'],
  ['expand', 'legacy'],
  ['seal', 'expand'],
  ['switch', 'settle'],
  ['settle', 'expand'],
  ['contract', 'settle'],
] as const;

test('each gate that wants a clean verification waits until every conflict is decided', async () => {
  for (const [from, wanted] of GATED) {
    const shut = await moved(from, wanted, 3);
    assert.deepEqual([shut.kind, shut.missing], ['wait', ['conflicts']], `${from} to ${wanted}`);
    const { measured, command } = shut.conditions.at(-1) ?? {};
    assert.match(measured ?? '', /^3 contents were replaced since a store had forgotten something/);
    assert.equal(command, 'npx crossfade set-aside list orders --open');
    assert.equal((await moved(from, wanted, 0)).kind, 'move');
    assert.equal((await decided(from, wanted, all(from))).kind, 'move');
  }
});

test('no other move waits for a decision', async () => {
  for (const [from, wanted] of OPEN)
    assert.equal((await moved(from, wanted, 3)).kind, 'move', `${from} to ${wanted}`);
});

test('a verification that a gate wants begins before conflicts are decided, since it may find more of them', async () => {
  const { conditions } = await decided(
    'seal',
    'settle',
    evidence({ collection: { ...collection(), conflicts: 3 } }),
  );
  assert.deepEqual(
    helpful(conditions).map(({ job }) => job),
    ['verify'],
  );
});
