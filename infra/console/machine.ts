/** A state machine, as commands use it: what operators may do to it, and what has come of it. */
import { setTimeout } from 'node:timers/promises';
import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { Begun } from '../../functions/runs/begin.ts';
import type { Forecast } from '../../functions/runs/plan.ts';
import type { Progress, Summary } from '../../functions/runs/summary.ts';

/** Milliseconds between two looks. */
const [OFTEN, SELDOM] = [250, 3000];
const WIDTH = 30;

/** Of both commands that start runs. */
export const RUN_OPTIONS = {
  prefix: { type: 'string' },
  after: { type: 'string' },
  'up-to': { type: 'string' },
  shards: { type: 'string' },
  machine: { type: 'string' },
  help: { type: 'boolean' },
} as const;

export interface Range {
  readonly prefix?: string | undefined;
  readonly after?: string | undefined;
  readonly 'up-to'?: string | undefined;
  readonly shards?: string | undefined;
}

export function rangeAsked({ prefix, after, shards, 'up-to': upTo }: Range): object {
  return { prefix, after, upTo, ...(shards === undefined ? {} : { shards: Number(shards) }) };
}

export class Machine {
  readonly #arn: string;
  readonly #states = new SFNClient();

  /** @param variable of the environment that names it, where no option does. Throws where neither does. */
  constructor(arn: string | undefined, variable: string) {
    const found = arn ?? process.env[variable];
    if (found === undefined) throw new Error(`Which state machine? Give --machine, or set ${variable}`);
    this.#arn = found;
  }

  /** What an execution has put out. Throws where it fails, with its cause. */
  async execute<Output>(input: object): Promise<Output> {
    const running = await this.#start(input);
    for (;;) {
      const done = await this.#outcome(running);
      if (done !== null) return JSON.parse(done) as Output;
      await setTimeout(OFTEN);
    }
  }

  /** Starts a run, and looks at it beside until it has ended. */
  async watch(collection: string, input: object): Promise<Summary> {
    const running = await this.#start({ collection, ...input });
    for (;;) {
      const done = await this.#outcome(running);
      if (done !== null) return JSON.parse(done) as Summary;
      // Who reads a log has no use for a bar that moves.
      const looked = process.stdout.isTTY ? { collection, ...lookFor(input), look: true } : null;
      const seen = looked === null ? null : await this.execute<Begun>(looked).catch(() => null);
      if (seen?.progress !== undefined) process.stdout.write(`\r${bar(seen.progress)}`);
      await setTimeout(SELDOM);
    }
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

/** What both commands do with runs, by name. */
export function commandsOn(
  machine: Machine,
  collection: string,
  { asked, kind = {}, tell }: Commands,
): Readonly<Record<string, () => Promise<void>>> {
  const begun = (input: object) => machine.execute<Begun>({ collection, ...kind, ...input });
  return {
    forecast: async () => tellForecast((await begun({ ...asked, dryRun: true })).forecast),
    start: async () => tell(await machine.watch(collection, asked)),
    status: async () => console.log(bar((await begun({ look: true })).progress)),
    abandon: async () => console.log(`${(await begun({ abandon: true })).run} has been ended.`),
  };
}

interface Commands {
  /** What a run is begun with. */
  readonly asked: object;
  /** What tells it from other runs of the same machine. */
  readonly kind?: object;
  readonly tell: (summary: Summary) => void;
}

/** A copy-back is another run than a backfill of the same collection. */
function lookFor(input: object): object {
  return 'back' in input && input.back !== undefined ? { back: input.back } : {};
}

export function bar(progress: Progress | undefined): string {
  if (progress === undefined) return '';
  const { shards, listed, failed, rate, run, kind } = progress;
  const share = shards.done / Math.max(1, shards.done + shards.open);
  const filled = '█'.repeat(Math.round(share * WIDTH)).padEnd(WIDTH, '░');
  const found = kind === 'verify' ? 'to be looked at again' : 'set aside';
  return `${run} ${filled} ${shards.done} of ${shards.done + shards.open} shards, ${listed} documents, ${rate}/s, ${failed} ${found}`;
}

export function tellForecast(forecast: Forecast | null): void {
  if (forecast === null) return;
  const { documents, complete, bytes, shards, seconds, requests } = forecast;
  console.log(`${complete ? '' : 'about '}${documents} documents, about ${bytes} bytes, in ${shards} shards`);
  console.log(
    seconds === null ? 'The pace is 0: it would wait.' : `about ${seconds} s at the pace that is set`,
  );
  const { stateTransitions, messages, invocations } = requests;
  console.log(
    `about ${stateTransitions} state transitions, ${messages} requests to queues, ${invocations} invocations`,
  );
}

/** Runs a command, and tells what went wrong as people read it. */
export function run(main: () => Promise<void>): void {
  main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
}
