/** `npm run bench`: all measurements, each in a process of its own, and one report of them. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Figure, isMet } from './rounds.ts';

const PARTS = [
  'couchbase',
  'oracle',
  'expiry',
  'routing',
  'costs',
  'reconciler',
  'receipts',
  'followers',
  'overload',
  'feed',
  'backfill',
  'projections',
  'verification',
  'start',
  'sizes',
  'bodies',
] as const;
const HELP = `npm run bench -- [--only PART[,PART]] [--json FILE]

Everything is measured beside a baseline in the same run: a ratio tells what our own code costs. Parts: ${PARTS.join(', ')}
`;

const { values } = parseArgs({
  options: { only: { type: 'string' }, json: { type: 'string' }, help: { type: 'boolean', default: false } },
});

async function main(): Promise<void> {
  if (values.help) return console.log(HELP);
  const figures: (Figure & { readonly part: string })[] = [];
  for (const part of partsOf(values.only)) {
    console.log(`\n${part}`);
    const child = fork(fileURLToPath(new URL(`./${part}.ts`, import.meta.url)));
    child.on('message', (figure) => figures.push({ part, ...(figure as Figure) }));
    const [code] = await once(child, 'exit');
    if (code !== 0) throw new Error(`${part} has ended with ${code}`);
  }
  const judged = figures.flatMap(({ ratio, target }) => (target === null ? [] : [isMet(ratio, target)]));
  console.log(
    `\n${figures.length} figures; of ${judged.length} targets ${judged.filter(Boolean).length} are met`,
  );
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}`;
  if (values.json !== undefined)
    writeFileSync(values.json, `${JSON.stringify({ machine, figures }, null, 2)}\n`);
}

function partsOf(only: string | undefined): readonly string[] {
  const wanted = only?.split(',') ?? PARTS;
  for (const each of wanted)
    if (!(PARTS as readonly string[]).includes(each))
      throw new Error(`--only ${each}: it is none of ${PARTS.join(', ')}`);
  return wanted;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
