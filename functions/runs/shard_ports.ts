/** What a worker of runs reaches beside the two stores. */
import type { Attempts } from '../books/attempts.ts';
import type { Ledger } from '../books/ledger.ts';
import type { EffectivePhase } from '../phases/effective_phase.ts';
import type { Clock } from '../phases/phase_cache.ts';
import type { Phase } from '../protocol/phase.ts';
import type { Receipt, SendReceipt } from '../stores/receipt.ts';
import type { LoadWatch } from './load_watch.ts';
import type { Pace } from './pace.ts';
import type { Both } from './ports.ts';

/** Names of the metrics of a worker. */
export type Metric =
  | 'ShardsTaken'
  | 'DocumentsWalked'
  | 'DocumentsSetAside'
  | 'MessageLoops'
  | 'BulkPaused'
  | 'UnstorableLeftOut';

/** Writes the letter of a message that is in the queue of dead letters. Never rejects. */
export type WriteLetter = () => Promise<void>;

export interface ShardPorts {
  readonly ledger: Pick<Ledger, 'running' | 'take' | 'shard' | 'split' | 'finish' | 'giveNext'>;
  readonly attempts: Pick<Attempts, 'begin' | 'touch' | 'leave' | 'pass'>;
  readonly stores: (collection: string) => Both;
  /** Some keys of the whole collection, fair along their order. Throws where the server cannot tell any. */
  readonly sample: (both: Both) => Promise<readonly string[]>;
  readonly phase: (collection: string) => Promise<EffectivePhase>;
  /** Throws where a store is another one than the collection was migrated with. */
  readonly requireIdentity: (collection: string, phase: Phase) => Promise<void>;
  readonly pace: Pick<Pace, 'rate' | 'wait'>;
  /** How hard Oracle works: live requests come first. */
  readonly load: Pick<LoadWatch, 'share'>;
  readonly sendReceipt: SendReceipt;
  /** Whether an operator has left a document out, and nobody has written it since. Never rejects. */
  readonly leftOut: (collection: string, key: string) => Promise<boolean>;
  /**
   * Leaves out what Oracle can never take, where operators have chosen so: its letter is written closed. False where they have not, or nobody can
   * tell. Never rejects.
   */
  readonly leftByChoice: (receipt: Receipt, reason: string) => Promise<boolean>;
  /** Puts a receipt into the queue of dead letters. Returns what writes its letter. */
  readonly bury: (receipt: Receipt, reason: string) => Promise<WriteLetter>;
  readonly count: (metric: Metric, value: number) => void;
  readonly warn: (message: string, about: Readonly<Record<string, unknown>>) => void;
  /** Milliseconds since the epoch, as all containers count them. */
  readonly now: () => number;
  /** The clocks of this container. */
  readonly clock: Clock;
  readonly timing: Timing;
  /** Whether this worker claims time only where no other worker waits for it. */
  readonly patient: boolean;
}

/** All in milliseconds. */
export interface Timing {
  /** The longest time of one call. */
  readonly call: number;
  /** A call that begins when less than this is left of the function may outlast it. */
  readonly lastCall: number;
  /** Calls may begin for so long after a look at the phase. */
  readonly lasts: number;
  /** A task fails after so long without a heartbeat. */
  readonly silence: number;
}
