/** Tells operators of moves: over a topic of SNS, and notes in SSM what they were told, so that it is told once. */
import { PutParameterCommand, type SSMClient } from '@aws-sdk/client-ssm';
import type { Notice, NoticePorts, Told } from '../operations/notices.ts';
import { toldOf } from '../phases/parameters.ts';
import type { PacedWrites } from './paced_writes.ts';
import { readParameters } from './parameters.ts';
import { postSigned } from './signed_post.ts';

export interface Topic {
  readonly arn: string;
  /** Instead of AWS's own address; null for that. */
  readonly endpoint: string | null;
}

/** A message that is sent twice is read twice. @param client any of the SDK. */
export function noticeSender(
  client: Pick<SSMClient, 'config'>,
  { arn, endpoint }: Topic,
): NonNullable<NoticePorts['publish']> {
  return async ({ subject, message }: Notice) => {
    const form = {
      Action: 'Publish',
      Version: '2010-03-31',
      TopicArn: arn,
      Subject: subject,
      Message: message,
    };
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const body = new URLSearchParams(form).toString();
    await postSigned(client, { service: 'sns', endpoint, headers, body }, (status, text) =>
      status === 200 ? null : new Error(`SNS has answered ${status}: ${text.slice(0, 300)}`),
    );
  };
}

/** Of one container, which remembers what it has told, and asks SSM where it does not know. */
export class ToldMoves {
  readonly #client: SSMClient;
  readonly #writes: PacedWrites;
  readonly #prefix: string;
  readonly #known = new Map<string, Told>();

  /** @param writes those of the controller. @param prefix what the names of all parameters begin with. */
  constructor(client: SSMClient, writes: PacedWrites, prefix: string) {
    this.#client = client;
    this.#writes = writes;
    this.#prefix = prefix;
  }

  readonly told = async (collection: string): Promise<Told | null> => {
    const known = this.#known.get(collection);
    if (known !== undefined) return known;
    const Name = toldOf(this.#prefix, collection);
    const stored = (await readParameters(this.#client, [Name])).get(Name);
    return stored === undefined ? null : toldIn(stored.value);
  };

  /** Also where it cannot be written down: this container tells it once. */
  readonly keep = async (collection: string, told: Told): Promise<void> => {
    this.#known.set(collection, told);
    const put = {
      Name: toldOf(this.#prefix, collection),
      Value: JSON.stringify(told),
      Description: 'What operators were told last of the moves: leave it alone',
      ...({ Type: 'String', Overwrite: true } as const),
    };
    await this.#writes.send(() => this.#client.send(new PutParameterCommand(put)));
  };
}

/** Whatever is no note of ours is none: then it is told again, and written anew. */
function toldIn(text: string): Told | null {
  try {
    const { version, to, at } = JSON.parse(text) as Told;
    return Number.isInteger(version) && Number.isInteger(at) ? { version, to, at } : null;
  } catch {
    return null;
  }
}
