import assert from 'node:assert/strict';
import { test } from 'node:test';
import { marked } from '../../functions/control/forced.ts';
import { parsePhase } from '../../functions/phases/effective_phase.ts';
import { MOST_FORCED, withoutMark } from '../../functions/phases/forced_mark.ts';
import { PHASES, type Phase } from '../../functions/protocol/phase.ts';
import { shadowRead } from '../../functions/reconciliation/shadow_read.ts';

const FORCED = Array.from({ length: MOST_FORCED }, (_, n) => ({
  ...({ from: 'switch', to: 'settle', at: 1_800_000_000_000 + n, claim: 10_000 + n } as const),
}));
const NAMES = ['controller', `user/${'é'.repeat(200)}`, 'me, from contract'];

/** The phase after a move, as functions read it. */
function moved(from: Phase, to: Phase, by = 'controller', forced = FORCED.slice(0, 0)) {
  const move = marked({ from, to, by, why: '', forced }, 7, 1_800_000_000_000);
  return parsePhase(JSON.stringify({ phase: to, since: 0, by: move.by }));
}

test('what Couchbase lacks is no difference in a settle that follows contract, and in no other phase', () => {
  for (const from of PHASES)
    for (const to of PHASES) {
      const stay = moved(from, to);
      const follows = from === 'contract' && to === 'settle';
      const behind = follows ? 'ShadowReadsBehind' : 'ShadowReadsDifferent';
      assert.equal(shadowRead(['couchbase'], stay), behind, `${from} to ${to}`);
      // What Oracle lacked was never expected.
      assert.equal(shadowRead(['oracle'], stay), 'ShadowReadsDifferent');
      assert.equal(shadowRead(['couchbase', 'oracle'], stay), 'ShadowReadsDifferent');
      assert.equal(shadowRead([], stay), 'ShadowReadsEqual');
    }
});

test('what Oracle lacks is no difference in an expand in which not everything was copied yet, and in no other phase', () => {
  for (const phase of PHASES) {
    const found = (changed: readonly ('couchbase' | 'oracle')[]) => shadowRead(changed, { phase }, false);
    assert.equal(found(['oracle']), phase === 'expand' ? 'ShadowReadsBehind' : 'ShadowReadsDifferent', phase);
    // Oracle never has more than Couchbase there.
    assert.equal(found(['couchbase']), 'ShadowReadsDifferent');
    assert.equal(found(['couchbase', 'oracle']), 'ShadowReadsDifferent');
    assert.equal(found([]), 'ShadowReadsEqual');
    assert.equal(shadowRead(['oracle'], { phase }), 'ShadowReadsDifferent');
  }
});

test('the way is known whoever made the move, and whatever was forced before', () => {
  for (const by of NAMES)
    for (const forced of [[], FORCED]) {
      const stay = moved('contract', 'settle', by, forced);
      assert.equal(stay.followsContract, true);
      assert.equal(stay.forced?.length ?? 0, forced.length);
      assert.ok(stay.by.length <= 250);
      const next = moved('settle', 'switch', stay.by, forced);
      assert.equal(next.followsContract, undefined);
      assert.ok(!withoutMark(next.by).endsWith(', from contract'), next.by);
      assert.equal(moved('switch', 'settle', stay.by, forced).followsContract, undefined);
    }
});
