/** What one repair does to each state of a key, call by call: it writes what it has to, and looks no more often than it has to. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Converged, converge } from '../../functions/protocol/converge.ts';
import type { Phase } from '../../functions/protocol/phase.ts';
import { callsOf, row, rowsOf, STATES } from './calls.ts';

/** `again`: the receipt of the marker that Couchbase holds, a bake after it was seen. */
const REPAIRS = `
nothing in both
  expand, seal, switch: O?, C? -> equal
  settle: C?, O? -> equal
the same in both
  expand, seal, switch: O?, C? -> equal
  settle: C?, O? -> equal
Oracle lacks it
  expand, seal, switch: O?, C?, O copy o 5000 -> equal
  settle: C?, O?, C?, O copy o 5000, C?, O? -> equal
Oracle is behind
  expand, seal, switch: O?, C?, O copy o 5000 -> equal
  settle: C?, O?, C?, O copy o 5000, C?, O? -> equal
Oracle has it deleted, of before
  expand, seal, switch: O?, C?, O copy o 5000 -> equal
  settle: C?, O?, C?, O copy o 5000, C?, O? -> equal
Couchbase is behind
  expand, seal, switch: O?, C?, O?, aside o (couchbase forgot), C=n 6000, O?, C? -> equal
  settle: C?, O?, O=n 6000 handoff 6000, C?, O?, C=n 6000, C?, O? -> equal
Couchbase is behind a deletion
  expand: O?, C?, O?, aside o (couchbase forgot), Q?, C=marker 6000, O?, C?, O?, C erased, O? -> equal
  seal, switch: O?, C?, O?, aside o (couchbase forgot), Q?, C=marker 6000, O?, C? -> marker
  settle: C?, O?, O=nothing 6000 handoff 6000, C?, O?, C=marker 6000, C?, O? -> marker
two of one version
  expand, seal, switch: O?, C?, O?, C=o 5001, O?, C?, O copy o 5001 -> equal
  settle: C?, O?, O=p 5001 handoff 5000, C?, O?, C=p 5001, C?, O? -> equal
Couchbase lacks it, deleted
  expand: O?, C?, C gone?, O=nothing 5001, O?, C? -> equal
  seal: O?, C?, C gone?, Q?, C=placeholder, O?, Q?, C=marker 10100, O?, C?, O copy nothing 10100, O?, C? -> marker
  switch: O?, C?, Q?, C=placeholder, O?, C?, O=o 5000 handback 10100, O?, C?, C=o 5000, O?, C? -> equal
  settle: C?, O?, O=o 5000 handoff 5000, C?, O?, C=o 5000, C?, O? -> equal
Couchbase lacks it, unexplained
  expand: O?, C?, C gone?, O=nothing 5001 (unexplained), O?, C? -> equal
  seal: O?, C?, C gone?, Q?, C=placeholder, O?, aside o (unexplained), Q?, C=marker 10100, O?, C?, O copy nothing 10100, O?, C? -> marker
  switch: O?, C?, Q?, C=placeholder, O?, C?, O=o 5000 handback 10100, O?, C?, C=o 5000, O?, C? -> equal
  settle: C?, O?, O=o 5000 handoff 5000, C?, O?, C=o 5000, C?, O? -> equal
deleted, marker left
  expand, expand again, seal again: O?, C?, O?, C erased, O? -> equal
  seal, switch: O?, C? -> marker
  switch again: O?, C?, O?, C erased -> equal
  settle: C?, O? -> marker
  settle again: C?, O?, C erased -> equal
a marker Oracle lacks
  expand, expand again, seal again: O?, C?, O copy nothing 5000, O?, C?, O?, C erased, O? -> equal
  seal, switch: O?, C?, O copy nothing 5000, O?, C? -> marker
  switch again: O?, C?, O copy nothing 5000, O?, C?, O?, C erased -> equal
  settle: C?, O?, C?, O copy nothing 5000, C?, O? -> marker
  settle again: C?, O?, C?, O copy nothing 5000, C?, O?, C erased -> equal
a placeholder
  expand, expand again, seal again: O?, C?, O?, C erased, O? -> equal
  seal, switch: O?, C? -> marker
  switch again: O?, C?, O?, C erased -> equal
  settle: C?, O? -> marker
  settle again: C?, O?, C erased -> equal
a placeholder below the row
  expand, expand again, seal, seal again: O?, C?, O?, C=o 5000, O?, C? -> equal
  switch, switch again: O?, C?, O=o 5000 handback 4000, O?, C?, C=o 5000, O?, C? -> equal
  settle, settle again: C?, O?, O=o 5000 handoff 5000, C?, O?, C=o 5000, C?, O? -> equal
a placeholder above the row
  expand, expand again: O?, C?, O=nothing 5001 (unexplained), O?, C?, C=marker 5001, O?, C?, O?, C erased, O? -> equal
  seal, seal again: O?, C?, O?, aside o (unexplained), Q?, C=marker 8000, O?, C?, O copy nothing 8000, O?, C? -> marker
  switch, switch again: O?, C?, O=o 5000 handback 8000, O?, C?, C=o 5000, O?, C? -> equal
  settle, settle again: C?, O?, O=o 5000 handoff 5000, C?, O?, C=o 5000, C?, O? -> equal
a placeholder that the row counts from
  expand, expand again: O?, C?, O=nothing 5001 handback 8000 (unexplained), O?, C?, C=marker 5001, O?, C?, O?, C erased, O? -> equal
  seal, seal again: O?, C?, O?, aside o (unexplained), Q?, C=marker 8001, O?, C?, O copy nothing 8001, O?, C? -> marker
  switch, switch again: O?, C?, C=o 5000, O?, C? -> equal
  settle, settle again: C?, O?, O=o 5000 handoff 5000 handback 8000, C?, O?, C=o 5000, C?, O? -> equal
an outdated copy
  expand, seal: O?, C?, O?, aside a (couchbase forgot), C=o 5000, O?, C? -> equal
  switch: O?, C?, O=o 5000 handback 8000, O?, C?, C=o 5000, O?, C? -> equal
  settle: C?, O?, O=o 5000 handoff 5000 handback 4500, C?, O?, C=o 5000, C?, O? -> equal
expired in Oracle alone
  expand, seal, switch: O?, C? -> equal
  settle: C?, O? -> equal
handed off, never copied
  expand: O?, C?, O=o 5000 handback 5000 -> equal
  seal, switch: O?, C?, O?, O=o 5000 handback 5000 -> equal
  settle: C?, O? -> equal
handed off, the same
  expand: O?, C?, O=o 5000 handback 8000 -> equal
  seal, switch: O?, C?, O?, O=o 5000 handback 8000 -> equal
  settle: C?, O? -> equal
handed off, CAS below
  expand: O?, C?, C=o 5000, O?, C?, O=o 5000 handback 10100 -> equal
  seal, switch: O?, C?, O?, C=o 5000, O?, C?, O?, O=o 5000 handback 10100 -> equal
  settle: C?, O? -> equal
handed off, Couchbase behind
  expand: O?, C?, C=a 5001, O?, C?, O=a 5001 handback 10100 (taken back) -> equal
  seal, switch: O?, C?, O?, C=o 5000, O?, C?, O?, O=o 5000 handback 10100 -> equal
  settle: C?, O?, C=o 5000, C?, O? -> equal
handed off, Couchbase newer
  expand: O?, C?, O=n 6000 handback 5999 (taken back) -> equal
  seal, switch: O?, C?, O?, aside n (past oracle), O=o 6001 handoff 4000, O?, C?, O?, C=o 6001, O?, C?, O?, O=o 6001 handback 10100 -> equal
  settle: C?, O?, aside n (past oracle), O=o 6001 handoff 4000, C?, O?, C=o 6001, C?, O? -> equal
handed off, Couchbase lacks it
  expand: O?, C?, O=nothing 5001 (taken back), O?, C? -> equal
  seal, switch: O?, C?, O?, Q?, C=placeholder, O?, C?, O?, C=o 5000, O?, C?, O?, O=o 5000 handback 10200 -> equal
  settle: C?, O?, C=o 5000, C?, O? -> equal
handed off, marker
  expand, expand again: O?, C?, C erased, O?, O?, C?, O=nothing 5001 (taken back), O?, C? -> equal
  seal, seal again, switch, switch again: O?, C?, O?, aside nothing (oracle forgot), O=o 5001 handoff 4000, O?, C?, O?, C=o 5001, O?, C?, O?, O=o 5001 handback 10100 -> equal
  settle, settle again: C?, O?, aside nothing (oracle forgot), O=o 5001 handoff 4000, C?, O?, C=o 5001, C?, O? -> equal
handed off, deleted
  expand: O?, C?, C=a 5001, O?, C?, O=a 5001 handback 10100 -> equal
  seal, switch: O?, C?, O?, C=marker 5000, O?, C?, O?, O=nothing 5000 handback 10100, O?, C? -> marker
  settle: C?, O?, C=marker 5000, C?, O? -> marker
handed off, deleted in both
  expand: O?, C?, O=nothing 5001, O?, C? -> equal
  seal, switch: O?, C?, O?, Q?, C=placeholder, O?, C?, O?, C=marker 5000, O?, C?, O?, O=nothing 5000 handback 10200, O?, C? -> marker
  settle: C?, O? -> equal
`;

