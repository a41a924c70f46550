/** Faults on order: what a test wants to go wrong with the next calls of a kind. */
import { FaultQueue, type Ordered } from '../faults.ts';
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

export interface Fault extends Ordered {
  /** `login` is its second packet, the one with the password; `execute` strikes first and repeated executions alike. */
  readonly operation: 'login' | 'execute' | 'fetch' | 'commit' | 'ping';
  /** Part of the SQL text that an execution must have to be struck; every one if null. */
  readonly statement: string | null;
  readonly action: Action;
}

const OPERATIONS: Readonly<Record<Fault['operation'], readonly number[]>> = {
  login: [FUNCTION.authPhaseTwo],
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

export class Faults extends FaultQueue<Fault> {
  /** What strikes a call, if anything. @param about looks into the call; not asked while no fault is on order. */
  on(about: () => About): Action | null {
    const strikes = (fault: Fault) => {
      const { operation, sql } = about();
      const { statement } = fault;
      return (
        OPERATIONS[fault.operation].includes(operation) && (statement === null || sql.includes(statement))
      );
    };
    return this.strike(strikes)?.action ?? null;
  }
}

export function errorOf({ number, text }: Action & { kind: 'error' }): OraError {
  return new OraError(number, text);
}
