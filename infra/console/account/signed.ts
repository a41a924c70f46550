/** Signed requests to services of AWS that the project has no client for: a few questions are no reason for a package each. */
import type { SSMClient } from '@aws-sdk/client-ssm';
import { AwsClient } from 'aws4fetch';
import { CannotLook } from './ports.ts';

/** Milliseconds. */
const LONGEST = 20_000;

/** What is sent beside the path: as a form, or as JSON to an operation. Nothing for a GET. */
interface Given {
  readonly form?: Record<string, string>;
  readonly operation?: { readonly target: string; readonly input: object };
  /** Of a service that has one address for all regions. */
  readonly global?: { readonly address: string; readonly region: string };
}

/** What an error of AWS is called where there is no such thing. */
const NONE = /NoSuch(Entity|Resource|Key|Bucket|Version)|NotFound/;

/** As `ask`; null where AWS says that there is no such thing. */
export async function askFor(...asked: Parameters<typeof ask>): Promise<string | null> {
  try {
    return await ask(...asked);
  } catch (error) {
    if (error instanceof CannotLook && NONE.test(error.message)) return null;
    throw error;
  }
}

/** @param right the permission that the request needs. */
export async function ask(
  client: SSMClient,
  service: string,
  path: string,
  right: string,
  given: Given = {},
): Promise<string> {
  // Any client of the SDK finds them where all of them do.
  const [region, { accessKeyId, secretAccessKey, sessionToken }] = await Promise.all([
    client.config.region(),
    client.config.credentials(),
  ]);
  const signer = new AwsClient({
    ...{ accessKeyId, secretAccessKey, service, region: given.global?.region ?? region, retries: 0 },
    ...(sessionToken === undefined ? {} : { sessionToken }),
  });
  const address =
    process.env.AWS_ENDPOINT_URL ?? given.global?.address ?? `https://${service}.${region}.amazonaws.com`;
  const signal = AbortSignal.timeout(LONGEST);
  const { status, text } = await signer.fetch(`${address}${path}`, { ...requestOf(given), signal }).then(
    async (response) => ({ status: response.status, text: await response.text() }),
    (error: unknown) => {
      throw unanswered(address, error);
    },
  );
  if (status === 200) return text;
  throw refused(right, status, text.replace(/\s+/g, ' ').slice(0, 200));
}

function requestOf({ form, operation }: Given) {
  const post = (type: string, body: string, more = {}) => ({
    ...{ method: 'POST', headers: { 'content-type': type, ...more }, body },
  });
  if (form !== undefined)
    return post('application/x-www-form-urlencoded', new URLSearchParams(form).toString());
  if (operation === undefined) return {};
  const { target, input } = operation;
  return post('application/x-amz-json-1.1', JSON.stringify(input), { 'x-amz-target': target });
}

export function unanswered(
  address: string,
  error: unknown,
  todo = 'Look at the address, and at the way to it',
): CannotLook {
  const { message, cause } = error as Error;
  const why = cause instanceof Error && cause.message !== '' ? cause.message : message;
  return new CannotLook(`${address} does not answer: ${why}`, todo);
}

export function refused(right: string, status: number, text: string): CannotLook {
  return new CannotLook(`${right} was refused (${status}): ${text}`, `Grant ${right}, or look yourself`);
}
