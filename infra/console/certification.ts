/** `certify`: shows on the user's own servers what the tests show on the embedded ones, by the deployed functions. */
import { writeFile } from 'node:fs/promises';
import { join, parse } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Command } from 'commander';
import type { Certificate } from '../../functions/certification/certificate.ts';
import type { Certified, Report } from '../../functions/operations/certification.ts';
import { withFile } from '../given_file.ts';
import { BadCommand } from './service.ts';
import type { Open, Terminal } from './terminal.ts';
import { certificateLines, certifiedLines, isHeld, progressText } from './told/certification.ts';

const MORE = `
The deployed functions check both stores in a scratch collection of Couchbase and the table CROSSFADE_SCRATCH, which nothing else may use: what the stores
promise, races, odd and large documents, locks and killed sessions, and a rehearsal of a whole migration, there and back, under clients whose answers are
checked. It takes minutes, and no document of an app is read or written. Ctrl-C ends the command, and not the certification: status tells how far it is.

With --test-system NAME it asks you, here and in status, to break something and to mend it, one after the other, while clients write: the room of the tables, the
instance of Oracle, a node of Couchbase, the memory of the bucket. It waits five minutes for each, and skips what nobody breaks. NAME is what status tells of the
servers; with any other it breaks nothing.

The move of a collection from legacy to expand waits for a certificate of this release of the stores' code, these servers and these settings. It is void
with another release of that code, another server or release of one, another bucket, schema, durability or TLS; a pace or a new collection voids nothing.
`;

/** Milliseconds between two looks. */
const LOOK = 2000;

interface Asked {
  readonly short?: boolean;
  readonly testSystem?: string;
}

/** Of a state machine: see `functions/certification/step.ts`. */
export type Begin =
  | { readonly form: 'whole' | 'short' }
  | { readonly form: 'test-system'; readonly system: string };

export function addCertification(program: Command, open: Open): void {
  const certify = program
    .command('certify')
    .description('show that the stores do what Crossfade needs of them, before anything is trusted to it')
    .addHelpText('after', MORE);
  certify
    .command('start')
    .description('begin a certification, and wait for its end')
    .option(
      '--short',
      'only the checks that take seconds: no evidence for the first move, unless the configuration says so',
    )
    .option(
      '--test-system <name>',
      'the whole one, and beside it checks in which you break something: only on servers that nobody needs, by the name that status tells',
    )
    .action(async (asked: Asked) => {
      const terminal = open();
      await certified(terminal, beginOf(asked));
      const found = await terminal.service.ask<Report>('certificate');
      showReport(terminal, found);
    });
  certify
    .command('status')
    .description('what is certified, when and by which code, or why it does not hold; and what is under way')
    .action(async () => {
      const terminal = open();
      const all = await terminal.service.ask<Certified>('certified');
      terminal.show(all, certifiedLines(all, Date.now()), isHeld(all));
    });
  certify
    .command('report')
    .description('each check of a certification with its figures, of the last one if none is named')
    .argument('[run]', 'as status tells it')
    .option('--html <file>', 'write it into this file, as one page that needs nothing else')
    .action(async (run: string | undefined, { html }: { readonly html?: string }) => {
      const terminal = open();
      const found = await terminal.service.ask<Report>('certificate', run === undefined ? {} : { run });
      if (html !== undefined) await writePages(terminal, found, html);
      showReport(terminal, found);
    });
}

function beginOf({ short = false, testSystem }: Asked): Begin {
  if (testSystem === undefined) return { form: short ? 'short' : 'whole' };
  if (short) throw new BadCommand('CERTIFY_FORMS: --short and --test-system are two forms: give one of them');
  return { form: 'test-system', system: testSystem };
}

/** Begins one, and looks how far it is until it has ended. Throws where it could not come to its end. */
export async function certified(
  terminal: Pick<Terminal, 'service' | 'count' | 'drawn' | 'say'>,
  begin: Begin,
): Promise<void> {
  const machine = await terminal.service.machine('certify');
  let over = false;
  let said: string | null = null;
  const looking = (async () => {
    while (!over) {
      const all = await terminal.service.ask<Certified>('certified').catch(() => null);
      if (all !== null && !over) terminal.count(progressText({ ...all, told: null }));
      // It is waited for, so it is said where nobody sees a line that is drawn anew, too.
      const asked = all?.told?.text ?? null;
      if (asked !== null && asked !== said) terminal.say(`\nNOW, for ${all?.told?.check}: ${asked}`);
      if (all !== null) said = asked;
      await setTimeout(LOOK, undefined, { ref: false });
    }
  })();
  try {
    await machine.execute(begin, LOOK / 4);
  } finally {
    over = true;
    terminal.drawn();
    looking.catch(() => {});
  }
}

function certificatesOf({ certificates }: Report): Certificate[] {
  return certificates as Certificate[];
}

function showReport(terminal: Terminal, found: Report): void {
  const all = certificatesOf(found);
  terminal.show(
    found,
    all.flatMap(certificateLines),
    all.every(({ verdict }) => verdict === 'passed'),
  );
}

/** Where the run has several certificates, the others are in files beside it. */
async function writePages(terminal: Terminal, found: Report, file: string): Promise<void> {
  // All checks come with it, and the drivers behind them.
  const { reportPage } = await import('../../functions/certification/report.ts');
  const { dir, name, ext } = parse(file);
  for (const [n, certificate] of certificatesOf(found).entries()) {
    const path = n === 0 ? file : join(dir, `${name}-${n + 1}${ext}`);
    const next = '--html must name a file in a folder that is there, and where you may write';
    await withFile({ code: 'REPORT_FILE', file: path, verb: 'written', next }, () =>
      writeFile(path, reportPage(certificate)),
    );
    terminal.say(`Written: ${path}`);
  }
}
