/** Step Functions, as far as operators and workers use it: executions, and tasks that wait to be told. */
import { randomUUID } from 'node:crypto';
import { ServiceError, tooLong } from '../aws/failure.ts';
import { STATES } from '../limits.ts';
import { CLOCK, type Clock, type Later } from './clock.ts';
import { Execution, type Limits } from './execution.ts';
import { fits, History } from './history.ts';
import { type Machine, StateFailed } from './language.ts';

/** A task that waits to be told. */
interface Waiting {
  readonly resolve: (output: unknown) => void;
  readonly reject: (error: StateFailed) => void;
  readonly alive: () => void;
}

interface Started {
  readonly executionArn: string;
  readonly name: string;
  readonly input: string;
  readonly machine: string;
  readonly startDate: number;
  readonly stopper: AbortController;
  readonly history: History;
  status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'ABORTED';
  stopDate?: number;
  output?: string;
  error?: string;
  cause?: string;
}

/**
 * Tasks that wait to be told, by their tokens. An account has one such store: where stacks of several versions are deployed beside each other,
 * a worker of one tells tasks of the other's machines.
 */
export type WaitingTasks = Map<string, Waiting>;

/** Runs a task's resource on behalf of a machine. */
export type RunResource = (machine: string, resource: string, argument: unknown) => Promise<unknown>;
type Input = Readonly<Record<string, unknown>>;

