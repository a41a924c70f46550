/** A request is known again by what the document keeps of the one that wrote it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { documentFrom } from '../../functions/protocol/fingerprint.ts';
import { PHASES, type Phase, ROUTES } from '../../functions/protocol/phase.ts';
import { compareName, type RequestName, storedName } from '../../functions/routing/repetition.ts';

const NAME = { key: 'k'.repeat(21), fingerprint: 'f'.repeat(21), former: null };
const FORMER = 'x'.repeat(43);
const former = (deployed = false): RequestName => ({
  ...NAME,
  former: { text: () => FORMER, from: 10n, to: 20n, deployed },
});
const written = (request: string | undefined, version = 15n) => ({
  content: { ...documentFrom(Buffer.from('1'), null), ...(request === undefined ? {} : { request }) },
  version,
});

test('the name has room in a store, and its two parts can be told apart', () => {
  assert.equal(storedName(NAME), `${NAME.key}.${NAME.fingerprint}`);
  assert.equal(storedName(NAME).length, 43);
});

test('the same request is a repetition, its key with another request is reused, and all else is nothing', () => {
  const compare = (stored: string | undefined, name: RequestName | undefined = NAME) =>
    compareName(name, written(stored), 'seal');
  assert.equal(compare(storedName(NAME)), 'repetition');
  assert.equal(compare(`${NAME.key}.${'g'.repeat(21)}`), 'reused');
  assert.equal(compare(`${'l'.repeat(21)}.${NAME.fingerprint}`), null);
  assert.equal(compare(undefined), null);
  assert.equal(compareName(undefined, written(storedName(NAME)), 'seal'), null);
  assert.equal(compareName(NAME, { content: null, version: 0n }, 'seal'), null);
});

test('a name of the version before counts for documents of its time alone', () => {
  const compare = (version: bigint, stored = FORMER) =>
    compareName(former(), written(stored, version), 'seal');
  assert.deepEqual(
    [9n, 10n, 20n, 21n].map((version) => compare(version)),
    [null, 'repetition', 'repetition', null],
  );
  assert.equal(compare(15n, 'y'.repeat(43)), null);
  // With a dot it is a name of this version, of another request.
  assert.equal(compare(15n, `${'l'.repeat(21)}.${'f'.repeat(21)}`), null);
  assert.equal(compareName(NAME, written(FORMER), 'seal'), null);
});

test('where Oracle counts versions up they tell no time, so such a name counts for a bake after a deployment', () => {
  const compare = (phase: Phase, deployed: boolean) =>
    compareName(former(deployed), written(FORMER, 99n), phase);
  for (const phase of PHASES) {
    assert.equal(compare(phase, true), ROUTES[phase].order === 'oracle' ? 'repetition' : null, phase);
    assert.equal(compare(phase, false), null, phase);
  }
});
