/** What one schedule starts from: what the stores hold, what clients will do, where the phase will walk. */

import type { Value } from '../../functions/certification/operation.ts';
import type { Steps } from '../../functions/protocol/call.ts';
import { type Condition, UNCONDITIONAL } from '../../functions/protocol/condition.ts';
import { type Converged, converge } from '../../functions/protocol/converge.ts';
import { copy } from '../../functions/protocol/copy.ts';
import { PHASES, type Phase, type StoreName } from '../../functions/protocol/phase.ts';
import { read } from '../../functions/protocol/read.ts';
import type { Content } from '../../functions/protocol/state.ts';
import { verify } from '../../functions/protocol/verify.ts';
import { type Outcome, type Write, write } from '../../functions/protocol/write.ts';
import { ALIKE, documentOf, IMMORTAL, MORTAL } from './documents.ts';
import type { Hand } from './hands.ts';
import type { Tampering } from './tampering.ts';
import { EMPTY, type World } from './world.ts';

/** The steps under test; a seeded bug replaces one of them. */
export interface Kernel {
  readonly read: typeof read;
  readonly write: (phase: Phase, request: Write) => Steps<Outcome>;
  readonly converge: (phase: Phase, expired: bigint) => Steps<Converged>;
  readonly copy: typeof copy;
  readonly verify: typeof verify;
}
export const KERNEL: Kernel = { read, write, converge, copy, verify };

/** Rules of the surroundings that a seeded bug may break. */
export interface Rules {
  /** Moves do not wait for those who may still act on the phase before. */
  readonly noBake?: boolean;
  /** Moves ask for no evidence. */
  readonly noGate?: boolean;
  /** `reads` goes back to Couchbase without evidence. */
  readonly freeWayBack?: boolean;
  /** Receipts are handled while their own write may still be at work. */
  readonly earlyReceipts?: boolean;
  /** The queue says it has a receipt, and has not. */
  readonly dropReceipts?: boolean;
  /** Nothing is copied back when Couchbase is written again. */
  readonly noCopyBack?: boolean;
  /** Gates do not look at receipts: what they see of the queue may be a false 0. */
  readonly noReceiptsGate?: boolean;
  /** Gates do not look at dead letters: a receipt may never be handled, and nobody minds. */
  readonly noDeadLettersGate?: boolean;
  /** Workers act on the phase that they have read once, however long ago. */
  readonly noSecondLook?: boolean;
  /** A worker that is given the shard of an earlier phase works on it, and does not look at the phase. */
  readonly noLookAtShard?: boolean;
  /** The phase moves by two. */
  readonly skipPhase?: boolean;
  /** A ramp is set back, or on again, though nothing has proven what both of its phases need. */
  readonly rampUnproven?: boolean;
  /** What has proven it for one ramp is taken for proof of a later one. */
  readonly rampProofKept?: boolean;
  /** The phases of a ramp are left while somebody may still act on either of them. */
  readonly rampUnbaked?: boolean;
  /** Tombstones are dropped at any time. */
  readonly noLife?: boolean;
  /** Tombstones of keys that Oracle orders are dropped though nothing shows that Couchbase holds nothing. */
  readonly noAgreement?: boolean;
  /** Those of keys that were given back to Couchbase are, too. */
  readonly noAgreementHandedBack?: boolean;
  /** Tombstones are dropped whose versions were counted up from that of a key that never was. */
  readonly noLeastVersion?: boolean;
}

/** What is drawn instead of a scenario's members, for what shows seldom anywhere else. */
export type Focus = Partial<Scenario> | ((random: (below: number) => number) => Partial<Scenario>);

export interface Bug {
  readonly kernel?: Partial<Kernel>;
  readonly tampering?: Tampering;
  readonly rules?: Rules;
  /** Where to look for it, if it seldom shows anywhere else. */
  readonly focus?: Focus;
}

