/** What can happen next in a state. `step.ts` makes it happen. */
import { type Phase, ROUTES, type StoreName } from '../../functions/protocol/phase.ts';
import { mayDrop } from './dropped.ts';
import { mayExpire } from './expiring.ts';
import { halfExpired } from './expiry.ts';
import type { Hand } from './hands.ts';
import { isMixed, mayLeaveMixed, mayTurn } from './ramp.ts';
import type { Bug, Rules, Scenario } from './scenario.ts';
import { atWork, type Running, type ShardLeft, type State, type Who } from './state.ts';

/** How a store call can go wrong: not applied, applied without an answer, or applied later, whenever it likes. */
const FAULTS = ['unapplied', 'applied', 'straggling'] as const;
export type Fault = (typeof FAULTS)[number];

/** The moves that ask for a clean verification. */
const GATED = new Set(['expand seal', 'seal switch', 'switch seal', 'settle contract']);
/** Those that do so after a forced move: otherwise an earlier one has proven all that they need. */
const GATED_AFTER_FORCE = new Set(['seal expand', 'switch settle']);

export type Move =
  | { readonly kind: 'begin'; readonly client: number; readonly phase: Phase; readonly receiptLost: boolean }
  | {
      readonly kind: 'reconcile';
      readonly who: 'reconciler' | 'rival';
      readonly receipt: number;
      readonly phase: Phase;
    }
  | { readonly kind: 'backfill' | 'verify' | 'bake' | 'walk' | 'drop' }
  | { readonly kind: 'call'; readonly who: Who; readonly fault: Fault | null; readonly crash: boolean }
  | { readonly kind: 'away'; readonly store: StoreName }
  | { readonly kind: 'back' }
  /** What each store has acknowledged, it can no longer lose. */
  | { readonly kind: 'safe'; readonly store: StoreName }
  /** It loses what it had acknowledged since. */
  | { readonly kind: 'forget'; readonly store: StoreName }
  | { readonly kind: 'bury'; readonly receipt: number }
  /** Somebody else touches what Couchbase holds, and may give it another expiry. `late`: no receipt is left that would look at it. */
  | { readonly kind: 'touch'; readonly expiry: Hand['expiry']; readonly late: boolean }
  /** The bucket gets its next maximum TTL. */
  | { readonly kind: 'ttl' }
  | { readonly kind: 'straggler' | 'shard'; readonly index: number }
  | { readonly kind: 'expire'; readonly digest: string };

/** Who works on the shard of a run that was begun in `phase`: a backfill copies, a copy-back converges. */
export function workerOn({ phase }: ShardLeft): 'backfill' | 'rival' {
  return phase === 'expand' ? 'backfill' : 'rival';
}

/** Whether a worker may still have read the phase of a shard: until the bake is over, other workers do what it would. */
function isOfStay({ stale, walked }: State, shard: ShardLeft): boolean {
  return stale !== null && walked === shard.walked + 1;
}

function shardMoves(state: State): Move[] {
  return state.shards.flatMap((shard, index) =>
    !isOfStay(state, shard) && state[workerOn(shard)] === null ? [{ kind: 'shard', index }] : [],
  );
}

