/** The operation `audit`: the end of the audit log, and whether each of its entries follows the one before; or all of it, page by page. */
import { type AuditEntry, brokenAt } from '../records/audit.ts';
import type { AuditPorts } from './caller.ts';
import type { OperationOf } from './request.ts';

/** Entries of one answer, and the characters that they may take: a function may answer 6 MB. */
const [MOST, PAGE, ROOM] = [1000, 500, 2_000_000];

export interface AuditLog {
  /** The latest first. */
  readonly entries: readonly AuditEntry[];
  /** The number of the first entry that does not follow the one before; null where all do. */
  readonly brokenAt: number | null;
}

export interface AuditPage {
  /** In their order. */
  readonly entries: readonly AuditEntry[];
  /** What to ask for after these; null where there are no more. */
  readonly next: number | null;
}

export async function auditLog(
  { after }: Pick<OperationOf<'audit'>, 'after'>,
  audit: Pick<AuditPorts, 'latest' | 'after'>,
): Promise<AuditLog | AuditPage> {
  if (after === undefined) {
    const entries = fitting(await audit.latest(MOST));
    return { entries, brokenAt: brokenAt([...entries].reverse()) };
  }
  const entries = fitting(await audit.after(after, PAGE));
  return { entries, next: entries.at(-1)?.seq ?? null };
}

/** Those that one answer has room for: one at least, where there are any. */
function fitting(entries: readonly AuditEntry[]): AuditEntry[] {
  let room = ROOM;
  const beyond = entries.findIndex((entry, n) => {
    room -= JSON.stringify(entry).length;
    return room < 0 && n > 0;
  });
  return entries.slice(0, beyond < 0 ? entries.length : beyond);
}
