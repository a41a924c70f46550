/** The client's side of an operation: what the history of the key records of its beginning and its end. */

import type { Operation } from '../../functions/certification/operation.ts';
import type { Content } from '../../functions/protocol/state.ts';
import type { Outcome } from '../../functions/protocol/write.ts';
import { isListed, writtenIn } from './documents.ts';
import { conditionOf, contentOf, SANE_CLOCK, type Scenario, type Task } from './scenario.ts';
import { type Client, type Running, receiptSet, type State } from './state.ts';
import type { Ending } from './unfold.ts';

export type Ended = Ending<unknown> | { readonly kind: 'crashed' };

const TASKS = 4;

export function begun(
  state: State,
  task: Task,
  client: number,
  running: Omit<Running, 'bit'>,
  dropped: boolean,
): State {
  const { begun: count, seen } = state.clients[client] as Client;
  const id = client * TASKS + count;
  const started = pastReceipts(state, { ...running, bit: 1 << id }, dropped);
  const register = state.register.invoke(id, operationOf(task, client, count, seen));
  const writes = contentOf(task, client, count)?.digest;
  const next: Client = { begun: count + 1, running: started.running, answered: '', seen, writes };
  return { ...state, receipts: started.receipts, register, clients: replaced(state, client, next) };
}

/** Sending a receipt, and waiting for the queue's word on it, comes between the calls to the stores. */
export function pastReceipts(
  { receipts }: State,
  running: Running,
  dropped: boolean,
): { running: Running; receipts: State['receipts'] } {
  let { place } = running;
  let sent = receipts;
  for (;;) {
    if (place.call?.name === 'receipt.sent') place = place.after(running.receipted);
    else if (place.call?.name === 'receipt.send') {
      if (running.receipted && !dropped)
        sent = receiptSet([...sent, { waits: running.bit, expired: 0n, old: false, run: false }]);
      place = place.after(null);
    } else return { running: { ...running, place }, receipts: sent };
  }
}

export function ended(state: State, client: number, ending: Ended, scenario: Scenario): State {
  const { begun: count, seen, running } = state.clients[client] as Client;
  const id = client * TASKS + count - 1;
  const task = scenario.clients[client]?.[count - 1] as Task;
  const operation = operationOf(task, client, count - 1, seen);
  const stale = scenario.fallbacks > 0 && state.register.isOvertaken(id);
  const left = (now: Client['seen'], register: State['register'], answered: string): State => ({
    ...state,
    register,
    // A write that took effect, or may have, was put over whatever was there.
    ...(operation.kind === 'read' || answered === REFUSED ? {} : { owed: [], due: [] }),
    clients: replaced(state, client, { begun: count, running: null, answered, seen: stale ? seen : now }),
    ...(answered !== UNKNOWN || state.faults < scenario.faults
      ? {}
      : missed(state, scenario, operation, running as Running)),
  });
  if (ending.kind !== 'returned')
    return left(seen, operation.kind === 'read' ? state.register.forget(id) : state.register, UNKNOWN);
  if (operation.kind === 'read') {
    const { content, version } = ending.value as { content: Content; version: bigint };
    const value = writtenIn(content);
    const register = state.register.answer(id, { kind: 'done', value });
    return left({ value, version }, register, `saw ${value ?? 'nothing'}`);
  }
  const outcome = ending.value as Outcome;
  if (outcome.kind === 'unknown') return left(seen, state.register, UNKNOWN);
  if (outcome.kind === 'done') {
    const register = state.register.answer(id, { kind: 'done' });
    const now = { value: operation.value, version: outcome.version };
    return { ...left(now, register, `done, v${outcome.version}`), sealed: running?.phase === 'seal' };
  }
  // A document that only got a new version refuses its old ETag in good faith: no effect, and nothing claimed.
  const inGoodFaith = operation.expected && isListed(state.world.reversioned, operation.expected);
  const register = inGoodFaith ? state.register.forget(id) : state.register.answer(id, { kind: 'refused' });
  return left(seen, register, REFUSED);
}

const [UNKNOWN, REFUSED] = ['unknown', 'refused'];

/**
 * No answer, though no fault was injected yet. A clock behind the versions excuses it: see `raised` in write.ts. So does a document
 * whose time was up before both stores had it: that one is given up, and so may be what it was put over.
 */
function missed(
  { unanswered, outage, world, outages, failovers, fallbacks }: State,
  scenario: Scenario,
  { kind }: Operation,
  { phase }: Running,
) {
  const { clock } = scenario;
  const failed =
    outages < scenario.outages || failovers < scenario.failovers || fallbacks < scenario.fallbacks;
  if (failed) return { unanswered, outage };
  // An expiry in the middle excuses a write, and no read.
  const expiring = kind !== 'read' && `${world.expired}${world.early}` !== '';
  if (clock < SANE_CLOCK || expiring) return { unanswered, outage };
  return { unanswered: unanswered + 1, outage: outage || kind === 'read' || phase !== 'switch' };
}

function operationOf(task: Task, client: number, count: number, seen: Client['seen']): Operation {
  if (task.kind === 'read') return { kind: 'read', value: null };
  const value = contentOf(task, client, count)?.digest ?? null;
  const condition = conditionOf(task, seen);
  if (condition.kind === 'none') return { kind: 'write', value };
  return { kind: 'write', value, expected: condition.kind === 'absent' ? null : seen.value };
}

function replaced(state: State, client: number, next: Client): readonly Client[] {
  return state.clients.map((one, i) => (i === client ? next : one));
}