/** Everything that can happen; empty at rest. Faults are offered while the state has some left. */
export function moves(state: State, scenario: Scenario, { rules = {} }: Bug): Move[] {
  if (state.fresh !== null) return callMoves(state, state.fresh);
  const found: Move[] = [];
  const phases = state.stale === null ? [state.phase] : [state.phase, state.stale];
  for (const [client, { running, begun }] of state.clients.entries()) {
    if (running !== null) found.push(...callMoves(state, client));
    else if (begun < (scenario.clients[client]?.length ?? 0))
      for (const phase of phases) found.push(...beginMoves(state, client, phase));
  }
  for (const who of ['reconciler', 'rival', 'backfill', 'verifier'] as const)
    if (state[who] !== null) found.push(...callMoves(state, who));
  if (state.repairs > 0) {
    found.push(...reconcileMoves(state, phases, 'reconciler', rules));
    if (scenario.duplicates) found.push(...reconcileMoves(state, phases, 'rival', rules));
  }
  if (mayBackfill(state) || mayBackfillLate(state, scenario)) found.push({ kind: 'backfill' });
  if (mayVerify(state, scenario, rules)) found.push({ kind: 'verify' });
  if (mayBake(state, rules)) found.push({ kind: 'bake' });
  if (mayWalk(state, scenario, rules)) found.push({ kind: 'walk' });
  if (mayDrop(state, scenario, rules)) found.push({ kind: 'drop' });
  found.push(...outageMoves(state), ...forgetMoves(state), ...shardMoves(state));
  if (rules.noDeadLettersGate)
    for (const [receipt, { run }] of state.receipts.entries())
      if (!run && scenario.walk.length > 0) found.push({ kind: 'bury', receipt });
  for (const index of state.stragglers.keys()) found.push({ kind: 'straggler', index });
  for (const digest of mortals(state)) found.push({ kind: 'expire', digest });
  found.push(...handMoves(state, scenario));
  return found;
}

/** What others do to Couchbase. Who touches documents answers each mutation once, and none of its own. */
function handMoves({ world, ttls, receipts }: State, { hand, maxTtls = [] }: Scenario): Move[] {
  const found: Move[] = maxTtls[ttls + 1] === undefined ? [] : [{ kind: 'ttl' }];
  if (hand === undefined || world.cas === 0n || world.answered === world.cas) return found;
  const expiries = hand.expiry === 'kept' ? (['kept'] as const) : (['kept', 'other'] as const);
  const late = receipts.length === 0;
  return [...found, ...expiries.map((expiry) => ({ kind: 'touch', expiry, late }) as const)];
}

function beginMoves(state: State, client: number, phase: Phase): Move[] {
  const begin = { kind: 'begin', client, phase, receiptLost: false } as const;
  return state.faults > 0 && ROUTES[phase].second !== null
    ? [begin, { ...begin, receiptLost: true }]
    : [begin];
}

function reconcileMoves(
  state: State,
  phases: readonly Phase[],
  who: 'reconciler' | 'rival',
  { earlyReceipts }: Rules,
): Move[] {
  if (state[who] !== null || state.receipts.length === 0) return [];
  const due = state.receipts.flatMap(({ waits }, receipt) => (waits === 0 || earlyReceipts ? [receipt] : []));
  return due.flatMap((receipt) => phases.map((phase) => ({ kind: 'reconcile', who, receipt, phase })));
}

export function runningOf(state: State, who: Who): Running | null {
  return typeof who === 'number' ? (state.clients[who]?.running ?? null) : state[who];
}

function callMoves(state: State, who: Who): Move[] {
  const move = { kind: 'call', who, fault: null, crash: false } as const;
  const name = runningOf(state, who)?.place.call?.name;
  if (state.faults === 0 || isAway(state, name)) return [move];
  const looksOnly = name?.endsWith('.read');
  // A crash of a mere look is a crash before it; one after an applied call is a crash before the next.
  const faults = looksOnly ? FAULTS.slice(0, 1) : FAULTS;
  return [move, ...[false, true].flatMap((crash) => faults.map((fault) => ({ ...move, fault, crash })))];
}

/** Whether a call meets a store that is away. */
export function isAway({ away }: State, name: string | undefined): boolean {
  return away !== null && name?.startsWith(away) === true;
}

function outageMoves({ away, outages }: State): Move[] {
  if (away !== null) return [{ kind: 'back' }];
  return outages === 0 ? [] : (['couchbase', 'oracle'] as const).map((store) => ({ kind: 'away', store }));
}

