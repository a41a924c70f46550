/** Faults on order: what a test wants to go wrong with the next requests of a kind. */
import { FaultQueue, type Ordered } from '../faults.ts';
import type { Request } from './frame.ts';
import { OPCODE } from './wire.ts';

export type Action =
  /** Answer with this status, and do nothing; `applied` does what was asked all the same. */
  | { readonly kind: 'status'; readonly status: number; readonly applied?: boolean }
  /**
   * A durable write stays prepared so long: its key reads as before, and other writes of it find it in progress. Then it
   * is committed, or else is given up and answered as ambiguous. Strikes durable writes only.
   */
  | { readonly kind: 'prepare'; readonly milliseconds: number; readonly commits: boolean }
  /** Never answer; `applied` first does what was asked. */
  | { readonly kind: 'silence'; readonly applied: boolean }
  /** Close the connection; `applied` first does what was asked. */
  | { readonly kind: 'drop'; readonly applied: boolean }
  /** From now on this connection swallows whatever it is sent. Others do not. */
  | { readonly kind: 'blackHole' }
  /** Somebody else, who knows nothing of us, writes that body to the same key first, or deletes it if null. */
  | { readonly kind: 'foreignWrite'; readonly body: string | null }
  /** Answer so many milliseconds late. */
  | { readonly kind: 'delay'; readonly milliseconds: number };

export interface Fault extends Ordered {
  readonly operation: keyof typeof OPCODE;
  readonly action: Action;
  /** Strikes only durable writes if true, only others if false. */
  readonly durable?: boolean;
}

export class Faults extends FaultQueue<Fault> {
  /** What strikes a request, if anything. */
  on({ opcode, framing }: Request): Action | null {
    const asks = framing.durability !== null;
    const strikes = ({ operation, action, durable = action.kind === 'prepare' || undefined }: Fault) =>
      OPCODE[operation] === opcode && (durable ?? asks) === asks;
    return this.strike(strikes)?.action ?? null;
  }
}