export interface Task {
  readonly kind: 'read' | 'put' | 'delete';
  /** `seen`: If-Match with the ETag that this client saw last. */
  readonly condition: 'none' | 'absent' | 'seen';
  /** Whether what it puts has an expiry, which may come at any time. */
  readonly mortal?: boolean;
  /** Whether what it puts has the body that all such writes put, with an expiry of its own. */
  readonly alike?: boolean;
}

const STARTS = ['nothing', 'document', 'mortal', 'deleted', 'marker', 'behind'] as const;
/** What a forced move has left behind, perhaps years ago. In `legacy` and `expand`: rows that are still handed off. */
const HANDED = ['handed', 'handed seen', 'handed behind', 'handed gone', 'handed deleted'] as const;
/** In the other phases: keys that no backfill has copied, or not in their newest version. */
const UNCOPIED = ['uncopied', 'uncopied newer'] as const;
export type Start = (typeof STARTS | typeof HANDED | typeof UNCOPIED)[number];

export interface Scenario {
  readonly start: Start;
  readonly phase: Phase;
  /** The phases that the controller goes to, one neighbour after the other. */
  readonly walk: readonly Phase[];
  /** Which moves of the walk an operator forces: their evidence is not asked for, their bake is kept. */
  readonly forced: readonly number[];
  /** How often a store may go away for a while: all its calls fail. */
  readonly outages: number;
  readonly clients: readonly (readonly Task[])[];
  /** How many converges may run before all clients are done. */
  readonly repairs: number;
  /** Receipts may be delivered twice, to two reconcilers at once. */
  readonly duplicates: boolean;
  /** Whether messages with shards of runs are left in their queue when their phase is, and are delivered again in any later one. */
  readonly shards?: boolean;
  /** `gates`: verification looks only where a move asks for it. `always`: it may also look for its own sake. */
  readonly verification: 'gates' | 'always';
  /** The last CAS that Couchbase gave out. Below the versions in use, it is a bucket restored under a slow clock. */
  readonly clock: bigint;
  /** How often a failover may make a replica of Couchbase the truth that has not everything yet. */
  readonly failovers: number;
  /** How often Oracle may come back without its last commits. */
  readonly fallbacks: number;
  /** Whether its CAS are one apart, as where its clock is behind the highest of them. Then Oracle may have counted as far. */
  readonly close: boolean;
  /** The store in which documents expire a little earlier than in the other. */
  readonly ahead?: StoreName | null;
  /** Somebody else, who may answer each of our mutations in Couchbase. */
  readonly hand?: Hand;
  /** The maximum TTLs of the bucket, one after the other: 0 is none, and a higher one is longer. */
  readonly maxTtls?: readonly number[];
  /** Whether tombstones are dropped once nothing can need them. */
  readonly drops?: boolean;
  /** Whether a share of the keys is a phase ahead: see `ramp.ts`. */
  readonly ramp?: boolean;
  /** How many store calls may fail and processes may crash, in all. */
  readonly faults: number;
}

/** A clock above every version that a schedule can reach, as real ones are: they count nanoseconds. */
export const SANE_CLOCK = 10_000n;
/**
 * A clock that has fallen behind the versions in use, as after a restore. No CAS it gives out is a version that Oracle
 * has counted to: real ones are 65,536 apart, and a key would need as many writes in Oracle between two in Couchbase.
 */
export const SLOW_CLOCK = 4_607n;

/** Every write leaves a document of its own, so that what a read saw tells which write it saw. */
export function contentOf(task: Task, client: number, count: number): Content {
  if (task.kind !== 'put') return null;
  const letters = task.alike === true ? ALIKE : task.mortal === true ? MORTAL : IMMORTAL;
  return documentOf(letters[client * 4 + count] as string);
}

