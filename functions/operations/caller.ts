/** Who has asked for an operation, and the audit log in which is entered what they do. */
import { type Act, type AuditEntry, tooLong } from '../records/audit.ts';
import { BadOperation } from './request.ts';

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
  /** Enters what the caller does. Rejects where the log cannot be written, and with `BadOperation` where the entry has no room for it. */
  enter(action: string, detail: string): Promise<AuditEntry>;
}

/** @param time milliseconds since the epoch, by the clock that entries are dated by. */
export function callerWith(
  actor: string,
  audit: Pick<AuditPorts, 'write'>,
  time: () => Promise<number>,
): Caller {
  return {
    actor,
    enter: async (action, detail) => {
      const problem = tooLong({ actor, action, detail });
      if (problem !== null) throw new BadOperation(`${problem}. Nothing was done. Say it in fewer words`);
      return audit.write({ at: await time(), actor, action, detail });
    },
  };
}
