/** `npm run backfill`: starts backfills, shows how far they are, and abandons them, through their state machine. */
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { Begun } from '../../functions/backfill/begin.ts';
import type { Forecast } from '../../functions/backfill/plan.ts';
import type { Progress, Summary } from '../../functions/backfill/summary.ts';

const HELP = `npm run backfill -- COMMAND COLLECTION [options]

  forecast   tell how many documents there are and how long they take, and copy nothing
  start      begin a backfill, or go on with the one that is not finished, and show how far it is
  status     show how far the one is that is not finished
  abandon    end the one that is not finished; what it has copied stays

  --prefix P            only keys that begin so
  --after K --up-to K   only keys above the one, up to the other
  --shards N            as many shards, instead of as many as the size suggests
  --machine ARN         the state machine: BACKFILL_MACHINE, if it is not given; the stack's outputs tell it

AWS credentials and region are taken from where the AWS command line takes them. A parameter sets the pace, documents a
second for all workers together, 0 to pause:

  aws ssm put-parameter --overwrite --name /crossfade/backfill-pace --value 1000
`;

const { values, positionals } = parseArgs({
  options: {
    prefix: { type: 'string' },
    after: { type: 'string' },
    'up-to': { type: 'string' },
    shards: { type: 'string' },
    machine: { type: 'string' },
    help: { type: 'boolean' },
  },
  allowPositionals: true,
});
const [command = '', collection = ''] = positionals;
const states = new SFNClient();
/** Milliseconds between two looks. */
const [OFTEN, SELDOM] = [250, 3000];
const WIDTH = 30;

async function main(): Promise<void> {
  const acts: Record<string, () => Promise<void>> = {
    forecast: async () => tellForecast((await execute<Begun>({ ...asked(), dryRun: true })).forecast),
    start: begin,
    status: async () => console.log(bar((await execute<Begun>({ collection, look: true })).progress)),
    abandon: async () =>
      console.log(`${(await execute<Begun>({ collection, abandon: true })).run} has been ended.`),
  };
  const act = acts[command];
  if (values.help === true || act === undefined || collection === '') return console.log(HELP);
  await act();
}

function asked() {
  const { prefix, after, shards } = values;
  return {
    ...{ collection, prefix, after, upTo: values['up-to'] },
    ...(shards === undefined ? {} : { shards: Number(shards) }),
  };
}

/** Starts a run, and looks at it beside until it has ended. */
async function begin(): Promise<void> {
  const running = await start(asked());
  for (;;) {
    const { done, failed } = await outcomeOf(running);
    if (failed !== null) throw new Error(failed);
    if (done !== null) return tell(JSON.parse(done) as Summary);
    const seen = await execute<Begun>({ collection, look: true }).catch(() => null);
    if (seen?.progress !== undefined) process.stdout.write(`\r${bar(seen.progress)}`);
    await setTimeout(SELDOM);
  }
}

function tell({ run, applied, stale, gone, failed, bytes }: Summary): void {
  console.log(
    `\n${run}: ${applied} documents copied (${bytes} bytes), ${stale} were there as new, ${gone} had gone, ${failed} set aside.`,
  );
}

function tellForecast(forecast: Forecast | null): void {
  if (forecast === null) return;
  const { documents, complete, bytes, shards, seconds, requests } = forecast;
  console.log(
    `${complete ? '' : 'at least '}${documents} documents, about ${bytes} bytes, in ${shards} shards`,
  );
  console.log(
    seconds === null ? 'The pace is 0: it would wait.' : `about ${seconds} s at the pace that is set`,
  );
  const { stateTransitions, messages, invocations } = requests;
  console.log(
    `about ${stateTransitions} state transitions, ${messages} requests to queues, ${invocations} invocations`,
  );
}

function bar(progress: Progress | undefined): string {
  if (progress === undefined) return '';
  const { shards, listed, failed, rate, run } = progress;
  const share = shards.done / Math.max(1, shards.done + shards.open);
  const filled = '█'.repeat(Math.round(share * WIDTH)).padEnd(WIDTH, '░');
  return `${run} ${filled} ${shards.done} of ${shards.done + shards.open} shards, ${listed} documents, ${rate}/s, ${failed} set aside`;
}

/** What an execution has put out. */
async function execute<Output>(input: object): Promise<Output> {
  const running = await start(input);
  for (;;) {
    const { done, failed } = await outcomeOf(running);
    if (failed !== null) throw new Error(failed);
    if (done !== null) return JSON.parse(done) as Output;
    await setTimeout(OFTEN);
  }
}

async function start(input: object): Promise<string> {
  const stateMachineArn = values.machine ?? process.env.BACKFILL_MACHINE;
  if (stateMachineArn === undefined)
    throw new Error('Which state machine? Give --machine, or set BACKFILL_MACHINE');
  const started = await states.send(
    new StartExecutionCommand({ stateMachineArn, input: JSON.stringify(input) }),
  );
  return started.executionArn ?? '';
}

async function outcomeOf(executionArn: string): Promise<{ done: string | null; failed: string | null }> {
  const { status, output, error, cause } = await states.send(new DescribeExecutionCommand({ executionArn }));
  if (status === 'SUCCEEDED') return { done: output ?? 'null', failed: null };
  return { done: null, failed: status === 'RUNNING' ? null : `${error ?? status}: ${cause ?? ''}` };
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
