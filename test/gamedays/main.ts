/** `npm run gamedays`: what the operators' manual says of alarms and messages, provoked and done. */
import { appendFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { alarmsOf, commandsIn, type Day, type Row } from './day.ts';
import { DAYS, FAMILIES, ROWS } from './days/all.ts';
import { feedAtWork } from './days/feeds.ts';
import { Field } from './field.ts';
import { compare, type Held, hold } from './hold.ts';
import { rewritePage } from './page.ts';
import { ready } from './ready.ts';
import { SETTINGS, WITH_FEED, WITH_GUARD, WITH_RAMP } from './stack.ts';
import { SPEED } from './watch.ts';

/** Families whose stack is another one. */
const STACKS: Readonly<Record<string, typeof SETTINGS>> = {
  ...{ feeds: WITH_FEED, guard: WITH_GUARD, ramp: WITH_RAMP },
};

const HELP = `npm run gamedays -- [NAME …] [options]

Holds the game days of these names, or of these families, or all of them. Each starts from a stack that works, with clients that write
and read all the time; it provokes what an alarm or a message of infra/README.md stands for, waits until the alarm of the template goes
off or the message is shown, does what the page says, and waits until the service is as it was. Days of one family share a stack, up to one
that does not come to its end: the next begins on a new one. At the end of each family what clients were told is compared with both
stores. Exits with 1 where anything is wrong. Periods of alarms are 20 times shorter than in the template.

  --list        the days, and what each stands for
  --page        writes the tables of infra/README.md from the list of days
  --log FILE    what functions print
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    ...{ list: { type: 'boolean', default: false }, page: { type: 'boolean', default: false } },
    ...{ help: { type: 'boolean', default: false }, log: { type: 'string' } },
  },
});

async function main(): Promise<void> {
  if (values.help) return console.log(HELP);
  if (values.page) return rewritePage(ROWS);
  if (values.list) return console.log(DAYS.map(listed).join('\n'));
  const unknown = positionals.filter((name) => !(name in FAMILIES) && !DAYS.some((day) => day.name === name));
  if (unknown.length > 0)
    throw new Error(`There is no game day ${unknown.join(', ')}: --list tells which there are`);
  const held: Held[] = [];
  for (const [family, days] of Object.entries(FAMILIES)) {
    const wanted = days.filter(
      ({ name }) => positionals.length === 0 || positionals.includes(name) || positionals.includes(family),
    );
    if (wanted.length > 0) held.push(...(await holdAll(family, wanted)));
  }
  const unsaid = ROWS.flatMap((row) => notGiven(row, held));
  console.log([...tableOf(held), ...unsaid].join('\n'));
  process.exitCode = held.every(isWell) && unsaid.length === 0 ? 0 : 1;
}

/** A day that has not come to its end may leave anything behind: the next one begins on a stack of its own. */
async function holdAll(family: string, days: readonly Day[]): Promise<Held[]> {
  const held: Held[] = [];
  for (let rest = days; rest.length > 0; ) {
    const ended = await holdOnOne(family, rest);
    held.push(...ended);
    rest = rest.slice(ended.filter(({ name }) => rest.some((day) => day.name === name)).length);
  }
  return held;
}

/** Holds days on one stack, up to the first that does not come to its end. */
async function holdOnOne(family: string, days: readonly Day[]): Promise<Held[]> {
  const { log } = values;
  const note = (source: string, line: string) => {
    if (log !== undefined) appendFileSync(log, `${new Date().toISOString()} ${source} ${line}\n`);
  };
  const field = await Field.start(note, SPEED, STACKS[family] ?? SETTINGS);
  const held: Held[] = [];
  try {
    await ready(field);
    if (family === 'feeds') await feedAtWork(field);
    for (const day of days) {
      const last = await hold(day, field, (line) => console.log(line));
      held.push(last);
      if (last.broken === null) continue;
      console.log(`${day.name}: ${last.broken}`);
      return held;
    }
    held.push(await compare(`${family}: both stores`, field, days.at(-1)?.held ?? 'both'));
  } finally {
    await field.stop();
  }
  return held;
}

/** Commands that a row names, and that none of its days has given, once all of them were held. */
function notGiven(row: Row, held: readonly Held[]): string[] {
  const days = DAYS.filter((day) => day.row === row);
  const all = days.map(({ name }) => held.find((each) => each.name === name));
  // What no day provokes here has tests elsewhere.
  if (all.length === 0 || all.some((each) => each === undefined || each.broken !== null)) return [];
  const same = row.advice.includes('the same of') ? asBackfill : (command: string) => command;
  const given = all.flatMap((each) => each?.given ?? []).map(same);
  return commandsIn(row.advice)
    .filter((command) => !given.some((each) => each.startsWith(command)))
    .map((command) => `${row.signs[0]}: the page names npx crossfade ${command}, and no day gives it`);
}

/** What the page says of a backfill it says of every run. */
function asBackfill(command: string): string {
  return command.replace(/^(?:copy-back|verify) /, 'backfill ');
}

function isWell({ broken, wrong }: Held): boolean {
  return broken === null && wrong.length === 0;
}

function listed(day: Day): string {
  const signs = alarmsOf(day).length > 0 ? alarmsOf(day) : day.row.signs;
  return `${day.name.padEnd(28)}${signs.join(', ')}`;
}

function tableOf(held: readonly Held[]): string[] {
  const yes = (is: boolean) => (is ? 'yes' : 'NO').padEnd(10);
  const lines = held.map(
    ({ name, provoked, remedied, wrong, seconds }) =>
      `${name.padEnd(28)}${yes(provoked)}${yes(remedied)}${String(wrong.length).padEnd(6)}${seconds}`,
  );
  const total = held.reduce((sum, { seconds }) => sum + seconds, 0);
  return [
    `${'game day'.padEnd(28)}${'provoked'.padEnd(10)}${'remedied'.padEnd(10)}${'wrong'.padEnd(6)}seconds`,
    ...lines,
    ...held.flatMap(({ name, wrong, broken }) =>
      [...(broken === null ? [] : [broken]), ...wrong.slice(0, 5)].map((each) => `${name}: ${each}`),
    ),
    `${held.filter(isWell).length} of ${held.length} are well, in ${total} s`,
  ];
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 2;
});
