/** The end of the audit log, and whether each of its entries follows the one before. */
import { type AuditEntry, brokenAt } from '../records/audit.ts';
import type { AuditPorts } from './caller.ts';

/** Entries of one answer. */
const MOST = 1000;

export interface AuditLog {
  /** The latest first. */
  readonly entries: readonly AuditEntry[];
  /** The number of the first entry that does not follow the one before; null where all do. */
  readonly brokenAt: number | null;
}

export async function auditLog(audit: Pick<AuditPorts, 'latest'>): Promise<AuditLog> {
  const entries = await audit.latest(MOST);
  return { entries, brokenAt: brokenAt([...entries].reverse()) };
}
