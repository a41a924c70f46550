/** `npm run clients-view`: what clients see of a whole way there and back, while a fault of each kind strikes in each phase. */
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { isPhase, PHASES, type Phase } from '../../functions/protocol/phase.ts';
import type { Fault } from '../../infra/demo/book.ts';
import { Stuck } from '../../infra/demo/patience.ts';
import type { Pulse } from '../../infra/demo/pulse.ts';
import { pulseHere } from '../../infra/demo/pulse_here.ts';
import { Screen } from '../../infra/demo/screen.ts';
import { seeded } from '../../infra/demo/seeded.ts';
import { Stage } from '../../infra/demo/stage.ts';
import { Fallbacks } from '../soak/fallback.ts';
import { Operator } from '../soak/operator.ts';
import { plantExit } from '../soak/planted_exit.ts';
import { Poison } from '../soak/poison.ts';
import { Remembering } from './asked.ts';
import { rowsOf, verdictOf } from './figures.ts';
import { KINDS, kindsIn } from './kind.ts';
import { tableLines, verdictLines } from './lines.ts';
import { Way } from './way.ts';

const HELP = `npm run clients-view -- [options]

A whole way from legacy to contract and back on this machine, under a steady load. In each phase the service stands still, and a fault of
each kind strikes, one after the other, with calm seconds between them. It prints for each phase and fault what share of the requests was
answered, what kept the others from it, and how long they took beside the calm seconds; and a total beside the targets. Where a fault
strikes a store that the phase needs, requests fail by the phase's contract: that is counted apart, as is what strikes the API itself.
It takes about 40 minutes. Each function has four containers at most here, where a deployed API has more, so a store that is needed and
silent stops it sooner.

  --fault N        seconds of each fault (4)
  --after N        seconds after it that are counted with it (5)
  --calm N         seconds between two of them (3)
  --only TEXT      only faults whose name has this in it; several texts are parted by commas
  --phases LIST    only in these phases, parted by commas (all six)
  --back           they strike on the way back, too
  --rate N         requests a second (40)
  --docs N         cities (600)
  --seed N         of what clients do (1)
  --list           the faults, and nothing else
  --json           the figures as JSON, and the story to standard error
  --log FILE       what functions print

Exit codes: 0, all targets were reached; 1, something that was acknowledged is missing or wrong; 2, it did not come to its end; 3, a target was
missed, or a fault has struck nothing.
`;

