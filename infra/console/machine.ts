/** A state machine, as commands use it: what operators may do to it, and what has come of it. */
import { setTimeout } from 'node:timers/promises';
import {
  DescribeExecutionCommand,
  ListExecutionsCommand,
  type SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import type { Begun } from '../../functions/runs/begin.ts';
import type { Progress, Summary } from '../../functions/runs/summary.ts';

/** Milliseconds between two looks. */
const [OFTEN, SELDOM] = [250, 3000];

/** Which runs: a copy-back is another run than a backfill of the same collection. */
export interface Which {
  readonly collection: string;
  readonly back?: string | undefined;
}

export class Machine {
  readonly #states: SFNClient;
  readonly #arn: string;

  constructor(states: SFNClient, arn: string) {
    this.#states = states;
    this.#arn = arn;
  }

  /** What an execution has put out. Throws where it fails, with its cause. @param pause milliseconds between two looks. */
  async execute<Output>(input: object, pause = OFTEN): Promise<Output> {
    const running = await this.#start(input);
    for (;;) {
      const done = await this.#outcome(running);
      if (done !== null) return JSON.parse(done) as Output;
      await setTimeout(pause);
    }
  }

  /** Starts a run, and looks at it beside until it has ended. @param seen is told how far it is. */
  async watch(which: Which, input: object, seen: ((progress: Progress) => void) | null): Promise<Summary> {
    const running = await this.#start({ ...which, ...input });
    for (;;) {
      const done = await this.#outcome(running);
      if (done !== null) return JSON.parse(done) as Summary;
      const looked = seen === null ? null : await this.look(which).catch(() => null);
      if (looked !== null) seen?.(looked);
      await setTimeout(SELDOM);
    }
  }

  /** Rejects where none is unfinished. */
  async look(which: Which): Promise<Progress> {
    const { progress } = await this.execute<Begun>({ ...which, look: true });
    if (progress === undefined)
      throw new Error('The state machine tells no progress: deploy the stack again');
    return progress;
  }

  /** Ends the executions of such runs; the runs can be gone on with. @returns how many there were. */
  async stop({ collection, back }: Which): Promise<number> {
    let stopped = 0;
    for (const executionArn of await this.#running()) {
      const { input = '{}' } = await this.#states.send(new DescribeExecutionCommand({ executionArn }));
      const begun = JSON.parse(input) as Which;
      if (begun.collection !== collection || (begun.back === undefined) !== (back === undefined)) continue;
      await this.#states.send(
        new StopExecutionCommand({ executionArn, cause: 'An operator has stopped it' }),
      );
      stopped++;
    }
    return stopped;
  }

  async #running(): Promise<string[]> {
    const found: string[] = [];
    let nextToken: string | undefined;
    do {
      const page = await this.#states.send(
        new ListExecutionsCommand({
          ...{ stateMachineArn: this.#arn, statusFilter: 'RUNNING' },
          ...(nextToken === undefined ? {} : { nextToken }),
        }),
      );
      found.push(...(page.executions ?? []).map(({ executionArn = '' }) => executionArn));
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    return found;
  }

  async #start(input: object): Promise<string> {
    const started = await this.#states.send(
      new StartExecutionCommand({ stateMachineArn: this.#arn, input: JSON.stringify(input) }),
    );
    return started.executionArn ?? '';
  }

  async #outcome(executionArn: string): Promise<string | null> {
    const { status, output, error, cause } = await this.#states.send(
      new DescribeExecutionCommand({ executionArn }),
    );
    if (status === 'SUCCEEDED') return output ?? 'null';
    if (status === 'RUNNING') return null;
    // A run that has ended with failures tells its summary as the cause.
    if (error === 'NotAllCopied' || error === 'NotEqual') return cause ?? 'null';
    throw new Error(`${error ?? status}: ${cause ?? ''}`);
  }
}
