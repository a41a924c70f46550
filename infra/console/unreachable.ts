/** Why something that a command needs does not answer, or refuses it, and what to do about it. */
import type { OperationName } from '../../functions/operations/request.ts';
import { RIGHT_OF } from '../../functions/operations/rights.ts';
import { type Answered, isOfGateway, isThrottled } from './throttled.ts';

const CERTIFICATE =
  ' Where the API asks clients for a certificate (deployment.domain.mutualTls), CROSSFADE_CLIENT_CERT and CROSSFADE_CLIENT_KEY name it';

/** Servers that miss one, or do not know who has signed it, say so in TLS, or end the connection without a word. */
const wantsCertificate = (code: string | null) =>
  /^(ECONNRESET|EPIPE|UND_ERR_SOCKET|ERR_SSL_.*ALERT.*)$/.test(code ?? '');

/** Why AWS or the API cannot be reached at an address. */
export function unreachable(address: string, error: unknown): string {
  const code = codeOf(error);
  const reason =
    code === 'TimeoutError'
      ? 'it has not answered in time'
      : `${textOf(error)}${code === null ? '' : ` (${code})`}`;
  return (
    `The API cannot be reached at ${address}: ${reason}. Give --url, or set CROSSFADE_URL, to the stack’s output Url; ` +
    `on one machine, is npm start running?${wantsCertificate(code) ? CERTIFICATE : ''}`
  );
}

/** Why the API has refused an operation. @param accessKey of who has signed the request. */
export function refusal(answered: Answered, operation: string, address: string, accessKey: string): string {
  const { status, text } = answered;
  const said = `${status}: ${reasonIn(text)}`;
  const route = `POST ${address}/v1/operations/${operation}`;
  // A private API says so of a route that it does not have, whatever the signature is.
  if (status === 404 || (status === 403 && said.endsWith('Missing Authentication Token')))
    return `${said}. There is no ${route}: is the address the stack’s output Url?`;
  // With a type it is the function that refuses.
  if (status === 403 && isOfGateway(text))
    return (
      `${said}. The access key ${accessKey} may not execute-api:Invoke ${route}: ` +
      `ask for ${policyFor(operation)}, or use other credentials (AWS_PROFILE)`
    );
  if (isThrottled(answered))
    return (
      `THROTTLED: ${said}. AWS refused to run the Operate function, again and again for 20 seconds, and nothing was done: ` +
      'too many commands or requests are under way. Try again in a minute, and give fewer commands at the same time'
    );
  if (status === 500 || status === 502 || status === 504 || (status === 503 && isOfGateway(text)))
    return `${said}. The Operate function failed, or took too long: try again; its log says why`;
  return said;
}

function policyFor(operation: string): string {
  if (!Object.hasOwn(RIGHT_OF, operation)) return 'that permission';
  const right = RIGHT_OF[operation as OperationName];
  return `the policy of the right ${right} (output Policy${right[0]?.toUpperCase()}${right.slice(1)} of the stack)`;
}

/** What is missing for a call that a command makes itself. @param text of AWS, which names the action. */
function policyOf(text: string): string {
  const output = text.includes('states:') ? 'PolicyRun' : 'PolicyMove, or of PolicyRun for the pace';
  return `Ask for the policy of the stack's output ${output}, or use other credentials (AWS_PROFILE)`;
}

/** Names of what Systems Manager and Step Functions answer above their rates. */
const THROTTLING = ['ThrottlingException', 'TooManyRequestsException', 'TooManyUpdates'];

/** What a failure of a command tells the person who gave it. */
export function failureText(error: unknown, environment: NodeJS.ProcessEnv): string {
  const { AWS_ENDPOINT_URL: endpoint } = environment;
  if (codeOf(error) === 'ECONNREFUSED' && endpoint !== undefined)
    return (
      `AWS cannot be reached at AWS_ENDPOINT_URL, ${endpoint}: nothing listens there. On one machine the port is new at ` +
      'each npm start: paste its export lines again'
    );
  const text = textOf(error);
  if (error instanceof Error && THROTTLING.includes(error.name))
    return `THROTTLED: ${text}. AWS refused this call again and again (${error.name}): try again in a minute, and give fewer commands at the same time`;
  if (error instanceof Error && error.name === 'AccessDeniedException') return `${text}. ${policyOf(text)}`;
  if (text === 'Region is missing')
    return 'The AWS region is missing: set AWS_REGION, or give your profile a region';
  if (error instanceof Error && error.name === 'CredentialsProviderError')
    return `AWS credentials are missing: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (${text})`;
  return text;
}

function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // fetch says no more than that it failed.
  const { cause } = error;
  return cause instanceof Error && cause.message !== ''
    ? `${error.message}: ${cause.message}`
    : error.message;
}

function codeOf(error: unknown): string | null {
  const { code, name, cause } = (error ?? {}) as { code?: unknown; name?: unknown; cause?: unknown };
  if (name === 'TimeoutError') return name;
  if (typeof code === 'string') return code;
  return cause === undefined ? null : codeOf(cause);
}

function reasonIn(text: string): string {
  try {
    const { detail, message } = JSON.parse(text) as { detail?: string; message?: string };
    return detail ?? message ?? text;
  } catch {
    return text.slice(0, 500);
  }
}
