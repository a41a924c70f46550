/** Faults on order: what a test wants to go wrong with the next requests of a kind. */
import { FaultQueue, type Ordered } from '../faults.ts';
import { OPCODE } from './wire.ts';

export type Action =
  /** Answer with this status, and do nothing. */
  | { readonly kind: 'status'; readonly status: number }
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
}

export class Faults extends FaultQueue<Fault> {
  /** What strikes a request with this opcode, if anything. */
  on(opcode: number): Action | null {
    return this.strike(({ operation }) => OPCODE[operation] === opcode)?.action ?? null;
  }
}
