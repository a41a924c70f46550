/**
 * A number that only rises. The controller commits it in Oracle, and puts it into a parameter of SSM afterwards: an Oracle with a lower number
 * than SSM has lost commits, also where its DBID and its incarnation are the same.
 */
import { quoted } from '../parsing/quoted.ts';

/** As Oracle has it. */
export interface Heartbeat {
  readonly number: number;
  /** Another text after each loss that was noticed: a mark of the database, beside its DBID and its incarnation. */
  readonly history: string;
  /** When the number was written, in milliseconds since the epoch. */
  readonly at: number;
}

/** As SSM has it. */
export type Reported = Pick<Heartbeat, 'number' | 'at'>;

/** The history of a database that has never lost commits, as far as is known. */
export const UNBROKEN = 'unbroken';
/** Instead of a heartbeat, or of a history: the table is not there, or may not be read. */
export const UNREADABLE = 'not readable';

const NUMBER = /^[1-9]\d{0,14}$/;

/** The parameter holds something that the controller never writes. */
export class BadHeartbeat extends Error {
  override readonly name = 'BadHeartbeat';

  constructor(parameter: string, value: string) {
    super(
      `HEARTBEAT_PARAMETER: the parameter ${parameter} holds ${quoted(value, 40)}, and no whole number above 0. Until it does, a loss of commits in ` +
        `Oracle is not noticed. Put the lowest one there, and the next look raises it: aws ssm put-parameter --overwrite --name ${parameter} --value 1`,
    );
  }
}

/** Throws `BadHeartbeat`. @param parameter its name, for the message. */
export function reportedIn(parameter: string, value: string, at: number): Reported {
  if (!NUMBER.test(value)) throw new BadHeartbeat(parameter, value);
  return { number: Number(value), at };
}

/** The history of a database from the loss on. @param found in Oracle; null for nothing. @param now milliseconds since the epoch. */
export function brokenHistory(found: Heartbeat | null, reported: Reported, now: number): string {
  const to = found === null ? 'none' : `number ${found.number} of ${timeText(found.at)}`;
  return `fell back from number ${reported.number} of ${timeText(reported.at)} to ${to}, noticed ${timeText(now)}`;
}

function timeText(at: number): string {
  return new Date(at).toISOString();
}
