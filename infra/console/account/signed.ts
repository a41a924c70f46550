/** Signed requests to services of AWS that the project has no client for: two questions are no reason for a package each. */
import type { SSMClient } from '@aws-sdk/client-ssm';
import { AwsClient } from 'aws4fetch';
import { CannotLook } from './ports.ts';

/** Milliseconds. */
const LONGEST = 20_000;

/** @param right the permission that the request needs. */
export async function ask(
  client: SSMClient,
  service: string,
  path: string,
  right: string,
  form?: Record<string, string>,
): Promise<string> {
  // Any client of the SDK finds them where all of them do.
  const [region, { accessKeyId, secretAccessKey, sessionToken }] = await Promise.all([
    client.config.region(),
    client.config.credentials(),
  ]);
  const signer = new AwsClient({
    ...{ accessKeyId, secretAccessKey, service, region, retries: 0 },
    ...(sessionToken === undefined ? {} : { sessionToken }),
  });
  const address = process.env.AWS_ENDPOINT_URL ?? `https://${service}.${region}.amazonaws.com`;
  const request =
    form === undefined
      ? {}
      : {
          method: 'POST',
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
          body: new URLSearchParams(form).toString(),
        };
  const signal = AbortSignal.timeout(LONGEST);
  const { status, text } = await signer.fetch(`${address}${path}`, { ...request, signal }).then(
    async (response) => ({ status: response.status, text: await response.text() }),
    (error: unknown) => {
      throw unanswered(address, error);
    },
  );
  if (status === 200) return text;
  throw refused(right, status, text.replace(/\s+/g, ' ').slice(0, 200));
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
