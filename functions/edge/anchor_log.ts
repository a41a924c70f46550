/** The log that keeps the hashes of the audit log where no login of a database reaches: a group of CloudWatch Logs that functions may only add to. */
import type { SSMClient } from '@aws-sdk/client-ssm';
import { AwsClient } from 'aws4fetch';
import type { Anchoring } from '../books/audit.ts';
import type { Anchor } from '../records/anchors.ts';

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
  /** Milliseconds, on a clock that never goes back. */
  steady(): number;
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
    if (await this.#send([...owed, anchor])) this.#owed = this.#owed.filter((each) => !owed.includes(each));
    // That an entry is begun says nothing any more once it is written.
    else if (anchor.event !== 'begun')
      this.#owed = [...this.#owed, { ...anchor, event: 'late' } as const].slice(-MOST);
  }

  /** Sends what the log did not take before. Never rejects. */
  async settle(): Promise<void> {
    const owed = this.#owed;
    if (owed.length > 0 && (await this.#send(owed)))
      this.#owed = this.#owed.filter((each) => !owed.includes(each));
  }

  async #send(anchors: readonly Anchor[]): Promise<boolean> {
    if (this.#ports.steady() < this.#awayUntil) return false;
    try {
      await this.#ports.send(anchors);
      return true;
    } catch (error) {
      this.#awayUntil = this.#ports.steady() + AWAY;
      this.#ports.warn(
        'AUDIT_UNANCHORED: the log that keeps hashes of the audit log has not taken one. The entry is written all the same, and its hash is sent ' +
          'again with the next one. Look at the log group, at the right logs:PutLogEvents and, in a VPC, at the way to CloudWatch Logs',
        { cause: String(error), entry: anchors.at(-1)?.seq ?? 0 },
      );
      return false;
    }
  }
}

/** Milliseconds for each of two attempts. An anchor that is kept twice is the same one. */
const REQUEST = 1500;

export interface LogPlace {
  /** Name of the log group. */
  readonly group: string;
  /** Instead of AWS's own address; null for that. */
  readonly endpoint: string | null;
}

/** @param client any of the SDK: it knows the region, and finds the credentials. @param now milliseconds since the epoch. */
export function anchorSender(
  client: Pick<SSMClient, 'config'>,
  { group, endpoint }: LogPlace,
  now: () => number,
): AnchorLogPorts['send'] {
  return async (anchors) => {
    const timestamp = now();
    const logEvents = anchors.map((anchor) => ({ timestamp, message: JSON.stringify(anchor) }));
    const body = JSON.stringify({ logGroupName: group, logStreamName: STREAM, logEvents });
    const send = () => put(client, endpoint, body);
    await send().catch(send);
  };
}

async function put(client: Pick<SSMClient, 'config'>, endpoint: string | null, body: string): Promise<void> {
  const [region, { accessKeyId, secretAccessKey, sessionToken }] = await Promise.all([
    client.config.region(),
    client.config.credentials(),
  ]);
  const signer = new AwsClient({
    ...{ accessKeyId, secretAccessKey, service: 'logs', region, retries: 0 },
    ...(sessionToken === undefined ? {} : { sessionToken }),
  });
  const response = await signer.fetch(endpoint ?? addressOf(region), {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'Logs_20140328.PutLogEvents',
    },
    ...{ body, signal: AbortSignal.timeout(REQUEST) },
  });
  const text = await response.text();
  // What it rejects of a batch that it takes it tells in the same answer: a time that is too far from its own.
  if (response.status !== 200 || text.includes('rejectedLogEventsInfo'))
    throw new Error(`CloudWatch Logs has answered ${response.status}: ${text.slice(0, 300)}`);
}

function addressOf(region: string): string {
  return `https://logs.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}/`;
}