const number = (value: string) => ({ type: 'string', default: value }) as const;
const { values } = parseArgs({
  options: {
    ...{ fault: number('4'), after: number('5'), calm: number('3'), rate: number('40'), docs: number('600') },
    ...{ seed: number('1'), only: number(''), phases: number(PHASES.join(',')), log: { type: 'string' } },
    ...{ back: { type: 'boolean', default: false }, json: { type: 'boolean', default: false } },
    ...{ list: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
  },
});

/** Milliseconds: for what does not come to be, and from the start of the clients to the first phase. */
const [PATIENCE, WARM] = [20 * 60_000, 10_000];
/**
 * Each asks again 8 s after it has asked, at 40 requests a second, and a request lasts no longer: so the load stays the same while answers are late.
 */
const SECONDS = 8;

const [WELL, WRONG, NOT_ENDED, MISSED] = [0, 1, 2, 3];

async function main(): Promise<void> {
  if (values.help) return console.log(HELP);
  if (values.list) return console.log(KINDS.map(({ name }) => name).join('\n'));
  const began = performance.now();
  const data = mkdtempSync(join(tmpdir(), 'crossfade-clients-view-'));
  const out = values.json ? process.stderr : process.stdout;
  const screen = new Screen(out, () => performance.now() - began);
  const phases = phasesIn(values.phases);
  if (!phases.some((phase) => kindsIn(phase, values.only).length > 0))
    throw new Error(`--only ${values.only}: no fault has that in its name. --list tells them`);
  const pulse = pulseHere();
  const tally = new Remembering(() => performance.now());
  const stage = await staged(screen, tally, data);
  const way = wayOn(stage, screen, phases);
  const told = (found: readonly Fault[], stuck: string | null) =>
    tell({ way, tally, screen, pulse, wrong: [...stage.caught, ...found], stuck });
  const stop = async () => {
    await stage.stop();
    rmSync(data, { recursive: true, force: true });
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => {
      const code = told([], `stopped by ${signal}: these are the figures so far`);
      stop().finally(() => process.exit(code));
    });
  const { found, stuck } = await gone(stage, way).finally(stop);
  process.exit(told(found, stuck));
}

interface Come {
  readonly way: Way;
  readonly tally: Remembering;
  readonly screen: Screen;
  readonly pulse: Pulse;
  readonly wrong: readonly Fault[];
  readonly stuck: string | null;
}

/** @returns the exit code. */
function tell({ way, tally, screen, pulse, wrong, stuck }: Come): number {
  const rows = rowsOf(tally.asked, way.stretches);
  const verdict = verdictOf(rows);
  screen.show([]);
  screen.print([
    ...tableLines(rows),
    ...verdictLines(verdict),
    `This machine: ${pulse.measured}${pulse.isSlow ? ': TOO BUSY for figures of time' : ''}`,
    `${wrong.length} wrong`,
    ...wrong.slice(0, 20).map(({ kind, key, detail }) => `  ${kind}: ${key}: ${detail}`),
    ...(stuck === null ? [] : [`NOT ENDED: ${stuck}`]),
  ]);
  if (values.json) process.stdout.write(`${JSON.stringify({ rows, verdict, wrong, stuck }, null, 2)}\n`);
  const { isAnswered, isFast, idle } = verdict;
  const isReached = isAnswered && isFast && idle.length === 0;
  return wrong.length > 0 ? WRONG : stuck !== null ? NOT_ENDED : isReached ? WELL : MISSED;
}

function staged(screen: Screen, tally: Remembering, data: string): Promise<Stage> {
  const [documents, rate] = [whole('docs'), whole('rate')];
  const clients = SECONDS * rate;
  const writers = Math.ceil(clients / 3);
  const { log: file } = values;
  return Stage.start({
    ...{ documents, rate, random: seeded(whole('seed')), screen, tally, data, patience: PATIENCE },
    crew: { writers, counters: 0, readers: clients - writers, keys: 1, countries: false },
    ...(file === undefined ? {} : { log: (source, line) => appendFileSync(file, `${source} ${line}\n`) }),
  });
}

function wayOn(stage: Stage, screen: Screen, phases: readonly Phase[]): Way {
  const say = (line: string) => screen.tell(line);
  const poison = new Poison(stage, say, Number.POSITIVE_INFINITY);
  const operator = new Operator({ stage, fallbacks: new Fallbacks(stage, say), poison, tell: say });
  const times = { fault: whole('fault') * 1000, after: whole('after') * 1000, calm: whole('calm') * 1000 };
  const { only, back } = values;
  return new Way({ stage, poison, operator, times, only, phases, back, tell: say });
}

interface Gone {
  readonly found: readonly Fault[];
  readonly stuck: string | null;
}

async function gone(stage: Stage, way: Way): Promise<Gone> {
  try {
    await plantExit(stage.local.deployment);
    await stage.crowd.load();
    await stage.crowd.stopOld();
    stage.crowd.start();
    await setTimeout(WARM);
    await way.there();
    return { found: await way.back(), stuck: null };
  } catch (error) {
    if (!(error instanceof Stuck)) throw error;
    return { found: [], stuck: error.message };
  }
}

function phasesIn(text: string): Phase[] {
  const named = text.split(',').map((each) => each.trim());
  const unknown = named.find((each) => !isPhase(each));
  if (unknown !== undefined)
    throw new Error(`--phases: there is no phase ${unknown}: it is none of ${PHASES.join(', ')}`);
  return named.filter(isPhase);
}

function whole(name: 'fault' | 'after' | 'calm' | 'rate' | 'docs' | 'seed'): number {
  const value = Number(values[name]);
  if (Number.isInteger(value) && value >= 0) return value;
  throw new Error(`--${name} ${values[name]}: it must be a whole number`);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(NOT_ENDED);
});
