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
import { Troubles } from './trouble.ts';

const HELP = `npm run soak -- [options]

Moves the service there and back while processes are killed, connections break, answers are lost and servers start again, with
real drivers over real connections; clients keep books of what they were told. Ends by itself, and with 1 where anything is wrong.

  --minutes N    no round but the first begins after so many (10)
  --seed N       of troubles, ways and clients (1)
  --docs N       cities (500)
  --rate N       requests a second (40)
  --only TEXT    only troubles whose name has this in it
  --log FILE     what functions print
`;

const { values } = parseArgs({
  options: {
    ...{ minutes: { type: 'string', default: '10' }, seed: { type: 'string', default: '1' } },
    ...{ docs: { type: 'string', default: '500' }, rate: { type: 'string', default: '40' } },
    ...{
      only: { type: 'string', default: '' },
      log: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  },
});

/** Milliseconds. Others may be at work on a run for a quarter of an hour before the controller takes it up. */
const PATIENCE = 20 * 60_000;

async function main(): Promise<void> {
  if (values.help) return console.log(HELP);
  const began = performance.now();
  const [minutes, documents, rate] = [whole(values.minutes), whole(values.docs), whole(values.rate)];
  const random = seeded(whole(values.seed));
  const screen = new Screen({ write: (text) => process.stdout.write(text) }, () => performance.now() - began);
  const data = mkdtempSync(join(tmpdir(), 'crossfade-soak-'));
  const { log: file } = values;
  const log = (source: string, line: string) => {
    if (file !== undefined) appendFileSync(file, `${new Date().toISOString()} ${source} ${line}\n`);
  };
  const stage = await Stage.start({ documents, rate, random, screen, data, log, patience: PATIENCE });
  process.once('SIGINT', () => stage.stop().finally(() => process.exit(130)));
  const tell = (line: string) => screen.tell(line);
  const fallbacks = new Fallbacks(stage, tell);
  const troubles = new Troubles(stage, fallbacks, random, values.only);
  const journey = new Journey(stage, { troubles, fallbacks }, random, tell);
  const found: Fault[] = [];
  let [rounds, redriven, stuck]: [number, number, string | null] = [0, 0, null];
  try {
    await stage.crowd.load();
    await stage.crowd.stopOld();
    // On a busy machine the start alone may take a minute, and a soak without a round shows nothing.
    const end = performance.now() + minutes * 60_000;
    while (rounds === 0 || performance.now() < end) {
      const round = await journey.round();
      rounds++;
      redriven += round.redriven;
      found.push(...round.found);
      screen.tell(`Round ${rounds}, ${round.way.join(' and ')}: ${round.found.length} wrong`);
      for (const each of round.found.slice(0, 5)) screen.tell(`${each.kind}: ${each.key}: ${each.detail}`);
    }
  } catch (error) {
    if (!(error instanceof Stuck)) throw error;
    stuck = error.message;
  } finally {
    await troubles.end().catch(() => {});
    await stage.stop();
    rmSync(data, { recursive: true, force: true });
  }
  const wrong = [...stage.caught, ...found];
  screen.print(summaryOf(stage, troubles, { rounds, redriven, wrong, stuck, forgotten: fallbacks.counts }));
  process.exitCode = wrong.length > 0 || stuck !== null ? 1 : 0;
}

interface Outcome {
  readonly rounds: number;
  readonly redriven: number;
  readonly wrong: readonly Fault[];
  readonly stuck: string | null;
  /** What became of what Oracle had forgotten. */
  readonly forgotten: Fallbacks['counts'];
}

function summaryOf({ tally, crowd }: Stage, { counts }: Troubles, outcome: Outcome): string[] {
  const { rounds, redriven, wrong, stuck, forgotten } = outcome;
  const { requests, failed, longest } = tally.total;
  const all = [...counts.values()].reduce((sum, each) => sum + each, 0);
  return [
    `${rounds} rounds, ${requests} requests, ${failed} failed, the longest took ${longest} ms; ${crowd.book.acknowledged} writes were acknowledged`,
    ...[...tally.failures].map(([why, times]) => `  ${times} ${why}`),
    `${all} troubles; ${redriven} messages were set aside, and sent again`,
    ...[...counts].map(([name, times]) => `  ${times} ${name}`),
    'What Oracle had forgotten, and Couchbase still held:',
    ...Object.entries(forgotten).map(([what, times]) => `  ${times} ${what}`),
    `${wrong.length} wrong`,
    ...wrong.slice(0, 20).map(({ kind, key, detail }) => `  ${kind}: ${key}: ${detail}`),
    ...(stuck === null ? [] : [`STUCK: ${stuck}`]),
  ];
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
