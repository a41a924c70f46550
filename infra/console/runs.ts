/** `backfill`, `copy-back` and `verify`: runs over all keys, or some, through their state machines. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { MODES } from '../../functions/records/run.ts';
import type { Begun } from '../../functions/runs/begin.ts';
import type { Job } from '../../functions/runs/request.ts';
import type { Summary } from '../../functions/runs/summary.ts';
import type { Which } from './machine.ts';
import { BadCommand } from './service.ts';
import type { Open, Terminal } from './terminal.ts';
import { barOf, copyLines, forecastLines, verifyLines } from './told/runs.ts';

interface Kind {
  readonly name: string;
  readonly description: string;
  readonly job: Job;
  /** Options of its own. */
  readonly options: readonly Option[];
  /** Given where the options do not say it. */
  readonly back?: string;
  readonly lines: (summary: Summary) => string[];
}

const KINDS: readonly Kind[] = [
  {
    ...{ name: 'backfill', description: 'copies what was in Couchbase before to Oracle, in phase expand' },
    ...{ job: 'copy', options: [], lines: copyLines },
  },
  {
    ...{
      name: 'copy-back',
      description: 'tells Couchbase what only Oracle was told, in settle, switch and seal',
    },
    ...{ job: 'copy', back: 'changed', lines: copyLines },
    options: [
      new Option('--back <what>', 'what Oracle has written itself, or all')
        .choices(['changed', 'all'])
        .default('changed'),
    ],
  },
  {
    ...{
      name: 'verify',
      description: 'compares both stores; in contract, rows with what Couchbase was last told',
    },
    ...{ job: 'verify', lines: verifyLines },
    options: [
      new Option('--mode <mode>', 'all that documents hold, their versions, or that they are there')
        .choices([...MODES])
        .default('content'),
      new Option('--repair', 'make both stores agree about each difference'),
    ],
  },
];

export function addRuns(program: Command, open: Open): void {
  for (const kind of KINDS) addKind(program.command(kind.name).description(kind.description), kind, open);
}

function addKind(runs: Command, kind: Kind, open: Open): void {
  const { back, job, lines } = kind;
  const which = (collection: string): Which => ({ collection, ...(back === undefined ? {} : { back }) });
  const machine = (terminal: Terminal) => terminal.service.machine(job);
  const begin = async (collection: string, input: object) => {
    const terminal = open();
    const summary = await watched(terminal, job, which(collection), input);
    terminal.show(summary, lines(summary), summary.outcome === 'clean');
  };
  asking(runs.command('start').description('begin a run, and show how far it is'), kind).action(
    (collection: string, asked: Asked) => begin(collection, asked),
  );
  asking(runs.command('forecast').description('tell how much there is and how long it takes'), kind).action(
    async (collection: string, asked: Asked) => {
      const terminal = open();
      const input = { ...which(collection), ...asked, dryRun: true };
      const { forecast } = await (await machine(terminal)).execute<Begun>(input);
      if (forecast === null) throw new BadCommand('A run is under way: its status tells more');
      terminal.show(forecast, forecastLines(forecast));
    },
  );
  const simple = (name: string, description: string) =>
    runs.command(name).description(description).argument('<collection>');
  simple('status', 'show how far the run is that is not finished').action(async (collection: string) => {
    const terminal = open();
    const progress = await (await machine(terminal)).look(which(collection));
    terminal.show(progress, [barOf(progress)]);
  });
  simple('stop', 'stop it where it is: it can be resumed').action(async (collection: string) => {
    const terminal = open();
    const stopped = await (await machine(terminal)).stop(which(collection));
    if (stopped === 0) throw new BadCommand(`No ${kind.name} of ${collection} is under way`);
    terminal.show({ stopped }, [`Stopped. npx crossfade ${kind.name} resume ${collection} goes on with it.`]);
  });
  simple('resume', 'go on with the run that is not finished, as it was begun').action((collection: string) =>
    begin(collection, { resume: true }),
  );
  simple('abandon', 'end the run that is not finished; what it has done stays').action(
    async (collection: string) => {
      const terminal = open();
      const { run } = await (await machine(terminal)).execute<Begun>({ ...which(collection), abandon: true });
      terminal.show({ run }, [`${run} has been ended.`]);
    },
  );
}

/** A run from its beginning to its end, drawn meanwhile where somebody looks. */
export async function watched(terminal: Terminal, job: Job, which: Which, input: object): Promise<Summary> {
  const summary = await (await terminal.service.machine(job)).watch(which, input, terminal.progress);
  terminal.drawn();
  return summary;
}

interface Asked {
  readonly prefix?: string;
  readonly after?: string;
  readonly upTo?: string;
  readonly shards?: number;
  readonly back?: string;
  readonly mode?: string;
  readonly repair?: boolean;
}

function asking(command: Command, { options }: Kind): Command {
  command
    .argument('<collection>')
    .option('--prefix <text>', 'only keys that begin so')
    .option('--after <key>', 'only keys above this one')
    .option('--up-to <key>', 'only keys up to this one')
    .option('--shards <count>', 'as many shards, instead of as many as the size suggests', count);
  for (const option of options) command.addOption(option);
  return command;
}

function count(text: string): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number, 1 to 1000.');
}
