/** A schedule as a person reads it: one line per event, who did what in which phase, and what the stores hold after it. */
import type { Call } from '../../functions/protocol/call.ts';
import type { Move } from './move.ts';
import { runningOf } from './move.ts';
import type { State } from './state.ts';

export function line(before: State, move: Move, after: State): string {
  return `${describe(before, move, after).padEnd(96)} ${stores(after)}`;
}

function describe(before: State, move: Move, after: State): string {
  switch (move.kind) {
    case 'begin': {
      const running = after.clients[move.client]?.running;
      return `client ${move.client} begins in ${move.phase}${move.receiptLost ? ', its receipt is lost' : ''}: ${running?.place.call?.name ?? ''}`;
    }
    case 'call': {
      const running = runningOf(before, move.who);
      const who = typeof move.who === 'number' ? `client ${move.who}` : move.who;
      const fault = move.fault === null ? '' : `, ${move.fault} without an answer`;
      const over = runningOf(after, move.who) === null ? ', and is done' : '';
      return `${who} (${running?.phase}) ${callKey(running?.place.call as never)}${fault}${move.crash ? ', crashes' : over}`;
    }
    case 'walk':
      return `the phase goes from ${before.phase} to ${after.phase}`;
    case 'bake':
      return `nobody acts on ${before.stale} any more`;
    case 'reconcile':
      return `${move.who} takes a receipt in ${move.phase}`;
    case 'straggler':
      return `a call given up on arrives: ${callKey(before.stragglers[move.index]?.place.call as never)}`;
    default:
      return move.kind;
  }
}

function stores({ world, receipts, register }: State): string {
  const { content, cas, xattr, row } = world;
  const held =
    cas === 0n
      ? '-'
      : `${content?.digest ?? 'marker'}@${cas}${xattr ? ` x${xattr.version}/${xattr.cas}` : ''}`;
  const handoff = row.handoff === null ? '' : ` handoff ${row.handoff}`;
  return `C ${held} | O ${row.content?.digest ?? (row.version ? 'tombstone' : '-')} v${row.version}${handoff}${row.handback ? ` handback ${row.handback}` : ''} | ${receipts.length} receipts${register.broken ? ' | BROKEN' : ''}`;
}

function callKey(call: Call): string {
  return JSON.stringify(call, (_, value) => (typeof value === 'bigint' ? `${value}n` : value));
}
