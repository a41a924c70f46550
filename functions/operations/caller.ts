/** Who has asked for an operation, and the audit log in which is entered what they do. */
import type { Act, AuditEntry } from '../records/audit.ts';

export interface AuditPorts {
  /** Writes an entry after all others. Rejects where the log cannot be written. */
  write(act: Act): Promise<AuditEntry>;
  /** The latest first. */
  latest(most: number): Promise<AuditEntry[]>;
  /** Those above that number, in their order. */
  after(seq: number, most: number): Promise<AuditEntry[]>;
}

export interface Caller {
  /** The ARN of who has signed the request. */
  readonly actor: string;
  /** Enters what the caller does. Rejects where the log cannot be written. */
  enter(action: string, detail: string): Promise<AuditEntry>;
}

/** @param now milliseconds since the epoch, by the clock that entries are dated by. */
export function callerWith(actor: string, audit: Pick<AuditPorts, 'write'>, now: () => number): Caller {
  return { actor, enter: (action, detail) => audit.write({ at: now(), actor, action, detail }) };
}
