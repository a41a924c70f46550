/** State machines by the names that the stack gives them, whatever CloudFormation makes of these. */
import type { Machines } from './machines.ts';

type Name = 'CopyAll' | 'VerifyAll' | 'Controller' | 'Certify';

/** Those of a stack. */
export interface Named {
  /** The ARN of the state machine of this name. Throws where there is none. */
  machine(name: Name): string;
  /** Starts an execution of it. */
  start(name: Name, input: object): void;
}

export function named(machines: Machines): Named {
  const machine = (name: Name) => machines.named(name);
  const start = (name: Name, input: object) =>
    void machines.call('StartExecution', { stateMachineArn: machine(name), input: JSON.stringify(input) });
  return { machine, start };
}
