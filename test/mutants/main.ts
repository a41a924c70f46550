/** `npm run mutants`: changes the pure folders in one place after the other, and lists the changes that no test has found. */
import { readFileSync } from 'node:fs';
import { availableParallelism, constants, setPriority } from 'node:os';
import { Command, InvalidArgumentError } from 'commander';
import pMap from 'p-map';
import { FOLDERS, type Folder, type Found, foundIn, ROOT, roundsOf } from './folders.ts';
import { lineOf } from './mutants.ts';
import { triedInRounds } from './rounds.ts';
import { reasonOf } from './same.ts';
import { sampled } from './sampled.ts';
import type { Ended } from './try.ts';

interface Options {
  readonly folder?: string;
  readonly file?: string;
  readonly sample?: number;
  readonly seed: number;
  readonly atOnce: number;
}

function count(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('It is not a count.');
  return Number(text);
}

function described({ file, mutant }: Found): string {
  const line = lineOf(readFileSync(`${ROOT}/${file}`, 'utf8'), mutant);
  const short = (text: string) => text.replace(/\s+/g, ' ').slice(0, 100);
  return `${file}:${line}  ${short(mutant.was)}  →  ${short(mutant.is) || '(left out)'}`;
}

async function run(folder: Folder, { file = '', sample, seed, atOnce }: Options): Promise<void> {
  const all = foundIn(folder).filter((found) => found.file.endsWith(file));
  const drawn = sample === undefined ? all : sampled(all, sample, seed);
  const distinct = drawn.filter((found) => reasonOf(found) === undefined);
  if (distinct.length === 0) throw new Error(`There is nothing to mutate in ${folder.name}`);
  const tryOne = async (found: Found): Promise<Ended> => {
    const ended = await triedInRounds(found, roundsOf(folder, found.file));
    if (ended !== 'killed') console.log(`${ended}  ${described(found)}`);
    return ended;
  };
  const ends = await pMap(distinct, tryOne, { concurrency: atOnce });
  const killed = ends.filter((ended) => ended !== 'survived').length;
  const share = ((100 * killed) / distinct.length).toFixed(0);
  const same = `${drawn.length - distinct.length} more are known to behave the same`;
  console.log(
    `${folder.name}: ${killed} of ${distinct.length} killed, ${share} %; ${same}; ${all.length} in all`,
  );
}

const program = new Command('mutants')
  .description('Changes the pure folders in one place, and runs the nearest tests, for each place')
  .option('--folder <name>', `one of ${FOLDERS.map(({ name }) => name).join(', ')}`)
  .option('--file <name>', 'only files whose path ends so')
  .option('--sample <count>', 'so many mutants of each folder, drawn at random', count)
  .option('--seed <number>', 'of the random numbers', count, 1)
  .option('--at-once <count>', 'mutants tried side by side', count, Math.ceil(availableParallelism() / 2))
  .parse();
const options = program.opts<Options>();
const chosen = FOLDERS.filter(({ name }) => options.folder === undefined || name === options.folder);
if (chosen.length === 0) program.error(`There is no such folder: ${options.folder}`);
// The run takes all there is for minutes: other work on the machine goes first.
setPriority(constants.priority.PRIORITY_LOW);
for (const folder of chosen) await run(folder, options);
