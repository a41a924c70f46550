/** The command line of `npx crossfade`: all commands together, and with what it exits. */
import { Command, CommanderError } from 'commander';
import { unsteering } from '../../functions/parsing/steering.ts';
import { addAccount } from './account/command.ts';
import { addAudit } from './audit.ts';
import { addCertification } from './certification.ts';
import { senderIn } from './client_certificate.ts';
import { addConfirm } from './confirm.ts';
import { addDeadLetters } from './dead_letters.ts';
import { addDoctor } from './doctor/command.ts';
import { addDocuments } from './documents.ts';
import { addErase } from './erase.ts';
import { addEventing } from './eventing/command.ts';
import { addForce } from './force.ts';
import { addForecast } from './forecast/command.ts';
import { addHash } from './hash.ts';
import { addHold } from './hold.ts';
import { addIdentity } from './identity.ts';
import { addConnector } from './kafka/command.ts';
import { addKeyPolicy } from './key_policy.ts';
import { addLook } from './look.ts';
import { addMoves } from './moves.ts';
import { addOpenapi } from './openapi.ts';
import { addPreflight } from './preflight.ts';
import { addRehearsal } from './rehearsal.ts';
import { addRetirement } from './retirement.ts';
import { addRights } from './rights.ts';
import { addRuns } from './runs.ts';
import { addSchema } from './schema.ts';
import { addSetAside } from './set_aside.ts';
import { addSmoke } from './smoke.ts';
import { addSpace } from './space.ts';
import { addSqlChanges } from './sql_changes.ts';
import { Terminal } from './terminal.ts';
import { addTombstones } from './tombstones.ts';
import { failureText } from './unreachable.ts';

const MORE = `
Credentials and region are taken from where the AWS command line takes them. What they may do is told by five managed policies,
whose ARNs are outputs of the stack: PolicyRead, and beside it PolicyRun (preflight, certify, runs, redrive), PolicyMove (set, hold, commit, discard,
keep, restore, sql-changes accept and leave, tombstones), PolicyForce (force, erase, identity accept) and PolicyRetire.
Where the API asks clients for a certificate, CROSSFADE_CLIENT_CERT and CROSSFADE_CLIENT_KEY name two files with it, in PEM.

Exit codes: 0, all is well; 1, it was done, and what it found is not well; 2, it could not be done.
`;

const COULD_NOT = 2;

/** Where help and messages are written. */
export interface Output {
  readonly out: (text: string) => void;
  readonly error: (text: string) => void;
}

/** Runs a command. @param given its arguments. @returns the exit code; undefined where the command has set one. */
export async function run(given: readonly string[], { out, error }: Output): Promise<number | undefined> {
  const program = new Command('crossfade')
    .description('Moves a live service from Couchbase to Oracle, and back at every step')
    .option('--url <url>', 'where the API is: the output Url of the stack, or CROSSFADE_URL')
    .option('--json', 'print JSON')
    .addHelpText('after', MORE)
    .configureHelp({ showGlobalOptions: true })
    // A command takes over what its program has when it is made.
    .configureOutput({ writeOut: out, writeErr: error })
    .exitOverride()
    .showHelpAfterError('(--help tells more)');
  addCommands(program);
  try {
    await program.parseAsync(given, { from: 'user' });
    return undefined;
  } catch (failure) {
    // The parser has said what is wrong.
    if (failure instanceof CommanderError) return failure.exitCode === 0 ? 0 : COULD_NOT;
    error(`${unsteering(failureText(failure, process.env))}\n`);
    return COULD_NOT;
  }
}

function addCommands(program: Command): void {
  const open = () => {
    const { url = process.env.CROSSFADE_URL, json } = program.opts<{ url?: string; json?: boolean }>();
    return new Terminal({ url, json, send: senderIn(process.env) });
  };
  const adders = [
    ...[
      addLook,
      addAudit,
      addMoves,
      addHold,
      addForce,
      addConfirm,
      addRuns,
      addPreflight,
      addDocuments,
      addDeadLetters,
      addSetAside,
      addSqlChanges,
      addIdentity,
      addConnector,
    ],
    ...[
      addRehearsal,
      addRetirement,
      addTombstones,
      addSpace,
      addForecast,
      addSmoke,
      addSchema,
      addAccount,
      addDoctor,
    ],
    ...[addCertification, addErase, addEventing, addHash, addOpenapi, addKeyPolicy, addRights],
  ];
  for (const add of adders) add(program, open);
  refuseUnknown(program);
}

/** The parser prints help for a command that does not exist, and exits with 0: the name is looked at before. */
function refuseUnknown(program: Command): void {
  program.on('beforeAllHelp', ({ command }: { readonly command: Command }) => refuse(command));
  for (const each of [program, ...program.commands])
    if (each.commands.length > 0) each.on('command:*', () => refuse(each));
}

function refuse(command: Command): void {
  // What follows its name is an argument of its own.
  if (command.registeredArguments.length > 0) return;
  const names = command.commands.map((each) => each.name());
  const [first, second] = command.args.filter((each) => !each.startsWith('-'));
  const name = first === 'help' ? second : first;
  if (names.length === 0 || name === undefined || names.includes(name)) return;
  command.error(`error: There is no command '${name}': it is none of ${names.join(', ')}`);
}
