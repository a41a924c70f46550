/** `npm run demo`: a whole migration and its way back on this machine, under live traffic, judged by what clients were told. */
import { parseArgs } from 'node:util';
import { type Cause, stopOn } from '../local/stopping.ts';
import { welcome } from '../local/welcome.ts';
import { checkSettings } from '../settings.ts';
import type { Fault } from './book.ts';
import { Screen } from './screen.ts';
import { seeded } from './seeded.ts';
import { DEMO } from './settings.ts';
import { Stage, Stuck } from './stage.ts';
import { isWell, verdictLines, verdictOf } from './verdict.ts';
import { walk } from './walk.ts';

const HELP = `npm run demo -- [options]

Starts the stack on this machine with real places in Couchbase, lets clients read, write, delete and count, and takes the service
to Oracle and back while Oracle goes away, workers are killed, Couchbase is slow and messages come twice. At the end everything
that clients were told is compared with both stores; it exits with 1 where anything is missing. It takes three to four minutes.

  --docs N       cities (1000), up to 171075
  --rate N       requests a second (40)
  --seed N       of what clients do (1)
  --faults none  nothing goes wrong on the way
  --bug          skip phases, as no controller would: it must exit with 1
  --keep         leave the stack up afterwards, until Ctrl-C
  --json         print the figures as JSON, and the story to standard error
`;

const { values } = parseArgs({
  options: {
    ...{ docs: { type: 'string', default: '1000' }, rate: { type: 'string', default: '40' } },
    ...{ seed: { type: 'string', default: '1' }, faults: { type: 'string', default: 'all' } },
    ...{ bug: { type: 'boolean', default: false }, keep: { type: 'boolean', default: false } },
    ...{ json: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
  },
});

/** Milliseconds between two deliveries of what was delivered already, and how many. */
const [AGAIN, MESSAGES] = [2000, 5];

const KEPT = { quick: true, kept: null };

/** Exit codes, as a shell has them for what a signal has ended. */
const STOPPED: Readonly<Record<Cause, number>> = { SIGINT: 130, SIGTERM: 143, orphaned: 143 };

async function main(): Promise<void> {
  if (values.help) return console.log(HELP);
  const documents = whole('docs', 200, 171_075);
  const [rate, seed] = [whole('rate', 1, 1000), whole('seed', 0, 2 ** 31)];
  if (!['all', 'none'].includes(values.faults))
    throw new Error(`--faults ${values.faults}: it must be all or none`);
  const faults = values.faults === 'all';
  const began = performance.now();
  const screen = new Screen(values.json ? process.stderr : process.stdout, () => performance.now() - began);
  screen.tell('Bundling the functions, starting both stores and everything between them');
  let stage: Stage | null = null;
  const stop = async () => {
    process.stderr.write('\nStopping …\n');
    await stage?.stop();
  };
  stopOn(stop, (cause) => STOPPED[cause]);
  stage = await Stage.start({ documents, rate, random: seeded(seed), screen });
  const loaded = await stage.crowd.load();
  screen.tell(`${loaded} real places lie in Couchbase, and clients read, write, delete and count them`);
  const again = faults ? setInterval(() => stage.deliverAgain(MESSAGES).catch(() => {}), AGAIN) : undefined;
  let [found, broken]: [Fault[], string | null] = [[], null];
  try {
    found = await walk(stage, screen, { documents: loaded, faults, bug: values.bug });
  } catch (error) {
    if (!(error instanceof Stuck)) throw error;
    broken = error.message;
  } finally {
    clearInterval(again);
  }
  screen.show([]);
  const told = {
    ...{ seed, took: Math.round((performance.now() - began) / 1000), documents: loaded },
    ...{
      acknowledged: stage.crowd.book.acknowledged,
      faults: [...stage.caught, ...found],
      way: stage.way,
      broken,
    },
  };
  const verdict = verdictOf(told, stage.tally);
  screen.print(verdictLines(verdict));
  if (values.json) process.stdout.write(`${JSON.stringify(verdict, null, 2)}\n`);
  process.exitCode = isWell(verdict) ? 0 : 1;
  if (values.keep) screen.print([await welcome(stage.local, checkSettings(DEMO, 'demo'), KEPT)]);
  else await stage.stop();
}

function whole(name: 'docs' | 'rate' | 'seed', least: number, most: number): number {
  const value = Number(values[name]);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new Error(`--${name} ${values[name]}: it must be a whole number, ${least} to ${most}`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
