#!/usr/bin/env node
/** `npx crossfade`: what operators do, the same in AWS and on one machine. */
import { Command, CommanderError } from 'commander';
import { addDeadLetters } from './dead_letters.ts';
import { addDocuments } from './documents.ts';
import { addLook } from './look.ts';
import { addMoves } from './moves.ts';
import { addRehearsal } from './rehearsal.ts';
import { addRetirement } from './retirement.ts';
import { addRuns } from './runs.ts';
import { addSchema } from './schema.ts';
import { addSmoke } from './smoke.ts';
import { Terminal } from './terminal.ts';

const MORE = `
Credentials and region are taken from where the AWS command line takes them. Whoever may execute-api:Invoke the route
POST /v1/operations/* may do all but this: set needs ssm:PutParameter on the flags; backfill, copy-back and verify need
states:StartExecution, ListExecutions, DescribeExecution and StopExecution on the two state machines.

Exit codes: 0, all is well; 1, it was done, and what it found is not well; 2, it could not be done.
`;

const COULD_NOT = 2;

const program = new Command('crossfade')
  .description('Moves a live service from Couchbase to Oracle, and back at every step')
  .option('--url <url>', 'where the API is: the output Url of the stack, or CROSSFADE_URL')
  .option('--json', 'print JSON')
  .addHelpText('after', MORE)
  .configureHelp({ showGlobalOptions: true });

const open = () => {
  const { url = process.env.CROSSFADE_URL, json } = program.opts<{ url?: string; json?: boolean }>();
  return new Terminal({ url, json });
};
const adders = [
  addLook,
  addMoves,
  addRuns,
  addDocuments,
  addDeadLetters,
  addRehearsal,
  addRetirement,
  addSmoke,
  addSchema,
];
for (const add of adders) add(program, open);
exitRightly(program);

/** A command takes over what its program has only when it is made. */
function exitRightly(command: Command): void {
  command.exitOverride().showHelpAfterError('(--help tells more)');
  for (const each of command.commands) exitRightly(each);
}

program.parseAsync().catch((error: unknown) => {
  if (error instanceof CommanderError) {
    // It has said what is wrong.
    process.exitCode = error.exitCode === 0 ? 0 : COULD_NOT;
    return;
  }
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = COULD_NOT;
});
