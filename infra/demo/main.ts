/** `npm run demo`: a whole migration and its way back on this machine, under live traffic, judged by what clients were told. */
import { parseArgs } from 'node:util';
import { type Cause, stopOn } from '../local/stopping.ts';
import { welcome } from '../local/welcome.ts';
import { checkSettings } from '../settings.ts';
import type { Place } from './app.ts';
import type { Fault } from './book.ts';
import { pulseHere } from './pulse_here.ts';
import { rampUp } from './ramp.ts';
import { Screen } from './screen.ts';
import { seeded } from './seeded.ts';
import { WITH_RAMP, WITH_TABLES } from './settings.ts';
import { Stage } from './stage.ts';
import { travelPlaces } from './tables.ts';
import { Tally } from './tally.ts';
import { COULD_NOT, exitCodeOf, verdictLines, verdictOf } from './verdict.ts';
import { walk } from './walk.ts';

const HELP = `npm run demo -- [options]

Starts the stack on this machine with real places in Couchbase, lets clients read, write, delete and count, and an old service do so
straight in Couchbase, and takes the service to Oracle and back while Oracle goes away, Couchbase fails over and is slow, workers are
killed and messages come twice. Documents of five types in one collection go into tables, which are asked by SQL. At the end
everything that clients were told, and all that the old service wrote, is compared with both stores. It takes five to six minutes.

  --docs N       cities (1000), up to 171075
  --rate N       requests a second (40)
  --seed N       of what clients do (1)
  --faults none  nothing goes wrong on the way
  --ramp         another story, of five to eight minutes: Oracle gets slow while a tenth of the keys depends on it, the guard takes them
                 back, and once it is mended all keys go
  --bug          skip phases, as no controller would: it must exit with 1
  --keep         leave the stack up afterwards, until Ctrl-C
  --json         print the figures as JSON, and the story to standard error

Exit codes: 0, nothing is missing; 1, something that was acknowledged is missing or wrong; 2, it could not be run, or did not come to
its end; 3, it did not come to its end because this machine is too slow or too busy, and nothing was found missing.
`;

interface Options {
  readonly documents: number;
  readonly rate: number;
  readonly seed: number;
  readonly faults: boolean;
  readonly bug: boolean;
  readonly ramp: boolean;
  readonly keep: boolean;
  readonly json: boolean;
}

/** Milliseconds between two deliveries of what was delivered already, and how many. */
const [AGAIN, MESSAGES] = [2000, 5];

/** Exit codes, as a shell has them for what a signal has ended. */
const STOPPED: Readonly<Record<Cause, number>> = { SIGINT: 130, SIGTERM: 143, orphaned: 143 };

/** What the story has come to. */
interface Played {
  readonly loaded: number;
  readonly found: readonly Fault[];
  readonly broken: string | null;
}

async function main(): Promise<void> {
  const options = optionsIn(process.argv.slice(2));
  if (options === null) return console.log(HELP);
  const began = performance.now();
  const pulse = pulseHere();
  const screen = new Screen(options.json ? process.stderr : process.stdout, () => performance.now() - began);
  let stage: Stage | null = null;
  const stop = async () => {
    process.stderr.write('\nStopping …\n');
    await stage?.stop();
  };
  stopOn(stop, (cause) => STOPPED[cause]);
  const { loaded, found, broken } = await played(options, screen, (started) => {
    stage = started;
  });
  const { crowd, caught, way, tally, past, answer } = stageOf(stage);
  const verdict = verdictOf(
    {
      ...{ seed: options.seed, took: Math.round((performance.now() - began) / 1000), documents: loaded },
      ...{ acknowledged: crowd?.book.acknowledged ?? 0, faults: [...caught, ...found], way, broken, answer },
      past: {
        ...{ taken: past?.service.counts.taken ?? 0, late: past?.late.written ?? 0 },
        restored: past?.late.restored ?? 0,
      },
      machine: { isSlow: pulse.isSlow, measured: pulse.measured },
    },
    tally,
  );
  screen.show([]);
  screen.print(verdictLines(verdict));
  if (options.json) process.stdout.write(`${JSON.stringify(verdict, null, 2)}\n`);
  await end(stage, options, exitCodeOf(verdict), screen);
}

