/** Makes one move happen in a modelled system. */
import { CallFailed, type Reply } from '../../functions/protocol/call.ts';
import type { Converged } from '../../functions/protocol/converge.ts';
import type { Phase } from '../../functions/protocol/phase.ts';
import type { Verdict } from '../../functions/protocol/verify.ts';
import { begun, type Ended, ended, pastReceipts } from './client.ts';
import { drop, known } from './dropped.ts';
import { verified } from './evidence.ts';
import { expiring } from './expiry.ts';
import { crossed, forget, safe } from './forget.ts';
import { byHand } from './hands.ts';
import type { Memory } from './memory.ts';
import { isAway, type Move, runningOf, workerOn } from './move.ts';
import {
  type Bug,
  conditionOf,
  contentOf,
  KERNEL,
  type Kernel,
  type Scenario,
  type Task,
} from './scenario.ts';
import {
  alongside,
  busyBits,
  type Client,
  type Receipt,
  type Reconciling,
  type Running,
  receiptSet,
  type ShardLeft,
  type State,
  type Straggler,
  type Who,
} from './state.ts';
import type { Place } from './unfold.ts';
import { bake, walk } from './walk.ts';

const BITS = { reconciler: 1 << 24, rival: 1 << 27, backfill: 1 << 25, verifier: 1 << 26 } as const;
const INJECTED = new CallFailed('injected');
/** A system under one scenario and at most one seeded bug. */
export class System {
  readonly scenario: Scenario;
  readonly bug: Bug;
  readonly memory: Memory;
  readonly #kernel: Kernel;

  constructor(scenario: Scenario, bug: Bug, memory: Memory) {
    this.scenario = scenario;
    this.bug = bug;
    this.#kernel = { ...KERNEL, ...bug.kernel };
    this.memory = memory;
  }

  step(state: State, move: Move): State {
    const others = move.kind === 'touch' || move.kind === 'ttl';
    const next = others ? byHand(state, move, this.scenario, this.memory) : this.#next(state, move);
    return this.scenario.drops === true ? known(state, move, next) : next;
  }

  #next(state: State, move: Exclude<Move, { kind: 'touch' | 'ttl' }>): State {
    switch (move.kind) {
      case 'drop':
        return drop(state, this.memory);
      case 'begin':
        return this.#begin(state, move);
      case 'reconcile':
        return this.#reconcile(state, move);
      case 'backfill':
        return this.#work(
          alongside(state),
          'backfill',
          this.memory.beginning('copy', this.#kernel.copy),
          'expand',
        );
      case 'verify': {
        const place = this.memory.beginning(`verify ${state.phase}`, () => this.#kernel.verify(state.phase));
        return this.#work(state, 'verifier', place, state.phase);
      }
      case 'call':
        return this.#call(state, move);
      case 'straggler':
        return this.#straggle(state, move.index);
      case 'shard':
        return this.#shard(state, move.index);
      case 'expire':
        return expiring(state, move.digest, this.memory);
      case 'away':
        return { ...state, away: move.store, outages: state.outages - 1 };
      case 'bury':
        return { ...state, receipts: state.receipts.filter((_, i) => i !== move.receipt), unwitnessed: true };
      case 'back':
        return { ...state, away: null };
      case 'safe':
        return { ...state, world: this.memory.world(safe(state.world, move.store)) };
      case 'forget':
        return forget(state, move.store, this.memory);
      case 'bake':
        return bake(state, this.bug.rules?.noCopyBack === true);
      case 'walk':
        return walk(state, this.scenario, this.bug);
    }
  }