/** Of an execution. */
const NAME = /^[^\s<>{}[\]?*"#%\\^|~`$&,;:/\p{Cc}]{1,80}$/u;

export class Machines {
  readonly #definitions = new Map<string, Machine>();
  readonly #executions = new Map<string, Started>();
  readonly #waiting: WaitingTasks;
  readonly #events: number;
  readonly #clock: Clock;
  #run: RunResource = () => Promise.reject(new Error('Nothing is deployed'));

  /** @param events of an execution at most. */
  constructor(events: number = STATES.events, clock: Clock = CLOCK, waiting: WaitingTasks = new Map()) {
    this.#waiting = waiting;
    this.#events = events;
    this.#clock = clock;
  }

  /** Says how tasks are run. */
  use(run: RunResource): void {
    this.#run = run;
  }

  /** The ARN of the one that has this in its name. Throws where there is none. */
  named(part: string): string {
    const arn = [...this.#definitions.keys()].find((each) => each.includes(part));
    if (arn === undefined) throw new Error(`There is no state machine ${part}`);
    return arn;
  }

  /** How many events an execution has had so far. */
  eventsOf(executionArn: string): number {
    return this.#find(executionArn).history.events;
  }

  define(arn: string, definition: string): void {
    const machine = JSON.parse(definition) as Machine;
    if (machine.QueryLanguage !== 'JSONata')
      throw new Error(`${arn} speaks ${machine.QueryLanguage ?? 'JSONPath'}, and this machine JSONata`);
    this.#definitions.set(arn, machine);
  }

  /** Answers a request. Throws `ServiceError`. */
  call(operation: string, input: Input): unknown {
    switch (operation) {
      case 'StartExecution':
        return this.#start(input);
      case 'DescribeExecution':
        return described(this.#find(input.executionArn as string));
      case 'ListExecutions':
        return this.#list(input);
      case 'StopExecution':
        return this.#stop(this.#find(input.executionArn as string), input);
      case 'SendTaskSuccess':
        return this.#succeed(input);
      case 'SendTaskFailure':
        checkFailure(input);
        return this.#tell(input, ({ reject }) =>
          reject(new StateFailed(String(input.error), String(input.cause))),
        );
      case 'SendTaskHeartbeat':
        return this.#tell(input, ({ alive }) => alive());
      default:
        throw new ServiceError(
          'UnknownOperationException',
          `This machine's Step Functions knows no ${operation}`,
        );
    }
  }

  #succeed(input: Input): unknown {
    const text = input.output as string;
    if (!fits(text)) throw tooLong('output', STATES.payload);
    const output = jsonIn(text, 'InvalidOutput', 'Output');
    return this.#tell(input, ({ resolve }) => resolve(output));
  }

  stop(): void {
    for (const { stopper } of this.#executions.values())
      stopper.abort(new StateFailed('States.Runtime', 'stopped'));
  }

  #start({ stateMachineArn, name = randomUUID(), input = '{}' }: Input): unknown {
    const arn = stateMachineArn as string;
    const machine = this.#definitions.get(arn);
    if (machine === undefined)
      throw new ServiceError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);
    if (!NAME.test(name as string))
      throw new ServiceError('InvalidName', `Invalid Name: '${name as string}'`);
    if (!fits(input as string)) throw tooLong('input', STATES.payload);
    const value = jsonIn(input as string, 'InvalidExecutionInput', 'State Machine Execution Input');
    const executionArn = `${arn.replace(':stateMachine:', ':execution:')}:${name as string}`;
    const same = this.#executions.get(executionArn);
    // The same request again, whose answer may have been lost.
    if (same?.status === 'RUNNING' && same.input === input)
      return { executionArn, startDate: same.startDate };
    if (same !== undefined)
      throw new ServiceError('ExecutionAlreadyExists', `Execution Already Exists: '${executionArn}'`);
    const started: Started = {
      ...{ executionArn, name: name as string, input: input as string, machine: arn },
      ...{ startDate: this.#clock.now() / 1000, stopper: new AbortController(), status: 'RUNNING' },
      history: new History(this.#events),
    };
    this.#executions.set(executionArn, started);
    this.#execute(started, machine, value);
    return { executionArn, startDate: started.startDate };
  }

  async #execute(started: Started, machine: Machine, value: unknown): Promise<void> {
    const { name, executionArn, stopper, history } = started;
    const services = {
      sleep: (milliseconds: number) => this.#clock.sleep(milliseconds, stopper.signal),
      run: (resource: string, argument: unknown) => this.#run(started.machine, resource, argument),
      wait: (limits: Limits, signal: AbortSignal) => this.#wait(started.machine, limits, signal),
    };
    const context = {
      Execution: { Name: name, Id: executionArn, Input: value },
      StateMachine: { Id: started.machine },
    };
    try {
      const output = await new Execution(services, context, stopper.signal, history).run(machine, value);
      Object.assign(started, { status: 'SUCCEEDED', output: JSON.stringify(output) });
    } catch (error) {
      const failed = error instanceof StateFailed ? error : new StateFailed('States.Runtime', String(error));
      const status = stopper.signal.aborted ? 'ABORTED' : 'FAILED';
      Object.assign(started, { status, error: failed.error, cause: failed.message });
      // What else of it was under way ends with it.
      stopper.abort(failed);
    }
    started.stopDate = this.#clock.now() / 1000;
  }

  #list({ stateMachineArn, statusFilter }: Input): unknown {
    const wanted = [...this.#executions.values()].filter(
      ({ machine, status }) =>
        machine === stateMachineArn && (statusFilter === undefined || status === statusFilter),
    );
    return { executions: wanted.map(described).reverse() };
  }

  #stop(started: Started, { error = 'Stopped', cause = '' }: Input): unknown {
    started.stopper.abort(new StateFailed(String(error), String(cause)));
    return { stopDate: this.#clock.now() / 1000 };
  }

  #wait(machine: string, { heartbeat, timeout }: Limits, signal: AbortSignal) {
    const token = `${machine} ${randomUUID()}`;
    const timers: Later[] = [];
    const told = new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      const after = (seconds: number, error: string) =>
        this.#clock.after(seconds * 1000, () => {
          this.#waiting.delete(token);
          reject(new StateFailed(error, `Nothing was told for ${seconds} s`));
        });
      if (timeout !== null) timers.push(after(timeout, 'States.Timeout'));
      const beating = heartbeat === null ? null : after(heartbeat, 'States.HeartbeatTimeout');
      if (beating !== null) timers.push(beating);
      this.#waiting.set(token, { resolve, reject, alive: () => beating?.again() });
    }).finally(() => {
      for (const timer of timers) timer.cancel();
      this.#waiting.delete(token);
    });
    return { token, told };
  }

  #tell({ taskToken }: Input, how: (waiting: Waiting) => void): unknown {
    if (!String(taskToken).includes(' '))
      throw new ServiceError('InvalidToken', `Invalid Token: '${taskToken}'`);
    const waiting = this.#waiting.get(taskToken as string);
    if (waiting === undefined)
      throw new ServiceError('TaskTimedOut', 'Task Timed Out: Provided task does not exist anymore');
    how(waiting);
    return {};
  }

  #find(arn: string): Started {
    const found = this.#executions.get(arn);
    if (found === undefined)
      throw new ServiceError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
    return found;
  }
}

function jsonIn(text: string, type: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ServiceError(type, `Invalid ${what}: '${text.slice(0, 100)}' is no JSON`);
  }
}

function checkFailure({ error = '', cause = '' }: Input): void {
  if (String(error).length > STATES.error) throw tooLong('error', STATES.error);
  if (String(cause).length > STATES.cause) throw tooLong('cause', STATES.cause);
}

function described({ stopper: _, history: __, machine, ...execution }: Started) {
  return { ...execution, stateMachineArn: machine };
}
