/** The events that an HTTP API invokes functions with (payload format 2.0). */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { JWTPayload } from 'jose';
import { ACCOUNT } from './template.ts';

/** How a route is spelt. */
export interface Shape {
  readonly key: string;
  readonly pattern: RegExp;
  /** Of the parameters in its path. */
  readonly names: readonly string[];
}

/** What AWS's HTTP API has been seen to decode; anything else, and a body without a type, comes as base64. */
const TEXTUAL = /^(text\/[^;]*|application\/(json|xml|javascript))\s*(;|$)/i;

interface Parts {
  /** As `pathSeen` has it. */
  readonly rawPath: string;
  readonly rawQueryString: string;
  readonly body: Buffer;
  /** What the gateway has found about the caller. */
  readonly authorizer: object;
}

export function eventOf(
  { key, pattern, names }: Shape,
  request: IncomingMessage,
  { rawPath, rawQueryString, body, authorizer }: Parts,
) {
  const found = pattern.exec(rawPath) ?? [];
  const parameters = names.map((name, index) => [name, found[index + 1] ?? '']);
  const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)]);
  const textual = TEXTUAL.test(request.headers['content-type'] ?? '') || body.length === 0;
  return {
    ...{ version: '2.0', routeKey: key, rawPath, rawQueryString },
    headers: Object.fromEntries(headers),
    pathParameters: Object.fromEntries(parameters),
    requestContext: {
      ...{ accountId: ACCOUNT, apiId: 'local', requestId: randomUUID(), routeKey: key, stage: '$default' },
      http: { method: request.method, path: rawPath, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1' },
      authorizer,
    },
    ...(body.length === 0 ? {} : { body: body.toString(textual ? 'utf8' : 'base64') }),
    isBase64Encoded: !textual,
  };
}

/**
 * A path as an HTTP API hands it on: decoded twice, and cut at a question mark between; null where it answers 400. Seen of AWS in July 2026, where `%3F` and all behind
 * it was gone, `%252F` was a slash, and `%25d` was refused. (github.com/hotsock/voker, vokerhttp/testdata/ingress-paths.json, 2026-11-28)
 */
export function pathSeen(sent: string): string | null {
  try {
    const [once = ''] = decodeURIComponent(sent).split('?');
    return decodeURIComponent(once);
  } catch {
    return null;
  }
}

/** An HTTP API gives every claim as a text, and a list as `[a b]`. */
export function claimTexts(payload: JWTPayload): Record<string, string> {
  const text = (value: unknown) =>
    Array.isArray(value)
      ? `[${value.join(' ')}]`
      : typeof value === 'object'
        ? JSON.stringify(value)
        : String(value);
  return Object.fromEntries(Object.entries(payload).map(([name, value]) => [name, text(value)]));
}
