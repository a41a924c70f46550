/** A state as integers: equal integers mean equal futures. */
import { PHASES, type Phase } from '../../functions/protocol/phase.ts';
import type { Receipt, Running, State } from './state.ts';

const AWAY = { none: 0, couchbase: 1, oracle: 2 } as const;
const WORKERS = ['reconciler', 'rival', 'backfill', 'verifier'] as const;

export function fingerprint(state: State): number[] {
  const print = [
    state.world.id,
    state.register.id,
    numberOf(state.phase) * 8 + (state.stale === null ? 7 : numberOf(state.stale)),
    (state.backfilled ? 1 : 0) +
      (state.verified ? 2 : 0) +
      (state.unwitnessed ? 4 : 0) +
      (state.proven === null ? 0 : state.proven === 'expand seal' ? 8 : 16) +
      state.walked * 32,
    (state.forced ? 1 : 0) +
      (state.excused ? 2 : 0) +
      AWAY[state.away ?? 'none'] * 64 +
      state.outages * 16 +
      state.failovers * 256 +
      state.fallbacks * 1024 +
      (state.sealed ? 8 : 0),
    state.faults,
    state.crossing,
    state.repairs,
    typeof state.fresh === 'number' ? state.fresh : state.fresh === null ? -1 : -2,
  ];
  for (const { begun, running, seen } of state.clients) {
    print.push(begun, Number(seen.version), seen.value?.charCodeAt(0) ?? 0);
    addRunning(print, running);
  }
  for (const worker of WORKERS) addRunning(print, state[worker]);
  for (const one of [state.reconciler, state.rival]) if (one !== null) addReceipt(print, one.receipt);
  for (const { phase, walked } of state.shards) print.push(-1000 - numberOf(phase) * 100 - walked);
  for (const digest of state.owed) print.push(-digest.charCodeAt(0));
  for (const value of state.due) print.push(-1000 - (value?.charCodeAt(0) ?? 0));
  print.push(state.receipts.length);
  for (const receipt of state.receipts) addReceipt(print, receipt);
  for (const { place, phase, bit } of state.stragglers) print.push(place.id, numberOf(phase), bit);
  return print;
}

function addRunning(print: number[], running: Running | null): void {
  if (running === null) print.push(-1);
  else print.push(running.place.id, numberOf(running.phase) * 2 + (running.receipted ? 1 : 0));
}

function addReceipt(print: number[], { waits, expired, old, run }: Receipt): void {
  print.push(waits, Number(expired) * 4 + (old ? 1 : 0) + (run ? 2 : 0));
}

function numberOf(phase: Phase): number {
  return PHASES.indexOf(phase);
}