/** Never rejects: whatever ends the story, the figures so far are told. @param started is given the stage once it stands. */
async function played(
  { documents, rate, seed, faults, bug, ramp }: Options,
  screen: Screen,
  started: (stage: Stage) => void,
): Promise<Played> {
  let loaded = 0;
  let again: NodeJS.Timeout | undefined;
  try {
    screen.tell('Bundling the functions, starting both stores and everything between them');
    const settings = checkSettings(ramp ? WITH_RAMP : WITH_TABLES, 'infra/demo/settings.ts');
    const travel = ramp ? new Map<Place, string>() : travelPlaces(seed);
    const stage = await Stage.start({
      ...{ documents, rate, random: seeded(seed), screen, settings, more: travel },
    });
    started(stage);
    loaded = await stage.crowd.load();
    screen.tell(
      `${loaded} documents lie in Couchbase: real places, which clients read, write, delete and count${ramp ? '' : ", and a travel agency's, of five types"}`,
    );
    if (ramp) return { loaded, found: await rampUp(stage, screen, loaded), broken: null };
    if (faults) again = setInterval(() => stage.deliverAgain(MESSAGES).catch(() => {}), AGAIN);
    return {
      loaded,
      found: await walk(stage, screen, { documents: loaded, faults, travel, bug }),
      broken: null,
    };
  } catch (error) {
    return { loaded, found: [], broken: error instanceof Error ? error.message : String(error) };
  } finally {
    clearInterval(again);
  }
}

/** What there is to tell; of a stack that did not start, nothing. */
function stageOf(
  stage: Stage | null,
): Pick<Stage, 'caught' | 'way' | 'tally' | 'answer'> & Partial<Pick<Stage, 'crowd' | 'past'>> {
  return stage ?? { caught: [], way: [], answer: [], tally: new Tally(() => 0) };
}

async function end(stage: Stage | null, { keep }: Options, code: number, screen: Screen): Promise<void> {
  process.exitCode = code;
  if (keep && stage !== null) {
    const kept = { quick: true, kept: null };
    screen.print([await welcome(stage.local, stage.settings, kept)]);
    return;
  }
  await stage?.stop();
  // What was given up may still wait for something.
  process.exit(code);
}

/** Null where help is asked for. */
function optionsIn(given: string[]): Options | null {
  const { values } = parseArgs({
    args: given,
    options: {
      ...{ docs: { type: 'string', default: '1000' }, rate: { type: 'string', default: '40' } },
      ...{ seed: { type: 'string', default: '1' }, faults: { type: 'string', default: 'all' } },
      ...{ bug: { type: 'boolean', default: false }, ramp: { type: 'boolean', default: false } },
      ...{ keep: { type: 'boolean', default: false } },
      ...{ json: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
    },
  });
  const { bug, ramp, keep, json, help } = values;
  if (help) return null;
  if (!['all', 'none'].includes(values.faults))
    throw new Error(`--faults ${values.faults}: it must be all or none`);
  const whole = (name: 'docs' | 'rate' | 'seed', least: number, most: number) => {
    const value = Number(values[name]);
    if (Number.isInteger(value) && value >= least && value <= most) return value;
    throw new Error(`--${name} ${values[name]}: it must be a whole number, ${least} to ${most}`);
  };
  return {
    ...{
      documents: whole('docs', 200, 171_075),
      rate: whole('rate', 1, 1000),
      seed: whole('seed', 0, 2 ** 31),
    },
    ...{ faults: values.faults === 'all', bug, ramp, keep, json },
  };
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(COULD_NOT);
});
