/** How fast the way back is, as `plan` says it before a move. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Phase } from '../../functions/protocol/phase.ts';
import { wayBackLine } from '../../infra/console/told/way_back.ts';
import { collection, compared, evidence } from '../control/given.ts';

const line = (from: Phase, to: Phase, given: Parameters<typeof wayBackLine>[2] = evidence()) =>
  wayBackLine('orders', { from, to }, given).join();

test('the way back is told with what it waits for, and with the time that a walk over all keys takes', () => {
  assert.match(
    line('legacy', 'expand'),
    /back from expand: to legacy as soon as the bake is over, without a store$/,
  );
  assert.match(line('settle', 'contract'), /back from contract: to settle as soon as/);
  assert.match(line('switch', 'settle'), /back from settle: to switch after copy-back of orders$/);
  const verification = { ...compared('seal', 0), finished: 700_000 };
  const known = evidence({ collection: collection({ verification }) });
  assert.match(
    line('seal', 'switch', known),
    /back from switch: to seal after .*copy-back of orders, .*; the last verification of all keys has taken 12 min$/,
  );
  assert.match(line('seal', 'switch', { missing: 'Oracle is away' }), /by version$/);
  assert.equal(line('seal', 'expand'), '', 'it is one itself');
});
