/** `npm run backfill`: starts backfills and copy-backs, shows how far they are, and abandons them, through their state machine. */
import { parseArgs } from 'node:util';
import type { Summary } from '../../functions/runs/summary.ts';
import { commandsOn, Machine, RUN_OPTIONS, rangeAsked, run } from './machine.ts';

const HELP = `npm run backfill -- COMMAND COLLECTION [options]

  forecast   tell how many documents there are and how long they take, and copy nothing
  start      begin a run, or go on with the one that is not finished, and show how far it is
  status     show how far the one is that is not finished
  abandon    end the one that is not finished; what it has copied stays

  --back changed|all    from Oracle back to Couchbase, in phase settle: what Oracle has written itself, or all
  --prefix P            only keys that begin so
  --after K --up-to K   only keys above the one, up to the other
  --shards N            as many shards, instead of as many as the size suggests
  --machine ARN         the state machine: BACKFILL_MACHINE, if it is not given; the stack's outputs tell it

AWS credentials and region are taken from where the AWS command line takes them. A parameter sets the pace, documents a
second for all workers together, 0 to pause:

  aws ssm put-parameter --overwrite --name /crossfade/backfill-pace --value 1000
`;

const { values, positionals } = parseArgs({
  options: { ...RUN_OPTIONS, back: { type: 'string' } },
  allowPositionals: true,
});
const [command = '', collection = ''] = positionals;

async function main(): Promise<void> {
  if (values.help === true || collection === '') return console.log(HELP);
  const machine = new Machine(values.machine, 'BACKFILL_MACHINE');
  const { back } = values;
  const asked = { ...rangeAsked(values), back };
  const act = commandsOn(machine, collection, { asked, kind: { back }, tell })[command];
  return act === undefined ? console.log(HELP) : act();
}

function tell({ run: id, applied, stale, gone, failed, bytes, outcome }: Summary): void {
  console.log(
    `\n${id}: ${applied} documents copied (${bytes} bytes), ${stale} were there as new, ${gone} had gone, ${failed} set aside.`,
  );
  if (outcome === 'clean') return;
  console.log('What was set aside lies among the dead letters, with its reasons.');
  process.exitCode = 1;
}

run(main);
