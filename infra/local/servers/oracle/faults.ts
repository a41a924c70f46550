/** Faults on order: what a test wants to go wrong with the next calls of a kind. */
import { OraError } from './ora.ts';
import { FUNCTION } from './wire.ts';

export type Action =
  /** Fail with this ORA- number, and do nothing. */
  | { readonly kind: 'error'; readonly number: number; readonly text: string }
  /** Never answer; `applied` first does what was asked. */
  | { readonly kind: 'silence'; readonly applied: boolean }
  /** Where it has changed rows, close the connection instead of saying so; other answers go out. */
  | { readonly kind: 'dropChange' }
  /** Close the connection; `applied` first does what was asked. */
  | { readonly kind: 'drop'; readonly applied: boolean }
  /** From now on this connection swallows whatever it is sent, cries for help included. Others do not. */
  | { readonly kind: 'blackHole' }
  /** Answer so many milliseconds late. */
  | { readonly kind: 'delay'; readonly milliseconds: number };

export interface Fault {
  /** `execute` strikes first and repeated executions alike. */
  readonly operation: 'execute' | 'fetch' | 'commit' | 'ping';
  /** Part of the SQL text that an execution must have to be struck; every one if null. */
  readonly statement: string | null;
  /** How many calls it strikes; every one from now on if null. */
  readonly times: number | null;
  readonly action: Action;
}

const OPERATIONS: Readonly<Record<Fault['operation'], readonly number[]>> = {
  execute: [FUNCTION.execute, FUNCTION.reexecute, FUNCTION.reexecuteAndFetch],
  fetch: [FUNCTION.fetch],
  commit: [FUNCTION.commit],
  ping: [FUNCTION.ping],
};

/** What a message is about: its function, and the SQL text that it executes, or none. */
export interface About {
  readonly operation: number;
  readonly sql: string;
}

export class Faults {
  #pending: { fault: Fault; left: number }[] = [];

  order(fault: Fault): void {
    this.#pending.push({ fault, left: fault.times ?? Number.POSITIVE_INFINITY });
  }

  clear(): void {
    this.#pending = [];
  }

  /** What strikes a call, if anything. */
  strike({ operation, sql }: About): Action | null {
    const struck = this.#pending.find(
      ({ fault }) =>
        OPERATIONS[fault.operation].includes(operation) &&
        (fault.statement === null || sql.includes(fault.statement)),
    );
    if (struck === undefined) return null;
    struck.left--;
    this.#pending = this.#pending.filter(({ left }) => left > 0);
    return struck.fault.action;
  }
}

export function errorOf({ number, text }: Action & { kind: 'error' }): OraError {
  return new OraError(number, text);
}