function forgetMoves({ world, failovers, fallbacks }: State): Move[] {
  const { replica, older, row } = world;
  const found: Move[] = [];
  const lags = replica !== null && (replica.cas !== world.cas || replica.gone !== world.gone);
  if (lags && failovers > 0)
    found.push({ kind: 'safe', store: 'couchbase' }, { kind: 'forget', store: 'couchbase' });
  if (older !== null && fallbacks > 0 && older.version !== row.version)
    found.push({ kind: 'safe', store: 'oracle' }, { kind: 'forget', store: 'oracle' });
  return found;
}

/** Documents in either store whose time may come. One that is nowhere yet is as good as one that comes too late. */
function mortals(state: State): string[] {
  const { world } = state;
  const half = halfExpired(world);
  if (world.content === null && world.row.content === null) return half;
  const held = new Set([world.content?.digest, world.row.content?.digest, ...half]);
  return [...held].filter((digest) => digest !== undefined && mayExpire(state, digest)) as string[];
}

function mayBackfill(state: State): boolean {
  return state.phase === 'expand' && state.stale === null && state.backfill === null && !state.backfilled;
}

function mayVerify(state: State, scenario: Scenario, rules: Rules): boolean {
  const { verification, walk } = scenario;
  if (state.verified || state.verifier !== null) return false;
  // At rest somebody lets its bake end.
  if (state.stale !== null && (walk.length === 0 || !isMixed(state, scenario))) return false;
  if (state.phase === 'contract' || owesReceipts(state, rules)) return false;
  if (state.phase === 'expand' && !state.backfilled) return false;
  const move = `${state.phase} ${walk[state.walked]}`;
  return verification === 'always' || GATED.has(move) || (state.forced && GATED_AFTER_FORCE.has(move));
}

/** Whether a gate sees that receipts from before the bake are owed; a run of copy-back is known by itself. */
function owesReceipts(state: State, { noReceiptsGate }: Rules): boolean {
  if (noReceiptsGate !== true) return oldReceipts(state);
  return [...state.receipts, state.reconciler?.receipt, state.rival?.receipt].some((receipt) => receipt?.run);
}

function oldReceipts(state: State): boolean {
  return [...state.receipts, state.reconciler?.receipt, state.rival?.receipt].some((receipt) => receipt?.old);
}

/** A worker that has read its phase before the move may begin as late as anybody. */
function mayBackfillLate({ stale, backfill }: State, { walk, verification }: Scenario): boolean {
  return stale === 'expand' && backfill === null && verification === 'always' && walk.length > 0;
}

/** Those who may still act on the phase before hold the bake up, stragglers included. */
function mayBake(state: State, { noBake, noSecondLook }: Rules): boolean {
  if (state.stale === null || noBake) return state.stale !== null;
  // Clocks are seconds apart, and a bake is longer.
  if (halfExpired(state.world).length > 0) return false;
  const workers = [state.reconciler, state.rival, state.backfill, state.verifier];
  const bound = noSecondLook
    ? atWork(state).filter((one) => !workers.some((each) => each === one))
    : atWork(state);
  return bound.every((one) => one.phase !== state.stale);
}

function mayWalk(state: State, scenario: Scenario, rules: Rules): boolean {
  if (scenario.walk[state.walked] === undefined) return false;
  if (mayTurn(state, scenario, rules)) return true;
  if (state.stale !== null && !mayLeaveMixed(state, scenario, rules)) return false;
  return scenario.forced.includes(state.walked) || gateHolds(state, scenario, rules);
}

/** Whether the evidence is there that the next move asks for. */
export function gateHolds(state: State, scenario: Scenario, rules: Rules): boolean {
  const [from, to] = [state.phase, scenario.walk[state.walked]];
  if (mayTurn(state, scenario, rules)) return true;
  if (rules.noGate || (rules.freeWayBack && from === 'switch' && to === 'seal')) return true;
  const move = `${from} ${to}`;
  if (GATED.has(move) || (state.forced && GATED_AFTER_FORCE.has(move))) return state.verified;
  return move !== 'settle switch' || !owesReceipts(state, rules);
}