const answer = ({ kind }: Converged) => kind;

for (const { state, cases } of rowsOf(REPAIRS))
  test(`a repair: ${state}`, async () => {
    const world = STATES[state] ?? assert.fail();
    for (const [name, calls] of cases) {
      const [phase, again] = name.split(' ');
      const expired = again === undefined ? 0n : (world.cas ?? 0n);
      assert.equal(await callsOf(converge(phase as Phase, expired), world, answer), calls, name);
    }
  });

test('every state is repaired in every phase in which both stores are written', () => {
  const rows = rowsOf(REPAIRS);
  assert.deepEqual(
    rows.map(({ state }) => state),
    Object.keys(STATES),
  );
  for (const { state, cases } of rows) {
    const phases = new Set(cases.map(([name]) => name.split(' ')[0]));
    assert.deepEqual(phases, new Set(['expand', 'seal', 'switch', 'settle']), state);
  }
});

test('the receipt of a marker doubts the tombstone of what was written after the marker, and of nothing before it', async () => {
  const world = { ...row('o', 5000n), gone: 6000n };
  for (const [expired, aside] of [
    [0n, ''],
    [4999n, ' (unexplained)'],
    [5000n, ''],
    [5001n, ''],
  ] as const) {
    const calls = `O?, C?, C gone?, O=nothing 5001${aside}, O?, C? -> equal`;
    assert.equal(await callsOf(converge('expand', expired), world, answer), calls, `${expired}`);
  }
  // A tombstone explains what is older than it.
  const older = await callsOf(converge('expand', 0n), { ...world, gone: 5000n }, answer);
  assert.match(older, /O=nothing 5001 \(unexplained\)/);
});

test('where one store alone is written, a repair only removes what is left over in Couchbase', async () => {
  for (const [state, world] of Object.entries(STATES)) {
    const isLeft = world.cas !== undefined && world.content === null;
    const tidied = isLeft ? 'C?, C erased -> equal' : 'C? -> equal';
    assert.equal(await callsOf(converge('legacy', 0n), world, answer), tidied, state);
    assert.equal(await callsOf(converge('contract', 0n), world, answer), ' -> equal', state);
  }
});
