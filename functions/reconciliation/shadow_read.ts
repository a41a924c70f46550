/** What a comparison of both stores after a read counts as. */
import type { EffectivePhase } from '../phases/effective_phase.ts';
import type { StoreName } from '../protocol/phase.ts';

/**
 * In a `settle` that follows `contract`, Couchbase lacks what `contract` has written, until the copy-back of the move to `switch`. No
 * reader sees that, and no receipt was lost: so it is counted, but is no reason for an alarm. A copy-back that begins with the phase would
 * not do instead, since reads differ for as long as it takes. In a `settle` that follows `switch` each write has a receipt, so
 * Couchbase lacks nothing, and a difference is one.
 */
export function shadowRead(
  changed: readonly StoreName[],
  { phase, followsContract }: Pick<EffectivePhase, 'phase' | 'followsContract'>,
): 'ShadowReadsEqual' | 'ShadowReadsDifferent' | 'ShadowReadsBehind' {
  if (changed.length === 0) return 'ShadowReadsEqual';
  const behind = changed.every((store) => store === 'couchbase');
  return phase === 'settle' && followsContract === true && behind
    ? 'ShadowReadsBehind'
    : 'ShadowReadsDifferent';
}
