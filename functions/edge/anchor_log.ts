/** The log that keeps the hashes of the audit log where no login of a database reaches: a group of CloudWatch Logs that functions may only add to. */
import type { SSMClient } from '@aws-sdk/client-ssm';
import type { Anchoring } from '../books/audit.ts';
import type { Anchor } from '../records/anchors.ts';
import type { AnchorBacklog, Waiting } from './anchor_backlog.ts';
import { postSigned } from './signed_post.ts';

/** Its only stream, which the stack makes. */
export const STREAM = 'audit';

/** Milliseconds in which a log that did not answer is not asked again: entries and moves must not wait for it one after the other. */
const AWAY = 30_000;
/** Anchors that one container keeps in mind at most. */
const MOST = 1000;

export interface AnchorLogPorts {
  newId(): string;
  /** Adds anchors to the log. Rejects where they were not taken, or nobody can tell. */
  send(anchors: readonly Anchor[]): Promise<void>;
  /** Where anchors wait for the log. */
  readonly backlog: AnchorBacklog;
  /** Milliseconds, on a clock that never goes back. */
  steady(): number;
  /** Is told of anchors that were to be in the log and are not. */
  unsent(count: number): void;
  warn(message: string, about: { readonly cause: string; readonly entry: number }): void;
}

export class AnchorLog implements Anchoring {
  readonly #ports: AnchorLogPorts;
  #awayUntil = Number.NEGATIVE_INFINITY;
  /** Of entries that were written, and that the log does not know of. */
  #owed: readonly Anchor[] = [];

  constructor(ports: AnchorLogPorts) {
    this.#ports = ports;
  }

  newId(): string {
    return this.#ports.newId();
  }

  async keep(anchor: Anchor): Promise<void> {
    const owed = this.#owed;
    if (await this.#send([...owed, anchor])) this.#forget(owed);
    else await this.#putOff(anchor);
  }

  /** Sends what this container keeps in mind. Never rejects. */
  async settle(): Promise<void> {
    const owed = this.#owed;
    if (owed.length > 0 && (await this.#send(owed))) this.#forget(owed);
  }

  /**
   * Sends what no function has sent: for the one function that looks all the time. Never rejects. It sends what lies in SSM and in its own memory, and
   * nothing that Oracle says: whoever can insert entries must not get anchors of them.
   * @param timely whether there is time for another call.
   */
  async settleAll(timely: () => boolean): Promise<void> {
    if (timely()) await this.settle();
    this.#tellUnsent(this.#owed.length);
    try {
      const waiting = timely() ? await this.#ports.backlog.some() : [];
      const anchors = waiting.flatMap(({ anchor }) => anchor ?? []);
      this.#warnOfOthers(waiting);
      if (anchors.length === 0) return;
      if (timely() && (await this.#send(anchors)))
        await this.#ports.backlog.remove(
          waiting.flatMap(({ name, anchor }) => (anchor === null ? [] : name)),
        );
      else this.#tellUnsent(anchors.length);
    } catch (error) {
      // An anchor that is sent twice is the same one.
      this.#ports.warn(
        'Hashes of the audit log that wait in SSM were not looked through: a later look does it',
        {
          cause: String(error),
          entry: 0,
        },
      );
    }
  }

  #forget(sent: readonly Anchor[]): void {
    this.#owed = this.#owed.filter((each) => !sent.includes(each));
  }

  #tellUnsent(count: number): void {
    if (count > 0) this.#ports.unsent(count);
  }

  #warnOfOthers(waiting: readonly Waiting[]): void {
    for (const { name } of waiting.filter(({ anchor }) => anchor === null)) {
      this.#tellUnsent(1);
      this.#ports.warn(
        `AUDIT_NO_ANCHOR: the parameter ${name} is no hash of the audit log, and functions alone may write there. See in its history who has put it, then delete it`,
        { cause: 'it cannot be read', entry: 0 },
      );
    }
  }

  /** Into SSM; or where that is away too, into this container's memory. */
  async #putOff(anchor: Anchor): Promise<void> {
    const late: Anchor = anchor.event === 'begun' ? anchor : { ...anchor, event: 'late' };
    this.#ports.unsent(1);
    try {
      await this.#ports.backlog.put(late);
    } catch (error) {
      // That an entry is begun says nothing any more once it is written.
      if (late.event !== 'begun') this.#owed = [...this.#owed, late].slice(-MOST);
      this.#ports.warn(
        'AUDIT_UNANCHORED: SSM has not taken the hash of an entry of the audit log either. This container sends it with its next entry; if it ends before, the ' +
          'entry stays without a hash of its own. Look at the rights ssm:PutParameter and ssm:GetParametersByPath on anchors/… and at the way to SSM',
        { cause: String(error), entry: anchor.seq },
      );
    }
  }

  async #send(anchors: readonly Anchor[]): Promise<boolean> {
    if (this.#ports.steady() < this.#awayUntil) return false;
    try {
      await this.#ports.send(anchors);
      return true;
    } catch (error) {
      this.#awayUntil = this.#ports.steady() + AWAY;
      this.#ports.warn(
        'AUDIT_UNANCHORED: the log that keeps hashes of the audit log has not taken one. The entry is written all the same, and its hash waits in SSM until the controller ' +
          'has sent it. Look at the log group, at the right logs:PutLogEvents and, in a VPC, at the way to CloudWatch Logs',
        { cause: String(error), entry: anchors.at(-1)?.seq ?? 0 },
      );
      return false;
    }
  }
}

export interface LogPlace {
  /** Name of the log group. */
  readonly group: string;
  /** Instead of AWS's own address; null for that. */
  readonly endpoint: string | null;
}

/** An anchor that is kept twice is the same one. @param client any of the SDK. @param now milliseconds since the epoch. */
export function anchorSender(
  client: Pick<SSMClient, 'config'>,
  { group, endpoint }: LogPlace,
  now: () => number,
): AnchorLogPorts['send'] {
  return async (anchors) => {
    const timestamp = now();
    const logEvents = anchors.map((anchor) => ({ timestamp, message: JSON.stringify(anchor) }));
    const body = JSON.stringify({ logGroupName: group, logStreamName: STREAM, logEvents });
    const headers = {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'Logs_20140328.PutLogEvents',
    };
    await postSigned(client, { service: 'logs', endpoint, headers, body }, refusalIn);
  };
}

/** What it rejects of a batch that it takes it tells in the same answer: a time that is too far from its own. */
function refusalIn(status: number, text: string): Error | null {
  if (status === 200 && !text.includes('rejectedLogEventsInfo')) return null;
  return new Error(`CloudWatch Logs has answered ${status}: ${text.slice(0, 300)}`);
}
