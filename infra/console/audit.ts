/** `audit`: who has done what, and whether the log of it is as it was written. */
import { SSMClient } from '@aws-sdk/client-ssm';
import { type Command, InvalidArgumentError } from 'commander';
import { STREAM } from '../../functions/edge/anchor_log.ts';
import type { AuditPage } from '../../functions/operations/audit_log.ts';
import { anchorIn, type KeptAnchor } from '../../functions/records/anchors.ts';
import { Comparison, type Range } from '../../functions/records/audit_verdict.ts';
import { ask } from './account/signed.ts';
import { BadCommand } from './service.ts';
import type { Open, Terminal } from './terminal.ts';
import { type Audited, auditLines, isWell, type Verified, verdictLines } from './told/audit.ts';

const MORE = `
Without --verify it tells the last entries, and whether each follows the one before.

With --verify it reads all entries, page by page, and the hashes that were kept of them in CloudWatch Logs, where no login of
a database reaches. That needs logs:GetLogEvents on the log group, beside the right to call the operators' route. Exits with
0 where nothing was changed or taken out, with 1 where something was, or has no anchor, and with 2 where it could not be
compared.

An entry that has no anchor never gets one, since nobody could tell it from an entry that somebody has inserted past Crossfade. Once
you have found out what it is, name it: --known 5-6,9. It is told all the same, and makes the command exit with 1 no more, as long
as a later anchor covers it.
`;

export function addAudit(program: Command, open: Open): void {
  program
    .command('audit')
    .description('who has done what, when and why')
    .option('--verify', 'compare all entries with the hashes that were kept of them outside of Oracle')
    .option(
      '--known <numbers>',
      'with --verify: entries without an anchor that you have looked into, as 5-6,9',
      ranges,
    )
    .addHelpText('after', MORE)
    .action(async ({ verify = false, known = [] }: Options) => {
      const terminal = open();
      if (!verify && known.length > 0)
        throw new BadCommand(
          'AUDIT_KNOWN: --known is of use with --verify alone. Add it, or leave --known out',
        );
      if (!verify) {
        const audited = await terminal.service.ask<Audited>('audit');
        return terminal.show(audited, auditLines(audited), audited.brokenAt === null);
      }
      const verified = { ...(await verifyAudit(terminal, Date.now())), known };
      terminal.show(verified, verdictLines(verified), isWell(verified));
    });
}

interface Options {
  readonly verify?: boolean;
  readonly known?: readonly Range[];
}

/** Numbers of entries, both included. */
function ranges(text: string): Range[] {
  return text.split(',').map((part) => {
    const [, from, to = from] = /^([1-9]\d{0,14})(?:-([1-9]\d{0,14}))?$/.exec(part.trim()) ?? [];
    const range = { from: Number(from), to: Number(to) };
    if (from === undefined || range.to < range.from)
      throw new InvalidArgumentError(
        'Give numbers of entries, or two of them with - between them, as 5-6,9.',
      );
    return range;
  });
}

/** The anchors first: an entry that is written meanwhile is then without one for a moment, and none seems to be taken out. */
async function verifyAudit(
  { service }: Pick<Terminal, 'service'>,
  now: number,
): Promise<Omit<Verified, 'known'>> {
  const { auditLog: group = null } = await service.about();
  if (group === null)
    throw new BadCommand(
      'AUDIT_NOT_KEPT: this deployment keeps no hashes of its audit log outside of Oracle, so there is nothing to compare it with. Deploy this version',
    );
  const { anchors, foreign } = await anchorsIn(group);
  const comparison = new Comparison(anchors, now);
  for (let after: number | null = 0; after !== null; ) {
    const page: AuditPage = await service.ask<AuditPage>('audit', { after });
    for (const entry of page.entries) comparison.take(entry);
    after = page.next;
  }
  return { ...comparison.end(), group, foreign };
}

interface Events {
  readonly events: readonly { readonly message: string; readonly ingestionTime: number }[];
  readonly nextForwardToken: string;
}

/** Read with the operator's own rights: a function that could tell something else has no part in it. */
async function anchorsIn(group: string): Promise<{ anchors: KeptAnchor[]; foreign: number }> {
  const client = new SSMClient();
  const anchors: KeptAnchor[] = [];
  let foreign = 0;
  for (let token: string | null = null; ; ) {
    const input = { logGroupName: group, logStreamName: STREAM, startFromHead: true };
    const answer: string = await ask(client, 'logs', '/', 'logs:GetLogEvents', {
      operation: {
        target: 'Logs_20140328.GetLogEvents',
        input: token === null ? input : { ...input, nextToken: token },
      },
    });
    const { events, nextForwardToken }: Events = JSON.parse(answer);
    for (const { message, ingestionTime: kept } of events) {
      const anchor = anchorIn(message);
      if (anchor === null) foreign++;
      else anchors.push({ ...anchor, kept });
    }
    // The same token again: there are no more. A page may be empty before that.
    if (nextForwardToken === token) return { anchors, foreign };
    token = nextForwardToken;
  }
}
