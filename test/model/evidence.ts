/** What a verification has found. */
import type { Phase } from '../../functions/protocol/phase.ts';
import type { Verdict } from '../../functions/protocol/verify.ts';
import { type Receipt, receiptSet, type State } from './state.ts';

/** A receipt of nobody's write: verification found a difference. */
const LOOK_AGAIN: Receipt = { waits: 0, expired: 0n, old: true, run: false };

/** Evidence counts only for the phase that it was gathered in. In a ramp, which is in two, it heals a forced move, and opens no gate. */
export function verified(state: State, phase: Phase | undefined, verdict: Verdict | null): State {
  if (verdict === null || phase !== state.phase) return state;
  const receipts = verdict === 'equal' ? state.receipts : receiptSet([...state.receipts, LOOK_AGAIN]);
  const clean = verdict !== 'differs';
  return { ...state, receipts, verified: clean && state.stale === null, forced: state.forced && !clean };
}