/** Who has seen nothing can only ask that nothing be there; a deletion then has no condition to state. */
export function conditionOf(task: Task, seen: { value: Value; version: bigint }): Condition {
  if (task.condition === 'none') return UNCONDITIONAL;
  if (task.condition === 'seen' && seen.value !== null) return { kind: 'version', version: seen.version };
  return task.kind === 'put' ? { kind: 'absent' } : UNCONDITIONAL;
}

/** The starts that a migration at rest in `phase` can have left. */
export function startsOf(phase: Phase): readonly Start[] {
  const always = ['nothing', 'document', 'mortal', 'deleted'] as const;
  if (phase === 'seal') return [...always, 'marker'];
  return phase === 'switch' || phase === 'settle' ? STARTS : [...always, 'behind'];
}

/** The starts that only a forced move can have left, in a phase that may be at rest by now. */
export function leftStartsOf(phase: Phase): readonly Start[] {
  return phase === 'legacy' || phase === 'expand' ? HANDED : UNCOPIED;
}

interface Beginning {
  readonly world: World;
  /** What the key's register may hold. */
  readonly values: readonly Value[];
  /** What clients have seen last, where that is not the first of these. */
  readonly seen?: { readonly value: Value; readonly version: bigint };
}

/** Both stores when `phase` has been at rest for long, and what the key's register may then hold. */
export function startingWorld(start: Start, phase: Phase): Beginning {
  const oracleOrders = PHASES.indexOf(phase) >= PHASES.indexOf('settle');
  const [document, older] = [documentOf('start'), documentOf('older')];
  const row = { content: document, version: 5_000n, handoff: oracleOrders ? 4_000n : null, handback: 0n };
  const tombstone = { ...row, content: null };
  const here = { ...EMPTY, content: document, cas: 5_000n };
  switch (start) {
    case 'nothing':
      return { world: EMPTY, values: [null] };
    case 'deleted':
      return { world: { ...EMPTY, row: tombstone }, values: [null] };
    case 'marker':
      return {
        world: { ...EMPTY, row: tombstone, cas: 5_000n, xattr: { version: 5_000n, cas: 5_000n } },
        values: [null],
      };
    case 'document':
      return { world: { ...here, row }, values: ['start'] };
    case 'mortal': {
      const content = documentOf('S');
      return { world: { ...here, content, row: { ...row, content } }, values: ['S'] };
    }
    case 'behind':
      // The follower still holds an older document; a receipt remembers the key.
      if (phase === 'legacy' || phase === 'expand')
        return {
          world: { ...here, row: { content: older, version: 4_000n, handoff: null, handback: 0n } },
          values: ['start'],
        };
      return {
        world: { ...EMPTY, content: older, cas: 4_000n, row: { ...row, handoff: 4_000n } },
        values: ['start'],
      };
    default:
      return leftBehind(start);
  }
}

function leftBehind(start: (typeof HANDED | typeof UNCOPIED)[number]): Beginning {
  const older = { content: documentOf('older'), version: 4_000n, handoff: null, handback: 0n };
  const here = { ...EMPTY, content: documentOf('start'), cas: 5_000n };
  const handed = { ...older, version: 6_000n, handoff: 4_000n };
  switch (start) {
    // Couchbase has been the truth since.
    case 'handed':
      return { world: { ...here, row: handed }, values: ['start'] };
    case 'handed seen':
      return {
        world: { ...here, row: { ...handed, version: 5_001n } },
        values: ['start'],
        // The ETag is of what Oracle held before.
        seen: { value: 'older', version: 5_001n },
      };
    case 'handed behind':
      return { world: { ...here, row: { ...handed, version: 4_500n } }, values: ['start'] };
    case 'handed gone':
      return { world: { ...EMPTY, row: handed }, values: [null] };
    case 'handed deleted':
      return { world: { ...here, row: { ...handed, content: null } }, values: ['start'] };
    // What it is depends on whom one asks.
    case 'uncopied':
      return { world: here, values: ['start', null] };
    case 'uncopied newer':
      return { world: { ...here, row: older }, values: ['start', 'older'] };
  }
}
