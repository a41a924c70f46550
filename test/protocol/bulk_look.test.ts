/** A bulk look decides by the rule of converge, from the reads that converge makes first. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSettled, looksOf } from '../../functions/protocol/bulk_look.ts';
import { converge } from '../../functions/protocol/converge.ts';
import { PHASES, type Phase } from '../../functions/protocol/phase.ts';
import { NO_DOCUMENT, NO_ROW } from '../../functions/protocol/state.ts';
import { documentOf } from '../model/documents.ts';

const HELD = { content: documentOf('a'), version: 5n, cas: 5n };
const ROW = { content: documentOf('a'), version: 5n, handoff: null, handback: 0n };
const MARKER = { content: null, version: 5n, cas: 5n };
const TOMBSTONE = { ...ROW, content: null };
const DUAL: readonly Phase[] = ['expand', 'seal', 'switch', 'settle'];

test('the stores are read in the order in which converge reads them', () => {
  for (const phase of PHASES) {
    const steps = converge(phase, 0n);
    const called: string[] = [];
    for (let next = steps.next(); !next.done && called.length < 2; ) {
      called.push(next.value.name);
      next = steps.next(next.value.name === 'oracle.read' ? ROW : HELD);
    }
    const wanted = looksOf(phase).map((store) => `${store}.read`);
    assert.deepEqual(called, wanted, phase);
  }
});

test('the same document in the same version is settled in every phase, and so is what both stores lack', () => {
  for (const phase of PHASES) {
    assert.equal(isSettled(phase, 0n, { couchbase: HELD, oracle: ROW }), true, phase);
    assert.equal(isSettled(phase, 0n, { couchbase: NO_DOCUMENT, oracle: NO_ROW }), true, phase);
    assert.equal(isSettled(phase, 0n, { couchbase: NO_DOCUMENT, oracle: TOMBSTONE }), true, phase);
  }
});

test('whatever differs, in version, in content or in presence, is left to converge', () => {
  const differing = [
    { couchbase: HELD, oracle: { ...ROW, version: 4n } },
    { couchbase: HELD, oracle: { ...ROW, content: documentOf('b') } },
    { couchbase: HELD, oracle: NO_ROW },
    { couchbase: HELD, oracle: TOMBSTONE },
    { couchbase: NO_DOCUMENT, oracle: ROW },
  ];
  for (const phase of DUAL)
    for (const [n, looked] of differing.entries())
      assert.equal(isSettled(phase, 0n, looked), false, `${phase}, ${n}`);
});

test('a marker is left to converge, whether it is seen at rest for the first time or is to be removed', () => {
  for (const phase of ['legacy', ...DUAL] as const)
    for (const expired of [0n, 5n])
      assert.equal(isSettled(phase, expired, { couchbase: MARKER, oracle: TOMBSTONE }), false, phase);
});

test('a key that Oracle orders is settled in settle alone', () => {
  const looked = { couchbase: HELD, oracle: { ...ROW, handoff: 4n } };
  const settled = DUAL.filter((phase) => isSettled(phase, 0n, looked));
  assert.deepEqual(settled, ['settle']);
});

test('a key that was not read in every store is left to converge', () => {
  for (const phase of DUAL) {
    assert.equal(isSettled(phase, 0n, { couchbase: HELD }), false, phase);
    assert.equal(isSettled(phase, 0n, { oracle: ROW }), false, phase);
  }
  assert.equal(isSettled('legacy', 0n, { couchbase: HELD }), true);
  assert.equal(isSettled('contract', 0n, {}), true);
});
