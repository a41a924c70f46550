/** An HTTP API's event (payload format 2.0), as far as it is looked at. */
import * as v from 'valibot';
import { issueText } from '../../parsing/issue.ts';
import type { Headers } from './headers.ts';

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

/** Of a token; the gateway gives each as a text. */
export type Claims = Readonly<Record<string, unknown>>;

export interface HttpEvent {
  /** The route that the gateway has found: method and path with its parameters. */
  readonly routeKey: string;
  readonly method: string;
  readonly rawPath: string;
  readonly rawQueryString: string;
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

/** The event is none of an HTTP API: somebody has wired the function to something else. */
export class NotHttp extends Error {
  override readonly name = 'NotHttp';
}

export function httpEvent(event: unknown): HttpEvent {
  const { success, output, issues } = v.safeParse(EVENT, event);
  if (!success) {
    const [issue] = issues;
    throw new NotHttp(
      `The event is none of an HTTP API with payload format 2.0 (${issueText(issue)}): ` +
        'check what invokes this function',
    );
  }
  const { rawPath, rawQueryString, pathParameters, requestContext, body = '', isBase64Encoded } = output;
  const headers = lowered(output.headers);
  return {
    routeKey: output.routeKey,
    method: requestContext.http.method,
    ...{ rawPath, rawQueryString },
    headers,
    parameters: pathParameters,
    body: Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8'),
    replaced: !isBase64Encoded && mayBeReplaced(body, headers['content-length']),
    requestId: requestContext.requestId,
    actor: requestContext.authorizer?.iam?.userArn ?? null,
    claims: requestContext.authorizer?.jwt?.claims ?? {},
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
