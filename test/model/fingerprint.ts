/** A state as numbers: equal numbers mean equal futures. */
import { PHASES, type Phase } from '../../functions/protocol/phase.ts';
import type { Memory } from './memory.ts';
import type { Receipt, Running, State } from './state.ts';

export function fingerprint(state: State, memory: Memory): number[] {
  const { clients, reconciler, backfill, verifier, stragglers } = state;
  return [
    memory.number(state.world),
    memory.number(state.register),
    PHASES.indexOf(state.phase) * 8 + (state.stale === null ? 7 : PHASES.indexOf(state.stale)),
    (state.backfilled ? 1 : 0) + (state.verified ? 2 : 0) + state.walked * 4,
    state.faults,
    state.repairs,
    memory.number(`fresh ${state.fresh}`),
    ...clients.flatMap(({ begun, running, seen }) => [
      begun,
      runningNumber(running, memory),
      memory.number(`seen ${seen.value} ${seen.version}`),
    ]),
    runningNumber(reconciler, memory),
    reconciler === null ? 0 : memory.number(receiptKey(reconciler.receipt)),
    runningNumber(backfill, memory),
    runningNumber(verifier, memory),
    memory.number(`receipts ${state.receipts.map(receiptKey).sort().join()}`),
    ...stragglers.flatMap(({ place, phase, bit }) => [memory.number(place), phaseNumber(phase), bit]),
  ];
}

function runningNumber(running: Running | null, memory: Memory): number {
  if (running === null) return -1;
  return (memory.number(running.place) * 8 + phaseNumber(running.phase)) * 2 + (running.receipted ? 1 : 0);
}

function phaseNumber(phase: Phase): number {
  return PHASES.indexOf(phase);
}

function receiptKey({ waits, expired, old }: Receipt): string {
  return `${waits}.${expired}.${old}`;
}
