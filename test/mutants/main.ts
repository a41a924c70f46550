/** `npm run mutants`: changes the pure folders in one place after the other, and lists the changes that no test has found. */
import { readFileSync } from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';
import { FOLDERS, type Folder, type Found, foundIn, ROOT, testsOf } from './folders.ts';
import { lineOf } from './mutants.ts';
import { sampled } from './sampled.ts';
import { tried } from './try.ts';

/** A mutant may take so many times as long as the source as it is, before it counts as one that never ends. */
const PATIENCE = 4;

interface Options {
  readonly folder?: string;
  readonly sample?: number;
  readonly seed: number;
}

function count(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('It is not a count.');
  return Number(text);
}

function told({ file, mutant }: Found): string {
  const line = lineOf(readFileSync(`${ROOT}/${file}`, 'utf8'), mutant);
  const short = (text: string) => text.replace(/\s+/g, ' ').slice(0, 100);
  return `${file}:${line}  ${short(mutant.was)}  →  ${short(mutant.is) || '(left out)'}`;
}

/** How long the tests take with the source as it is. */
async function measured(folder: Folder, file: string): Promise<number> {
  const began = performance.now();
  if ((await tried({ file }, testsOf(folder), 600_000)) !== 'survived')
    throw new Error(`The tests of ${folder.name} fail without a mutant: ${testsOf(folder).join(' ')}`);
  return performance.now() - began;
}

async function run(folder: Folder, { sample, seed }: Options): Promise<void> {
  const all = foundIn(folder);
  const chosen = sample === undefined ? all : sampled(all, sample, seed);
  const [first] = chosen;
  if (first === undefined) throw new Error(`There is nothing to mutate in ${folder.name}`);
  const limit = PATIENCE * (await measured(folder, first.file)) + 5000;
  let survived = 0;
  for (const found of chosen) {
    if ((await tried(found, testsOf(folder), limit)) !== 'survived') continue;
    survived++;
    console.log(`survived  ${told(found)}`);
  }
  const killed = chosen.length - survived;
  const share = ((100 * killed) / chosen.length).toFixed(0);
  console.log(`${folder.name}: ${killed} of ${chosen.length} killed, ${share} %; ${all.length} in all`);
}

const program = new Command('mutants')
  .description('Changes the pure folders in one place, and runs the nearest tests, for each place')
  .option('--folder <name>', `one of ${FOLDERS.map(({ name }) => name).join(', ')}`)
  .option('--sample <count>', 'so many mutants of each folder, drawn at random', count)
  .option('--seed <number>', 'of the random numbers', count, 1)
  .parse();
const options = program.opts<Options>();
const chosen = FOLDERS.filter(({ name }) => options.folder === undefined || name === options.folder);
if (chosen.length === 0) program.error(`There is no such folder: ${options.folder}`);
for (const folder of chosen) await run(folder, options);
