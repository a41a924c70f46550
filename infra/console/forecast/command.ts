/** `forecast`: the whole migration of a collection, before anything of it has begun. */
import { type Command, InvalidArgumentError } from 'commander';
import { bake } from '../../../functions/configuration/configuration.ts';
import { loadProofOf } from '../../../functions/configuration/load_proof.ts';
import { moveSettings } from '../../../functions/configuration/moves.ts';
import type { Begun } from '../../../functions/runs/begin.ts';
import type { Forecast } from '../../../functions/runs/plan.ts';
import type { CheckedSettings } from '../../settings.ts';
import { shippedSettings } from '../schema.ts';
import { BadCommand } from '../service.ts';
import type { Open, Terminal } from '../terminal.ts';
import { outlookLines, sessionsOf } from './lines.ts';
import { type Facts, outlookOf } from './outlook.ts';

const MORE = `
How large a collection is, the deployed functions tell: they list its keys and measure some of its documents, and change nothing. So it takes a
deployment, and a phase in which both stores or Couchbase are served. --documents and --bytes need none.
Times are those of a quiet machine at the pace that is set, or --pace; a pace that Oracle or Couchbase cannot keep goes slower by itself. Figures
of space, redo and dollars are computed, and were never measured on a real database. Certifying and preflight come before, and are not counted;
nor are moves that wait for a commit or a window. The minutes of loadProof, where it has limits, of guard and of moves.ramp are
counted.
`;

interface Asked {
  readonly documents?: number;
  readonly bytes?: number;
  readonly pace?: number;
  readonly reads: number;
  readonly writes: number;
  readonly settle: number;
  readonly index?: true;
}

/** Documents a second of a new stack. */
const PACE = 500;

/** @param read the settings; those that are shipped if there is none. */
export function addForecast(program: Command, open: Open, read = shippedSettings): void {
  program
    .command('forecast')
    .description(
      'how long the whole migration of a collection takes, phase by phase, and what it needs and costs',
    )
    .argument('[collection]')
    .option('--documents <number>', 'as if there were so many, and nobody is asked', number)
    .option('--bytes <number>', 'of a document on average, with --documents', number)
    .option('--pace <number>', 'documents a second, instead of the pace that is set', number)
    .option('--reads <number>', 'of apps, a second, on average', number, 0)
    .option('--writes <number>', 'of apps, a second, on average', number, 0)
    .option('--settle <days>', 'for how long the service is to stay in settle', number, 14)
    .option('--index', 'as if the collection had an index of versions')
    .addHelpText('after', MORE)
    .action(async (collection: string | undefined, asked: Asked) => {
      const mistake = mistakeIn(collection, asked);
      if (mistake !== null) throw new BadCommand(mistake);
      const terminal = open();
      const settings = await read();
      const size = collection === undefined ? sizeIn(asked) : await sizeOf(terminal, collection);
      const facts = { ...factsFrom(settings, size, asked), ...waitsFrom(settings, collection) };
      const [outlook, sessions] = [outlookOf(facts), sessionsOf(settings)];
      terminal.show({ facts, ...outlook, sessions }, outlookLines(facts, outlook, sessions));
    });
}

function mistakeIn(collection: string | undefined, { documents, bytes, pace }: Asked): string | null {
  if ((collection === undefined) === (documents === undefined))
    return 'Name a collection, or say --documents and --bytes: one of both';
  if ((documents === undefined) !== (bytes === undefined))
    return '--documents and --bytes belong together: how many there are, and how large one is on average';
  return pace === 0 ? '--pace must be above 0: runs that are paused never end' : null;
}

type Size = Pick<Facts, 'documents' | 'bytes'> & Pick<Forecast, 'rate' | 'lists'>;

function sizeIn({ documents = 0, bytes = 0 }: Asked): Size {
  return { documents, bytes: documents * bytes };
}

/** A verification that is not begun: it may be asked for in every phase that a forecast is wanted in. */
async function sizeOf({ service }: Terminal, collection: string): Promise<Size> {
  const machine = await service.machine('verify');
  const { forecast } = await machine.execute<Begun>({ collection, mode: 'version', dryRun: true });
  if (forecast === null)
    throw new BadCommand(`A verification of ${collection} is under way: wait until it has ended`);
  return forecast;
}

/** Without limits the load is measured, and no move waits for it. @param collection none where no collection is named: it is one without settings of its own. */
export function waitsFrom(
  { configuration }: Pick<CheckedSettings, 'configuration'>,
  collection = '',
): Pick<Facts, 'ramp' | 'guard' | 'shares'> {
  const proof = loadProofOf(configuration, collection);
  const steps = proof === null || proof.limits === null ? [] : proof.ramp;
  return {
    ramp: steps.reduce((sum, { minutes }) => sum + minutes, 0),
    guard: configuration.guard?.minutes ?? 0,
    shares: moveSettings(configuration.moves, configuration.collections[collection]?.moves).ramp,
  };
}

function factsFrom(
  { configuration, deployment }: CheckedSettings,
  size: Size,
  asked: Asked,
): Omit<Facts, 'ramp' | 'guard' | 'shares'> {
  const { timing } = configuration;
  const { backfill, verify } = deployment.concurrency;
  const pace = asked.pace ?? size.rate ?? PACE;
  if (pace === 0)
    throw new BadCommand('The pace is 0, and runs that are paused never end: say --pace, or set the pace');
  return {
    ...{ documents: size.documents, bytes: size.bytes, pace, bake: bake(timing), request: timing.request },
    ...{ workers: { copy: backfill, verify }, reads: asked.reads, writes: asked.writes, days: asked.settle },
    lists: asked.index ?? size.lists ?? false,
  };
}

function number(text: string): number {
  if (/^\d{1,12}(\.\d{1,3})?$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a number, 0 or more.');
}
