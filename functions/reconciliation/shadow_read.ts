/** What a comparison of both stores after a read counts as. */
import { type EffectivePhase, INITIAL_PHASE } from '../phases/effective_phase.ts';
import type { StoreName } from '../protocol/phase.ts';
import type { ReceiptPorts } from './receipt_worker.ts';

type Ports = Pick<ReceiptPorts, 'parse' | 'phase' | 'count' | 'noteDifference' | 'log'>;

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

/** Counts it, and writes a difference down. @param body of the receipt. @param changed the stores that were changed after the read. */
export async function noteShadowRead(
  body: string,
  changed: readonly StoreName[],
  { parse, phase, count, noteDifference, log }: Ports,
): Promise<void> {
  if (changed.length === 0) return count(shadowRead(changed, INITIAL_PHASE));
  const receipt = parse(body);
  // It was read just now. Where it is not known any more, a difference is one.
  const found = shadowRead(changed, await phase(receipt.collection).catch(() => INITIAL_PHASE));
  count(found);
  if (found !== 'ShadowReadsDifferent') return;
  await noteDifference?.(receipt).catch((error: unknown) =>
    log.warn('LOAD_PROOF_UNSAVED: a difference could not be written down', { cause: String(error) }),
  );
}
