/** `npm run simulate`: schedules of the whole system, one a seed; a seed that fails is told as a story, and can be run again alone. */
import { parseArgs } from 'node:util';
import { BUGS } from './bugs.ts';
import { FOCUSES } from './plan.ts';
import { shrink, storyOf } from './shrink.ts';
import { type Bug, KEYS, type Outcome, simulate } from './system.ts';

const HELP = `npm run simulate -- [--seeds N] [--from N] [--story] [--bug NAME] [--bugs] [--focus NAME]

  --seeds N   so many schedules (1000)
  --from N    from this seed on (1)
  --story     tell the story of each, and not only of those that fail
  --bug NAME  with a bug planted: the schedules that fail are told, with as little in them as it takes
  --bugs      plant bugs instead, and count the schedules until each is caught, N at most
  --lists     verifications by version compare the lists of both stores, and look at few documents
  --focus NAME  schedules that are all about runs that come late (runs), moves that are forced at times (force), walks of which each
                move is forced (haste), stores that come back with less than they have acknowledged (forget), or others who touch, write and
                remove documents in Couchbase past the API, and give its bucket a maximum TTL (hands); without it, in one of seven
                schedules moves are forced at times, in one of ten stores forget something, and in one of 22 others are at work
`;

const { values } = parseArgs({
  options: {
    ...{ seeds: { type: 'string', default: '1000' }, from: { type: 'string', default: '1' } },
    ...{ story: { type: 'boolean', default: false }, bugs: { type: 'boolean', default: false } },
    lists: { type: 'boolean', default: false },
    ...{ bug: { type: 'string' }, focus: { type: 'string' }, help: { type: 'boolean', default: false } },
  },
});

async function main(): Promise<void> {
  if (values.help) return console.log(HELP);
  const [count, from] = [whole(values.seeds), whole(values.from)];
  if (values.bugs) return plant(count);
  const began = performance.now();
  let [steps, operations, seconds, failed] = [0, 0, 0, 0];
  const strikes = new Map<string, number>();
  for (let seed = from; seed < from + count; seed++) {
    const outcome = await simulate(seed, bugIn(values));
    steps += outcome.steps;
    operations += outcome.operations;
    seconds += outcome.seconds;
    for (const [kind, times] of outcome.strikes) strikes.set(kind, (strikes.get(kind) ?? 0) + times);
    if (values.story) console.log(outcome.story.join('\n'));
    if (outcome.wrong === null) continue;
    failed++;
    await tellFailure(outcome);
  }
  const took = (performance.now() - began) / 1000;
  console.log(
    `${count} schedules, ${failed} wrong: ${operations} operations of clients in ${steps} steps and ${Math.round(seconds / 3600)} virtual hours; ` +
      `${(count / took).toFixed(1)} schedules/s`,
  );
  const struck = [...strikes].sort().map(([kind, times]) => `${kind} ${times}`);
  console.log(`Struck: ${struck.join(', ')}`);
  if (failed > 0) process.exitCode = 1;
}

/** The story of a schedule that has failed, with as little in it as it takes. */
async function tellFailure(failing: Outcome): Promise<void> {
  const { outcome, calm } = await shrink(failing, bugIn(values));
  const draws = calm.reduce((sum, [from, to]) => sum + to - from, 0);
  const again = `npm run simulate -- --seeds 1 --from ${failing.seed}${(['bug', 'focus'] as const).map(optionOf).join('')}${values.lists ? ' --lists' : ''}`;
  console.log(storyOf(outcome, KEYS).join('\n'));
  console.log(
    `Seed ${failing.seed}: ${failing.wrong}\nAbove, nothing rare happens in ${draws} of ${failing.draws} draws: ${outcome.wrong}\n` +
      `Again, with all that happens: ${again} --story\n`,
  );
}

function optionOf(name: 'bug' | 'focus'): string {
  const value = values[name];
  return value === undefined ? '' : ` --${name} ${value}`;
}

/** Throws where there is none of that name. */
function bugIn({ bug: name, focus: about, lists }: Pick<typeof values, 'bug' | 'focus' | 'lists'>): Bug {
  const focus = FOCUSES.find((each) => each === about);
  if (about !== undefined && focus === undefined)
    throw new Error(`--focus ${about}: it is none of ${FOCUSES.join(', ')}`);
  const given = { ...(focus && { focus }), ...(lists && { rules: { lists: true } }) };
  if (name === undefined) return given;
  const planted = BUGS[name];
  if (planted === undefined) throw new Error(`--bug ${name}: it is none of ${Object.keys(BUGS).join(', ')}`);
  return { ...planted.bug, ...given, rules: { ...given.rules, ...planted.bug.rules } };
}

/** Of each bug, the first schedule that shows it. */
async function plant(most: number): Promise<void> {
  for (const [name, { bug }] of Object.entries(BUGS)) {
    let seed = 1;
    let outcome = await simulate(seed, bug);
    while (outcome.wrong === null && seed < most) outcome = await simulate(++seed, bug);
    const caught = outcome.wrong === null ? `not in ${most}` : `${seed}`;
    console.log(`${name.padEnd(20)} ${caught.padStart(12)}  ${outcome.wrong?.slice(0, 100) ?? ''}`);
    if (outcome.wrong === null) process.exitCode = 1;
  }
}

function whole(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new Error(`${text} is no whole number above 0`);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
});
