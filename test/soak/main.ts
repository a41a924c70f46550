/** `npm run soak`: the whole stack under trouble for as long as asked, its clients' books compared with both stores again and again. */
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Fault } from '../../infra/demo/book.ts';
import { Stuck } from '../../infra/demo/patience.ts';
import { Screen } from '../../infra/demo/screen.ts';
import { seeded } from '../../infra/demo/seeded.ts';
import { Stage } from '../../infra/demo/stage.ts';
import { Fallbacks } from './fallback.ts';
import { Journey } from './journey.ts';
import { Operator } from './operator.ts';
import { plantExit } from './planted_exit.ts';
import { Poison } from './poison.ts';
import { summaryOf } from './summary.ts';
import { Troubles } from './trouble.ts';

const HELP = `npm run soak -- [options]

Moves the service there and back while processes are killed, connections break, answers are lost and servers start again, while
stores are silent, slow or fail every second time, rows and the account are locked, processes stand still, more is asked than the
stack takes, and documents are planted that cannot be moved; with real drivers over real connections. Clients keep books of what they
were told, and an operator deals with what needs one. Ends by itself, and with 1 where anything is wrong.

  --minutes N    no round but the first begins after so many (10)
  --seed N       of troubles, ways and clients (1)
  --docs N       cities (500)
  --rate N       requests a second (40)
  --only TEXT    only troubles whose name has this in it; several texts are parted by commas
  --lie          put one document back to an older state before it is judged: it must exit with 1
  --log FILE     what functions print
`;

const { values } = parseArgs({
  options: {
    ...{ minutes: { type: 'string', default: '10' }, seed: { type: 'string', default: '1' } },
    ...{ docs: { type: 'string', default: '500' }, rate: { type: 'string', default: '40' } },
    ...{
      only: { type: 'string', default: '' },
      log: { type: 'string' },
      lie: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  },
});

/** Milliseconds. Others may be at work on a run for a quarter of an hour before the controller takes it up. */
const PATIENCE = 20 * 60_000;

async function main(): Promise<void> {
  if (values.help) return console.log(HELP);
  const began = performance.now();
  const [documents, rate] = [whole(values.docs), whole(values.rate)];
  const random = seeded(whole(values.seed));
  const screen = new Screen({ write: (text) => process.stdout.write(text) }, () => performance.now() - began);
  const data = mkdtempSync(join(tmpdir(), 'crossfade-soak-'));
  const { log: file } = values;
  const log = (source: string, line: string) => {
    if (file !== undefined) appendFileSync(file, `${new Date().toISOString()} ${source} ${line}\n`);
  };
  const stage = await Stage.start({ documents, rate, random, screen, data, log, patience: PATIENCE });
  const tell = (line: string) => screen.tell(line);
  const fallbacks = new Fallbacks(stage, tell);
  const poison = new Poison(stage, tell);
  const troubles = new Troubles({ stage, fallbacks, poison, random }, values.only);
  const operator = new Operator({ stage, fallbacks, poison, tell });
  const parts = { stage, troubles, fallbacks, poison, operator, random, tell };
  const journey = new Journey({ ...parts, lie: values.lie ? () => stage.crowd.forge() : null });
  const gone: Gone = { rounds: 0, redriven: 0, found: [], stuck: null };
  const told = (stuck: string | null): number => {
    const wrong = [...stage.caught, ...gone.found];
    const { counts: forgotten } = fallbacks;
    screen.print(summaryOf(stage, { ...gone, stuck, wrong, forgotten, troubles: troubles.counts, poison }));
    return wrong.length > 0 || stuck !== null ? 1 : 0;
  };
  const stop = async () => {
    await stage.stop();
    rmSync(data, { recursive: true, force: true });
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => {
      const code = told(`stopped by ${signal}: these are the figures so far`);
      stop().finally(() => process.exit(code));
    });
  await allRounds(stage, journey, gone, tell)
    .finally(() => troubles.end().catch(() => {}))
    .finally(stop);
  process.exitCode = told(gone.stuck);
}

interface Gone {
  rounds: number;
  redriven: number;
  readonly found: Fault[];
  stuck: string | null;
}

async function allRounds(
  stage: Stage,
  journey: Journey,
  gone: Gone,
  tell: (line: string) => void,
): Promise<void> {
  try {
    await plantExit(stage.local.deployment);
    await stage.crowd.load();
    await stage.crowd.stopOld();
    // On a busy machine the start alone may take a minute, and a soak without a round shows nothing.
    const end = performance.now() + whole(values.minutes) * 60_000;
    while (gone.rounds === 0 || performance.now() < end) {
      const { way, found, redriven } = await journey.round();
      gone.rounds++;
      gone.redriven += redriven;
      gone.found.push(...found);
      tell(`Round ${gone.rounds}, ${way.join(' and ')}: ${found.length} wrong`);
      for (const each of found.slice(0, 5)) tell(`${each.kind}: ${each.key}: ${each.detail}`);
    }
  } catch (error) {
    if (!(error instanceof Stuck)) throw error;
    gone.stuck = error.message;
  }
}

function whole(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 0) return value;
  throw new Error(`${text} is no whole number`);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 2;
});
