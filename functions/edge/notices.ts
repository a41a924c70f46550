/** Tells operators of moves: over a topic of SNS, and notes in SSM what they were told, so that it is told once. */
import { PutParameterCommand, type SSMClient } from '@aws-sdk/client-ssm';
import { AwsClient } from 'aws4fetch';
import type { Notice, NoticePorts, Told } from '../operations/notices.ts';
import { toldOf } from '../phases/parameters.ts';
import type { PacedWrites } from './paced_writes.ts';
import { readParameters } from './parameters.ts';

/** Milliseconds for each of two attempts. A message that is sent twice is read twice. */
const REQUEST = 1500;

export interface Topic {
  readonly arn: string;
  /** Instead of AWS's own address; null for that. */
  readonly endpoint: string | null;
}

/** @param client any of the SDK: it knows the region, and finds the credentials. */
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
    const send = () => post(client, endpoint, new URLSearchParams(form).toString());
    await send().catch(send);
  };
}

async function post(client: Pick<SSMClient, 'config'>, endpoint: string | null, body: string): Promise<void> {
  const [region, { accessKeyId, secretAccessKey, sessionToken }] = await Promise.all([
    client.config.region(),
    client.config.credentials(),
  ]);
  const signer = new AwsClient({
    ...{ accessKeyId, secretAccessKey, service: 'sns', region, retries: 0 },
    ...(sessionToken === undefined ? {} : { sessionToken }),
  });
  const response = await signer.fetch(endpoint ?? addressOf(region), {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    ...{ body, signal: AbortSignal.timeout(REQUEST) },
  });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`SNS has answered ${response.status}: ${text.slice(0, 300)}`);
}

function addressOf(region: string): string {
  return `https://sns.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}/`;
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
