/** The model's command line; see `USAGE`. Long runs use every core. */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { BOUNDS } from './bounds.ts';
import { BUGS } from './bugs.ts';
import { EXCUSES } from './excuse.ts';
import { FOCUSES } from './focus.ts';
import { catching, sample } from './sample.ts';
import { boundNamed, bugNamed, type Progress, runShare, type Share, type Tally, total } from './share.ts';
import { line } from './timeline.ts';

const USAGE = `npm run model -- [--runs N] [--seed S] [--bug NAME] [--focus NAME] [--cores N]
                                                         N random schedules, from seed S on
npm run model -- --replay S [--bug NAME] [--focus NAME]  the time line of one of them
npm run model -- --focus ${Object.keys(FOCUSES).join('|')}                         where random schedules look
npm run model -- --exhaustive ${BOUNDS.map(({ name }) => name).join('|')} [--from N]  every schedule within a bound,
                                                         of the scenarios from number N on, 0 for all
npm run model -- --bugs                                  how soon each seeded bug is caught`;

/** How many findings a run prints in full. */
const SHOWN = 5;

async function inParallel(share: Omit<Share, 'index' | 'of'>, of: number): Promise<Tally> {
  const shares = Array.from({ length: of }, (_, index) => ({ ...share, index, of }));
  const tallies = await Promise.all(
    shares.map(
      (data) =>
        new Promise<Tally>((resolve, reject) => {
          const resourceLimits = { maxOldGenerationSizeMb: 8192 };
          const worker = new Worker(new URL(import.meta.url), { workerData: data, resourceLimits });
          worker.on('message', (message: Tally | Progress) => {
            if ('done' in message) resolve(message);
            else tell(data.index, message);
          });
          worker.once('error', reject);
        }),
    ),
  );
  const sum = (key: Exclude<keyof Tally, 'findings' | 'excused'>) =>
    tallies.reduce((total, tally) => total + tally[key], 0);
  const findings = tallies.flatMap((tally) => tally.findings);
  return {
    ...{
      done: sum('done'),
      operations: sum('operations'),
      unanswered: sum('unanswered'),
      struck: sum('struck'),
      late: sum('late'),
    },
    ...{ states: sum('states'), transitions: sum('transitions'), findings },
    excused: total(tallies.map(({ excused }) => excused)),
  };
}

/** A run that takes hours tells what it finds at once, and where another one can go on: from the lowest scenario that the cores have come to. */
function tell(core: number, { scenario, finding }: Progress): void {
  console.error(`core ${core} is past scenario ${scenario}`);
  if (finding !== null) console.log(finding);
}

function replay(seed: number, bug: string | undefined, focus: string | undefined): void {
  const seeded = bugNamed(bug, focus);
  const run = sample(seed, seeded, (before, move, after) => console.log(line(before, move, after)));
  console.log(run.excuse === null ? (run.what ?? 'nothing wrong') : `excused: ${run.excuse.what}`);
}

function showBugs(): void {
  const width = Math.max(...BUGS.map(({ name }) => name.length));
  for (const bug of BUGS) {
    const caught = catching(bug, 300_000);
    const after = caught === null ? 'NOT CAUGHT' : String(caught.schedules);
    console.log(`${bug.name.padEnd(width)} ${after.padStart(10)}  ${caught?.what ?? ''}  (${bug.what})`);
  }
}

async function run(share: Omit<Share, 'index' | 'of'>, cores: number): Promise<void> {
  const { bound, bug, focus } = share;
  bugNamed(bug, focus);
  const began = performance.now();
  if (bound !== null) console.log(boundNamed(bound).what);
  const tally = await inParallel(share, cores);
  const seconds = (performance.now() - began) / 1000;
  if (bound === null) for (const finding of tally.findings.slice(0, SHOWN)) console.log(finding);
  const rate = (count: number) => `${Math.round(count / seconds)}/s`;
  console.log(
    bound === null
      ? `${tally.done} schedules (${rate(tally.done)}), ${tally.operations} operations, ${tally.unanswered} of them unanswered though nothing had failed`
      : `${tally.done} scenarios, ${tally.states} states (${rate(tally.states)}), ${tally.transitions} transitions`,
  );
  if (tally.struck > 0) console.log(`${faultOf(focus)} has struck in ${tally.struck} of them`);
  if (tally.late > 0) console.log(`a shard of an earlier phase was delivered in ${tally.late} of them`);
  for (const { name, what } of EXCUSES)
    if (tally.excused[name] !== undefined)
      console.log(`excused: ${tally.excused[name]}, named in the page as not covered: ${what}`);
  console.log(`${tally.findings.length} violations in ${seconds.toFixed(1)} s`);
  if (tally.findings.length > 0) process.exitCode = 1;
}

/** What strikes a schedule of a focus. */
function faultOf(focus: string | null): string {
  switch (focus) {
    case 'failover':
      return 'a failover of Couchbase';
    case 'fallback':
      return 'a fallback of Oracle';
    default:
      return 'a forced move';
  }
}

function whole(option: string, value: string): number {
  if (!/^\d{1,15}$/.test(value)) throw new Error(`--${option} takes a whole number, and not ${value}`);
  return Number(value);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      runs: { type: 'string', default: '20000' },
      seed: { type: 'string', default: '1' },
      bug: { type: 'string' },
      replay: { type: 'string' },
      focus: { type: 'string' },
      from: { type: 'string', default: '0' },
      cores: { type: 'string', default: String(availableParallelism()) },
      exhaustive: { type: 'string' },
      bugs: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) console.log(USAGE);
  else if (values.bugs) showBugs();
  else if (values.replay !== undefined) replay(whole('replay', values.replay), values.bug, values.focus);
  else {
    const [seed, runs] = [whole('seed', values.seed), whole('runs', values.runs)];
    const [bound, bug, focus] = [values.exhaustive ?? null, values.bug ?? null, values.focus ?? null];
    const from = whole('from', values.from);
    await run({ bound, bug, focus, seed, runs, from }, whole('cores', values.cores));
  }
}

if (isMainThread)
  await main().catch((error: unknown) => {
    console.error(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
    process.exitCode = 2;
  });
else parentPort?.postMessage(runShare(workerData as Share, (progress) => parentPort?.postMessage(progress)));
