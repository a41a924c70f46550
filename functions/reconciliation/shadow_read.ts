/** What a comparison of both stores after a read counts as. */
import { type EffectivePhase, INITIAL_PHASE } from '../phases/effective_phase.ts';
import type { StoreName } from '../protocol/phase.ts';
import type { ReceiptPorts } from './receipt_worker.ts';

type Ports = Pick<ReceiptPorts, 'parse' | 'phase' | 'copiedSince' | 'count' | 'noteDifference' | 'log'>;

/**
 * Before everything has been copied, Oracle lacks in `expand` what nobody has written since, and from an earlier stay it may have an older version. In a `settle` that follows `contract`, Couchbase lacks what `contract` has written, until the copy-back of the move to `switch`. No
 * reader sees that, and no receipt was lost: so it is counted, but is no reason for an alarm. A copy-back that begins with the phase would
 * not do instead, since reads differ for as long as it takes. In a `settle` that follows `switch` each write has a receipt, so
 * Couchbase lacks nothing, and a difference is one.
 * @param copied whether everything has been copied since the phase began. It matters in `expand` alone.
 */
export function shadowRead(
  changed: readonly StoreName[],
  { phase, followsContract }: Pick<EffectivePhase, 'phase' | 'followsContract'>,
  copied = true,
): 'ShadowReadsEqual' | 'ShadowReadsDifferent' | 'ShadowReadsBehind' {
  if (changed.length === 0) return 'ShadowReadsEqual';
  const behind = (store: StoreName) => changed.every((each) => each === store);
  if (phase === 'expand' && !copied && behind('oracle')) return 'ShadowReadsBehind';
  return phase === 'settle' && followsContract === true && behind('couchbase')
    ? 'ShadowReadsBehind'
    : 'ShadowReadsDifferent';
}

/** Counts it, and writes a difference down. @param body of the receipt. @param changed the stores that were changed after the read. */
export async function noteShadowRead(
  body: string,
  changed: readonly StoreName[],
  { parse, phase, copiedSince, count, noteDifference, log }: Ports,
): Promise<void> {
  if (changed.length === 0) return count(shadowRead(changed, INITIAL_PHASE));
  const receipt = parse(body);
  const { collection } = receipt;
  // It was read just now. Where it is not known any more, a difference is one.
  const effective = await phase(collection).catch(() => INITIAL_PHASE);
  const copied =
    effective.phase !== 'expand' || (await copiedSince(collection, effective.since).catch(() => true));
  const found = shadowRead(changed, effective, copied);
  count(found);
  if (found !== 'ShadowReadsDifferent') return;
  await noteDifference?.(receipt).catch((error: unknown) =>
    log.warn('LOAD_PROOF_UNSAVED: a difference could not be written down', { cause: String(error) }),
  );
}
