/** What is told of a collection: to operators who look, and by the controller that moves it. */
import type { EffectivePhase } from '../phases/effective_phase.ts';
import type { Wish } from '../phases/flags.ts';
import type { Wanted } from './condition.ts';
import type { Decision } from './decide.ts';
import type { Evidence, Missing } from './evidence.ts';
import type { ToldForce } from './forced.ts';
import type { MoveSettings, Said } from './hold.ts';
import type { Move } from './publish.ts';

/** What operators want of a collection. */
export interface Wished {
  readonly collection: string;
  /** Null where the flags cannot be read: the decision says why. */
  readonly wish: Wish | null;
}

/** Where a collection is, and what is next. */
export interface Seen extends Wished {
  readonly effective: EffectivePhase;
  readonly decision: Decision;
  /** What it was decided on. */
  readonly evidence: Evidence | Missing;
  /** Which moves wait for a commit or a window, as it is configured and as operators have said; functions of the version before tell nothing of it. */
  readonly moves?: MoveSettings & Said;
  /** Forced moves that nothing is known to have healed; functions of the version before tell none. */
  readonly forced?: readonly ToldForce[];
  /** What an operator does about them; null where there are none. */
  readonly heals?: string | null;
}

/** What has become of one collection. */
export interface Stepped {
  readonly collection: string;
  readonly decision: Decision;
  /** Of the phase that it was decided in. */
  readonly version: number;
  /** Whether operators are told of its moves, beside the audit log. */
  readonly told: boolean;
  readonly moved: Move | null;
  /** All that its move needs holds, but this look has no time for the move: the next one makes it. */
  readonly postponed?: true;
  /** Runs that should be started, since a move waits for them. */
  readonly start: readonly Wanted[];
  /** Seconds since the phase began. */
  readonly age: number;
  /** Forced moves that nothing is known to have healed. */
  readonly forced: number;
}
