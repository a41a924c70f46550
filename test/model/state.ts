/** The state of a modelled system: stores, phase, whoever is at work, and what is on its way. */

import type { Value } from '../../functions/certification/operation.ts';
import { Register } from '../../functions/certification/register.ts';
import type { Phase, StoreName } from '../../functions/protocol/phase.ts';
import { writtenIn } from './documents.ts';
import type { Memory } from './memory.ts';
import type { Ramp } from './ramp.ts';
import { leftStartsOf, SANE_CLOCK, type Scenario, startingWorld } from './scenario.ts';
import type { Place } from './unfold.ts';
import type { World } from './world.ts';

/** Somebody at work on a phase that it has read. `bit` names it among those that a receipt waits for. */
export interface Running {
  readonly place: Place<unknown>;
  readonly phase: Phase;
  readonly bit: number;
  /** The queue has the receipt that it sent. */
  readonly receipted: boolean;
}

/** Who can be at work: a client by its number, or a worker. */
export type Worker = 'reconciler' | 'rival' | 'backfill' | 'verifier';
export type Who = number | Worker;

/** A message "look at this key again". */
export interface Receipt {
  /** Bits of everything that may still act on what was true when it was sent. */
  readonly waits: number;
  /** CAS of a marker that may go when this receipt is handled; 0 for none. */
  readonly expired: bigint;
  /** It was sent before the present phase was alone: a gate waits for it. */
  readonly old: boolean;
  /** It stands for a run of copy-back, which ends with its phase. */
  readonly run: boolean;
}

/** A message with the shard of a run, which was not deleted when a worker was done with it, or died. */
export interface ShardLeft {
  /** That the run was begun in, and how many moves were made before: a later stay in that phase is another one. */
  readonly phase: Phase;
  readonly walked: number;
}

export interface Reconciling extends Running {
  readonly receipt: Receipt;
}

/** A call that its sender has given up on, and that a store will still carry out. */
export interface Straggler {
  readonly place: Place<unknown>;
  readonly phase: Phase;
  readonly bit: number;
}

export interface Client {
  /** How many of its tasks it has begun. */
  readonly begun: number;
  readonly running: Running | null;
  /** What its last operation was answered, for the time line. */
  readonly answered: string;
  /** What it last saw: value and ETag. */
  readonly seen: { readonly value: Value; readonly version: bigint };
  /** The digest of the document that it is putting. */
  readonly writes?: string | undefined;
}

/** What is known of the row, where tombstones are dropped. */
export interface Known {
  /** Its version when the verification began that is under way; 0 where somebody else was at work, or it is none of `settle`. */
  readonly looked: bigint;
  /** Its version when a clean verification of `settle` began. */
  readonly agreed: bigint;
  /** How many moves had been made when it was created in `contract`; -1 where it was created elsewhere. */
  readonly born: number;
}

const NOTHING_KNOWN: Known = { looked: 0n, agreed: 0n, born: -1 };

export interface State {
  readonly world: World;
  readonly phase: Phase;
  /** The phase before, while somebody may still act on it. */
  readonly stale: Phase | null;
  readonly backfilled: boolean;
  readonly verified: boolean;
  /** The ramp whose evidence is there: see `ramp.ts`. */
  readonly proven: Ramp | null;
  /** How much of the scenario's walk is done. */
  readonly walked: number;
  readonly clients: readonly Client[];
  readonly reconciler: Reconciling | null;
  /** A second reconciler, at work on receipts that were delivered twice. */
  readonly rival: Reconciling | null;
  readonly backfill: Running | null;
  readonly verifier: Running | null;
  /** Who has just begun: nothing comes between a beginning and its first call, so that intervals are tight. */
  readonly fresh: Who | null;
  readonly receipts: readonly Receipt[];
  readonly stragglers: readonly Straggler[];
  readonly shards: readonly ShardLeft[];
  /** How many of them were delivered after their phase. */
  readonly lateShards: number;
  readonly register: Register;
  /** A move was forced, and no verification has been clean since: no gate before it proves anything of the phases after it. */
  readonly forced: boolean;
  /** The bake of a forced move, in which nothing that is answered is held against anybody. */
  readonly excused: boolean;
  /** Bits of the clients at work when a store forgot: what they do next may rest on what it has forgotten. */
  readonly crossing: number;
  /** A write was acknowledged in `seal`: a forced move to `expand` does not put it at risk. */
  readonly sealed: boolean;
  /** How often a forced move, for want of evidence, or a store that forgot has set the stores apart about the key. */
  readonly struck: number;
  /** What was acknowledged before a forced move, and which nobody has written over: it is in a store, or set aside. */
  readonly owed: readonly string[];
  /** What a store has forgotten that the other has, in a version that tells: the key holds it at rest, if nobody writes it. */
  readonly due: readonly Value[];
  /** A store that is away: its calls fail. */
  readonly away: StoreName | null;
  readonly outages: number;
  readonly failovers: number;
  readonly fallbacks: number;
  /** Some receipt was lost, or never needed: only verification can tell that the stores agree. */
  readonly unwitnessed: boolean;
  /** Writes that nobody answered although nothing had failed: the price of a key that changes hands in a window. */
  readonly unanswered: number;
  /** The same happened where it never may: to a read, or outside `switch`. */
  readonly outage: boolean;
  readonly faults: number;
  readonly repairs: number;
  /** How often the maximum TTL of the bucket has been changed. */
  readonly ttls: number;
  /** What tells whether a tombstone may be dropped. */
  readonly known: Known;
}