  #begin(state: State, { client, phase, receiptLost }: Move & { kind: 'begin' }): State {
    const { begun: count, seen } = state.clients[client] as Client;
    const task = this.scenario.clients[client]?.[count] as Task;
    const [content, condition] = [contentOf(task, client, count), conditionOf(task, seen)];
    const version = 'version' in condition ? condition.version : '';
    const place = this.memory.beginning(
      `${task.kind} ${phase} ${content?.digest} ${condition.kind} ${version}`,
      () =>
        task.kind === 'read' ? this.#kernel.read(phase) : this.#kernel.write(phase, { content, condition }),
    );
    const next = { ...state, faults: state.faults - (receiptLost ? 1 : 0), fresh: client };
    if (receiptLost) next.unwitnessed = true;
    return begun(
      next,
      task,
      client,
      { place, phase, receipted: !receiptLost },
      this.bug.rules?.dropReceipts === true,
    );
  }

  #reconcile(state: State, { who, receipt: index, phase }: Move & { kind: 'reconcile' }): State {
    const receipt = state.receipts[index] as Receipt;
    const receipts = who === 'rival' ? state.receipts : state.receipts.filter((_, i) => i !== index);
    const repairs = state.repairs - 1;
    const place = this.memory.beginning(`converge ${phase} ${receipt.expired}`, () =>
      this.#kernel.converge(phase, receipt.expired),
    );
    // In `contract` there is nothing to converge: the step ends where it begins.
    if (place.ending !== null) return settled({ ...state, receipts, repairs }, receipt, place.ending);
    const reconciling = { place, phase, bit: BITS[who], receipted: true, receipt };
    const unwitnessed = state.unwitnessed || state.backfill !== null;
    return { ...state, receipts, repairs, unwitnessed, [who]: reconciling, fresh: who };
  }

  /** The shard of a run is delivered again: a worker that finds another phase than its own does nothing, and deletes the message. */
  #shard(before: State, index: number): State {
    const shard = before.shards[index] as ShardLeft;
    const shards = before.shards.filter((_, i) => i !== index);
    const state = { ...before, shards, lateShards: before.lateShards + 1 };
    if (this.bug.rules?.noLookAtShard !== true) return state;
    const { phase } = shard;
    if (workerOn(shard) === 'backfill')
      return this.#work(
        alongside(state),
        'backfill',
        this.memory.beginning('copy', this.#kernel.copy),
        phase,
      );
    const place = this.memory.beginning(`converge ${phase} 0`, () => this.#kernel.converge(phase, 0n));
    const receipt = { waits: 0, expired: 0n, old: false, run: false };
    return { ...state, rival: { place, phase, bit: BITS.rival, receipted: true, receipt }, fresh: 'rival' };
  }

  #work(state: State, who: 'backfill' | 'verifier', place: Place<unknown>, phase: Phase): State {
    return {
      ...state,
      [who]: { place, phase, bit: BITS[who], receipted: true },
      fresh: who,
    };
  }

  #call(state: State, { who, fault, crash }: Move & { kind: 'call' }): State {
    const running = runningOf(state, who) as Running;
    let next: State = { ...state, fresh: null, faults: state.faults - (fault === null ? 0 : 1) };
    let reply: Reply | CallFailed = INJECTED;
    if (isAway(state, running.place.call?.name)) return this.#replied(next, who, running, reply);
    if (fault === null || fault === 'applied') {
      const reached = this.memory.reached(running.place, state.world);
      next = { ...next, world: reached.world };
      if (fault === null) reply = reached.reply;
    } else if (fault === 'straggling') {
      const { place, phase, bit } = running;
      const straggler = { place, phase, bit };
      next = { ...next, stragglers: [...state.stragglers, straggler] };
    }
    if (crash) return released(this.#ended(next, who, { kind: 'crashed' }));
    return this.#replied(next, who, running, reply);
  }

  #replied(state: State, who: Who, running: Running, reply: Reply | CallFailed): State {
    const dropped = this.bug.rules?.dropReceipts === true;
    const went = pastReceipts(state, { ...running, place: running.place.after(reply) }, dropped);
    const next = { ...state, receipts: went.receipts };
    const { ending } = went.running.place;
    return ending === null ? continued(next, who, went.running) : released(this.#ended(next, who, ending));
  }

  #ended(state: State, who: Who, ending: Ended): State {
    if (typeof who === 'number') return ended(state, who, ending, this.scenario);
    const value = ending.kind === 'returned' ? ending.value : null;
    switch (who) {
      case 'reconciler':
      case 'rival': {
        const { receipt } = state[who] as Reconciling;
        // Redelivery comes after the visibility timeout, which outlasts whatever this run has still on its way.
        const again = { ...receipt, waits: receipt.waits | BITS[who] };
        return settled({ ...state, [who]: null }, again, ending);
      }
      case 'backfill': {
        const finished = value !== null && state.phase === 'expand';
        return { ...state, backfill: null, backfilled: state.backfilled || finished };
      }
      case 'verifier':
        return verified({ ...state, verifier: null }, state.verifier?.phase, value as Verdict | null);
    }
  }

  #straggle(state: State, index: number): State {
    const { place } = state.stragglers[index] as Straggler;
    const { world } = this.memory.reached(place, state.world);
    return released({ ...state, world, stragglers: state.stragglers.filter((_, i) => i !== index) });
  }
}

function continued(state: State, who: Who, running: Running): State {
  if (typeof who !== 'number') return { ...state, [who]: { ...state[who], ...running } };
  return {
    ...state,
    clients: state.clients.map((client, i) => (i === who ? { ...client, running } : client)),
  };
}

/** Somebody has ended: receipts that waited only for those who are gone are due. */
function released(ended: State): State {
  const state = crossed(ended);
  const busy = busyBits(state);
  if (state.receipts.every(({ waits }) => (waits & ~busy) === 0)) return state;
  const receipts = state.receipts.map((r) => ({ ...r, waits: r.waits & busy }));
  return { ...state, receipts: receiptSet(receipts) };
}

/** What becomes of a receipt when its converge is over: gone, or redelivered, or followed by one for the marker. */
function settled(state: State, receipt: Receipt, ending: Ended): State {
  const converged = ending.kind === 'returned' ? (ending.value as Converged) : null;
  if (converged?.kind === 'equal') return state;
  if (converged?.kind !== 'marker') return { ...state, receipts: receiptSet([...state.receipts, receipt]) };
  const waits = busyBits(state);
  const later = { waits, expired: converged.cas, old: receipt.old, run: false };
  return { ...state, receipts: receiptSet([...state.receipts, later]) };
}
