/** `npm run fuzz`: mutated events for every function, in memory, until the time is over or something does not hold. */
import { Command, InvalidArgumentError } from 'commander';
import fc from 'fast-check';
import { TARGETS, type Target } from './targets.ts';

interface Options {
  readonly minutes: number;
  readonly seed: number;
  readonly only?: string;
  readonly stack?: boolean;
}

/** Events of each function between two looks at the clock. */
const ROUND = 200;

function positive(text: string): number {
  if (!/^\d+(\.\d+)?$/.test(text)) throw new InvalidArgumentError('It is not a number.');
  return Number(text);
}

async function round({ name, property }: Target, seed: number, ends: Map<string, number>): Promise<boolean> {
  const ended = (how: string) => void ends.set(`${name} ${how}`, (ends.get(`${name} ${how}`) ?? 0) + 1);
  const details = await fc.check(property(ended), { seed, numRuns: ROUND });
  if (!details.failed) return true;
  console.log(
    `${name}: something does not hold. Repeat it by: npm run fuzz -- --seed ${seed} --only ${name}`,
  );
  console.log(`The event, shrunk ${details.numShrinks} times:`);
  console.log(fc.stringify(details.counterexample));
  console.log(details.errorInstance);
  return false;
}

async function run({ minutes, seed, only, stack = false }: Options): Promise<void> {
  if (stack) return runStack(minutes);
  const targets = TARGETS.filter(({ name }) => only === undefined || name === only);
  if (targets.length === 0)
    throw new Error(`There is no ${only}: it is none of ${TARGETS.map(({ name }) => name).join(', ')}`);
  console.log(`Seed ${seed}`);
  const ends = new Map<string, number>();
  const until = performance.now() + minutes * 60_000;
  for (let n = seed; n === seed || performance.now() < until; n++)
    for (const target of targets)
      if (!(await round(target, n, ends))) {
        process.exitCode = 1;
        return;
      }
  for (const [how, count] of [...ends].sort()) console.log(`${count} ${how}`);
}

async function runStack(minutes: number): Promise<void> {
  // With it comes all of the local stack.
  const { onStack } = await import('./stack.ts');
  const found = await onStack(minutes);
  for (const each of found) console.log(each);
  if (found.length > 0) process.exitCode = 1;
}

process.on('unhandledRejection', (error) => {
  console.log('A promise was rejected, and nobody looked at it:', error);
  process.exit(1);
});
const program = new Command('fuzz')
  .description('Invokes every function with mutated events, in memory')
  .option('--minutes <number>', 'how long', positive, 1)
  .option('--seed <number>', 'of the random numbers', positive, Date.now() % 2 ** 31)
  .option('--only <name>', `one of ${TARGETS.map(({ name }) => name).join(', ')}`)
  .option('--stack', 'marked documents through a whole stack, whose stores fail and quote them, instead')
  .parse();
await run(program.opts<Options>());