export function startingState(scenario: Scenario, memory: Memory): State {
  const { world, values, seen } = startingWorld(scenario.start, scenario.phase);
  const [value = null] = values;
  const left = leftStartsOf(scenario.phase).includes(scenario.start);
  const register = Register.holding(value, memory.keeps);
  const client = {
    begun: 0,
    running: null,
    answered: '',
    seen: seen ?? { value, version: value === null ? 0n : 5_000n },
  };
  return {
    world: memory.world(surrounded(world, scenario)),
    phase: scenario.phase,
    stale: null,
    backfilled: false,
    ...{ verified: false, proven: null },
    walked: 0,
    clients: scenario.clients.map(() => client),
    reconciler: null,
    rival: null,
    backfill: null,
    verifier: null,
    fresh: null,
    receipts:
      scenario.start === 'behind' || scenario.start === 'marker'
        ? [{ waits: 0, expired: world.content === null ? world.cas : 0n, old: true, run: false }]
        : [],
    stragglers: [],
    ...{ shards: [], lateShards: 0 },
    register: values.length === 1 ? register : register.fluid(values),
    forced: left && scenario.phase !== 'legacy',
    ...{ excused: false, crossing: 0, sealed: false, due: [] },
    struck: left ? 1 : 0,
    owed: left ? held(world).filter((digest) => digest !== 'older' || world.row.handoff !== null) : [],
    away: null,
    outages: scenario.outages,
    ...{ failovers: scenario.failovers, fallbacks: scenario.fallbacks },
    unwitnessed: left || scenario.phase === 'legacy' || scenario.clock < SANE_CLOCK,
    ...{ unanswered: 0, outage: false, known: NOTHING_KNOWN },
    faults: scenario.faults,
    ...{ repairs: scenario.repairs, ttls: 0 },
  };
}

function surrounded(world: World, scenario: Scenario): World {
  const { failovers, fallbacks, clock, close, ahead = null, maxTtls: [maxTtl = 0] = [] } = scenario;
  const { content, cas, xattr, gone, row } = world;
  const replica = failovers > 0 ? { content, cas, xattr, gone } : null;
  const tick = close ? 1n : world.tick;
  return { ...world, clock, tick, ahead, replica, maxTtl, older: fallbacks > 0 ? row : null };
}

/** What was written of what a store holds. */
export function held({ content, row }: World): string[] {
  return [writtenIn(content), writtenIn(row.content)].filter((value) => value !== null);
}

/** Receipts in a set: two of the same kind ask for no more than one. */
export function receiptSet(receipts: readonly Receipt[]): readonly Receipt[] {
  const keyOf = ({ waits, expired, old, run }: Receipt) =>
    waits * 2 ** 21 + Number(expired) * 4 + (old ? 1 : 0) + (run ? 2 : 0);
  const set = new Map(receipts.map((receipt) => [keyOf(receipt), receipt]));
  return [...set].sort(([a], [b]) => a - b).map(([, receipt]) => receipt);
}

/** Bits of everyone at work, stragglers included. */
export function busyBits(state: State): number {
  return atWork(state).reduce((mask, { bit }) => mask | bit, 0);
}

/** Operations that were never answered, and never will be: whatever they have done is in the stores. */
export function over(state: State): readonly number[] {
  const busy = busyBits(state);
  return state.register.pending.filter((id) => (busy & (1 << id)) === 0);
}

/** Everyone at work, stragglers included. */
export function atWork(state: State): (Running | Straggler)[] {
  const { clients, reconciler, rival, backfill, verifier, stragglers } = state;
  return [
    ...clients.map((client) => client.running),
    reconciler,
    rival,
    backfill,
    verifier,
    ...stragglers,
  ].filter((one) => one !== null);
}

/** Backfill begins: whatever else is under way may cross its copy. */
export function alongside(state: State): State {
  const alone = atWork(state).length === 0 && state.receipts.length === 0;
  return alone ? state : { ...state, unwitnessed: true };
}
