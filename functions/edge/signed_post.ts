/** A request to a service of AWS for which the functions have no client of the SDK: signed with what a client of another service finds. */
import type { SSMClient } from '@aws-sdk/client-ssm';
import { AwsClient } from 'aws4fetch';

/** Milliseconds for each of two attempts. */
const REQUEST = 1500;

export interface SignedPost {
  /** As its address and its signatures name it. */
  readonly service: string;
  /** Instead of AWS's own address; null for that. */
  readonly endpoint: string | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * Sends it, and once more where that fails: what is sent must do no harm twice. Rejects where there was no answer in time, also to the second one, and where `refusal` gives an error.
 * @returns the body of the answer.
 * @param client any of the SDK: it knows the region, and finds the credentials. @param refusal the error of an answer, or null.
 */
export async function postSigned(
  client: Pick<SSMClient, 'config'>,
  post: SignedPost,
  refusal: (status: number, text: string) => Error | null,
): Promise<string> {
  const send = () => sendOnce(client, post, refusal);
  return send().catch(send);
}

async function sendOnce(
  client: Pick<SSMClient, 'config'>,
  { service, endpoint, headers, body }: SignedPost,
  refusal: (status: number, text: string) => Error | null,
): Promise<string> {
  const [region, { accessKeyId, secretAccessKey, sessionToken }] = await Promise.all([
    client.config.region(),
    client.config.credentials(),
  ]);
  const signer = new AwsClient({
    ...{ accessKeyId, secretAccessKey, service, region, retries: 0 },
    ...(sessionToken === undefined ? {} : { sessionToken }),
  });
  const url =
    endpoint ?? `https://${service}.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}/`;
  const signal = AbortSignal.timeout(REQUEST);
  const response = await signer.fetch(url, { method: 'POST', headers, body, signal });
  const text = await response.text();
  const error = refusal(response.status, text);
  if (error !== null) throw error;
  return text;
}
