/** What the controller needs from outside. */
import type { Wish } from '../phases/flags.ts';
import type { GuardNote } from '../phases/guard_note.ts';
import type { ReadHolding } from '../phases/hold.ts';
import type { Phase } from '../protocol/phase.ts';
import type { Run } from '../records/run.ts';
import type { Evidence, Missing } from './evidence.ts';
import type { MoveSettings } from './hold.ts';
import type { Move, Register } from './publish.ts';
import type { Remains } from './retire.ts';

/** What operators want, as one reading has found it. */
export interface Wanting {
  /** Throws `BadFlag` where the flags of the collection make no wish. */
  wish(collection: string): Wish;
  holding(collection: string): ReadHolding;
  /** What the guard has found last, null for nothing, and the versions of the collection's own flags. Missing where nobody watches. */
  guard?(collection: string): GuardState;
}

export interface GuardState {
  readonly note: GuardNote | null;
  readonly own: readonly number[];
}

export interface ControllerPorts {
  readonly collections: readonly string[];
  /** Milliseconds after which nobody acts on the phase before. */
  readonly bake: number;
  /** Milliseconds that a request and a controller have: what they write lands before that is up, or never. */
  readonly request: number;
  /** Reads the flags of all collections, and which of their moves wait for a commit. */
  flags(): Promise<Wanting>;
  /** As the collection is configured. */
  moves(collection: string): MoveSettings;
  /** Where the phase of the collection is kept. */
  register(collection: string): Register;
  /** What is left to be done before a collection is retired. */
  remains(collection: string): Promise<Remains>;
  /** Called before each move is claimed. It must not reject because a store is away: moves out of an emergency need none. */
  rememberStores(collection: string, move: Move): Promise<void>;
  /** Called where the audit log could not be written. */
  unaudited(cause: unknown): void;
}

/** Questions of one look at all collections. The ports of a look may refuse to ask a store again that does not answer. */
export interface LookPorts {
  /** What moves of the collection are decided on. @param phase that it is in. */
  evidence(collection: string, phase: Phase): Promise<Evidence | Missing>;
  /** Runs that are not finished. Rejects where nobody can tell. */
  underWay(collection: string): Promise<readonly Pick<Run, 'id' | 'kind' | 'phase'>[]>;
  /** Writes an entry into the audit log. Rejects where the log cannot be written. */
  audit(actor: string, action: string, detail: string): Promise<void>;
}

/** Of a look that makes moves. */
export interface StepPorts extends LookPorts {
  /** Whether a move that is claimed now is also published within the time of this look. */
  timely(): boolean;
}
