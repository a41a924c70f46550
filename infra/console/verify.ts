/** `npm run verify`: compares both stores, through their state machine, and tells what differs. */
import { parseArgs } from 'node:util';
import type { Summary } from '../../functions/runs/summary.ts';
import { KINDS } from '../../functions/verification/compare.ts';
import { commandsOn, Machine, RUN_OPTIONS, rangeAsked, run } from './machine.ts';

const HELP = `npm run verify -- COMMAND COLLECTION [options]

  forecast   tell how many documents there are and how long they take, and compare nothing
  start      begin a verification, or go on with the one that is not finished, and show how far it is
  status     show how far the one is that is not finished
  abandon    end the one that is not finished

  --mode content|version|count   all that documents hold (if not given), their versions, or only that they are there
  --repair              send a receipt for each difference: both stores are made to agree about it
  --prefix P            only keys that begin so
  --after K --up-to K   only keys above the one, up to the other
  --shards N            as many shards, instead of as many as the size suggests
  --machine ARN         the state machine: VERIFY_MACHINE, if it is not given; the stack's outputs tell it

It exits with 0 only where both stores hold the same. Runs of all kinds keep one pace; a verification lets the others go first.
`;

const { values, positionals } = parseArgs({
  options: { ...RUN_OPTIONS, mode: { type: 'string' }, repair: { type: 'boolean' } },
  allowPositionals: true,
});
const [command = '', collection = ''] = positionals;

async function main(): Promise<void> {
  if (values.help === true || collection === '') return console.log(HELP);
  const machine = new Machine(values.machine, 'VERIFY_MACHINE');
  const asked = { ...rangeAsked(values), mode: values.mode, repair: values.repair };
  const act = commandsOn(machine, collection, { asked, tell })[command];
  return act === undefined ? console.log(HELP) : act();
}

const SEEN = {
  content: 'versions and contents',
  version: 'versions, and no contents',
  count: 'that documents are there, and nothing of them: a smoke test',
} as const;

const AGREE = {
  content: 'Both stores hold the same.',
  version: 'Both stores hold the same versions.',
  count: 'Each document is in both stores. Nothing else is known.',
} as const;

function tell({ run: id, listed, outcome, verified }: Summary): void {
  if (verified === undefined) return;
  const { mode, phase, differences, busy, unchecked, samples } = verified;
  if (phase === 'legacy')
    console.log(
      `\n${id} looked at ${listed} keys of Couchbase. In legacy there is nothing to compare: Oracle is not written.`,
    );
  else console.log(`\n${id} compared ${SEEN[mode]}, of ${listed} keys.`);
  if (outcome === 'clean') {
    console.log(phase === 'legacy' ? 'No mark of a deletion is left.' : AGREE[mode]);
    return;
  }
  process.exitCode = 1;
  for (const [kind, count] of Object.entries(differences))
    console.log(`  ${count} ${kind}: ${KINDS[kind as keyof typeof KINDS]}`);
  if (busy > 0) console.log(`  ${busy} were written at every look: they are not verified`);
  if (unchecked > 0)
    console.log(`  ${unchecked} more differed at the first look, and were not looked at again`);
  for (const { key, kind, detail } of samples) console.log(`  ${kind} ${JSON.stringify(key)}: ${detail}`);
}

run(main);
