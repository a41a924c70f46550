/** What the gateway invokes the function with: an HTTP API's event (payload format 2.0) or a REST API's, as far as it is looked at. */
import * as v from 'valibot';
import { issueText } from '../../parsing/issue.ts';
import type { Headers } from './headers.ts';
import { addressOf, headersOf, REST_EVENT } from './rest_event.ts';
import type { RestAddress } from './rest_key.ts';

const EVENT = v.object({
  version: v.literal('2.0'),
  routeKey: v.string(),
  rawPath: v.string(),
  rawQueryString: v.optional(v.string(), ''),
  headers: v.optional(v.record(v.string(), v.optional(v.string())), {}),
  pathParameters: v.optional(v.record(v.string(), v.optional(v.string())), {}),
  requestContext: v.object({
    requestId: v.string(),
    http: v.object({ method: v.string() }),
    authorizer: v.optional(
      v.object({
        iam: v.optional(v.object({ userArn: v.string() })),
        jwt: v.nullish(v.object({ claims: v.nullish(v.record(v.string(), v.unknown())) })),
      }),
    ),
  }),
  body: v.optional(v.string()),
  isBase64Encoded: v.optional(v.boolean(), false),
});

/** Of a token. An HTTP API gives each as a text, the authorizer of a private API each as the token has it. */
export type Claims = Readonly<Record<string, unknown>>;

/** Where the request names its key, as its gateway tells. */
export type Address =
  | { readonly gateway: 'http'; readonly rawPath: string; readonly rawQueryString: string }
  | ({ readonly gateway: 'rest' } & RestAddress);

export interface HttpEvent {
  /** The route that the gateway has found: method and path with its parameters. */
  readonly routeKey: string;
  readonly method: string;
  readonly address: Address;
  readonly headers: Headers;
  readonly parameters: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
  /** Whether the gateway may have put U+FFFD in the place of bytes that are no UTF-8. */
  readonly replaced: boolean;
  readonly requestId: string;
  /** Who signed the request, on a route that wants AWS's signature. */
  readonly actor: string | null;
  /** Of the token, on a route that wants one. */
  readonly claims: Claims;
}

/** The event is none of the API: somebody has wired the function to something else. */
export class NotHttp extends Error {
  override readonly name = 'NotHttp';
}

/** Throws `NotHttp`. */
export function httpEvent(event: unknown): HttpEvent {
  return typeof event === 'object' && event !== null && 'httpMethod' in event
    ? fromRestApi(event)
    : fromHttpApi(event);
}

function fromHttpApi(event: unknown): HttpEvent {
  const { success, output, issues } = v.safeParse(EVENT, event);
  if (!success) throw notHttp('an HTTP API with payload format 2.0', issues[0]);
  const { rawPath, rawQueryString, pathParameters, requestContext, body = '', isBase64Encoded } = output;
  const headers = lowered(output.headers);
  return {
    routeKey: output.routeKey,
    method: requestContext.http.method,
    address: { gateway: 'http', rawPath, rawQueryString },
    headers,
    parameters: pathParameters,
    ...bodyOf(body, isBase64Encoded, headers),
    requestId: requestContext.requestId,
    actor: requestContext.authorizer?.iam?.userArn ?? null,
    claims: requestContext.authorizer?.jwt?.claims ?? {},
  };
}

function fromRestApi(event: object): HttpEvent {
  const { success, output, issues } = v.safeParse(REST_EVENT, event);
  if (!success) throw notHttp('a REST API', issues[0]);
  const { httpMethod: method, resource, pathParameters, requestContext, body, isBase64Encoded } = output;
  const { requestId, identity, authorizer } = requestContext;
  const headers = headersOf(output);
  return {
    routeKey: `${method} ${resource}`,
    method,
    address: { gateway: 'rest', ...addressOf(output) },
    headers,
    parameters: pathParameters,
    ...bodyOf(body, isBase64Encoded, headers),
    requestId,
    actor: (identity.userArn ?? '') === '' ? null : (identity.userArn as string),
    claims: authorizer?.claims ?? {},
  };
}

function notHttp(expected: string, issue: Parameters<typeof issueText>[0]): NotHttp {
  return new NotHttp(
    `The event is none of ${expected} (${issueText(issue)}): check what invokes this function`,
  );
}

function bodyOf(
  body: string,
  isBase64Encoded: boolean,
  headers: Headers,
): Pick<HttpEvent, 'body' | 'replaced'> {
  return {
    body: Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8'),
    replaced: !isBase64Encoded && mayBeReplaced(body, headers['content-length']),
  };
}

/**
 * The gateway decodes bodies of text types, JSON among them, before the function sees them. Where it has replaced bytes, the text
 * is longer than what was sent: U+FFFD has three bytes. Only where it stands for just three bytes this cannot be seen.
 */
function mayBeReplaced(text: string, contentLength: string | undefined): boolean {
  if (!text.isWellFormed()) return true;
  return text.includes('\ufffd') && Number(contentLength) !== Buffer.byteLength(text);
}

function lowered(headers: Headers): Headers {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
