/** Faults on order: what a test wants to go wrong with the next requests of a kind. */
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

export interface Fault {
  readonly operation: keyof typeof OPCODE;
  /** How many requests it strikes; every one from now on if null. */
  readonly times: number | null;
  readonly action: Action;
}

export class Faults {
  #pending: { fault: Fault; left: number }[] = [];

  order(fault: Fault): void {
    this.#pending.push({ fault, left: fault.times ?? Number.POSITIVE_INFINITY });
  }

  clear(): void {
    this.#pending = [];
  }

  /** What strikes a request with this opcode, if anything. */
  strike(opcode: number): Action | null {
    const struck = this.#pending.find(({ fault }) => OPCODE[fault.operation] === opcode);
    if (struck === undefined) return null;
    struck.left--;
    this.#pending = this.#pending.filter(({ left }) => left > 0);
    return struck.fault.action;
  }
}
