/** The API of a template on this machine, whichever kind it is. */
import { createServer } from 'node:http';
import { type Claims, grantingAll, type Issuer, issuer } from './app_tokens.ts';
import { Bucket } from './bucket.ts';
import { type Allows, OPERATORS_ALONE, reasonOf, send, TOO_MANY } from './gateway_parts.ts';
import { httpFront } from './http_front.ts';
import type { Invocable } from './lambda/alias.ts';
import { HTTP_API } from './limits.ts';
import { listening, portOf, shut } from './listen.ts';
import { isPrivate, restFront } from './rest_front.ts';
import type { Template } from './template.ts';

/** What tokens carry where nobody says more: enough for settings that name neither a claim nor a prefix. */
const ALL_SCOPES = grantingAll({ kind: 'scopes', claims: ['scope'], prefix: '' });

/** The source of what is logged of failed requests. */
export const GATEWAY = 'gateway';

export interface Gateway {
  readonly url: string;
  /** A token as the apps' issuer would give it. @param claims beside its subject. */
  token(subject: string, claims?: Claims): Promise<string>;
  stop(): Promise<void>;
}

/**
 * @param functions and aliases, by their ARNs. @param port 0 for any. @param failed is told why a request is answered 500. @param requests how many there may be
 * at a time. @param allows whether the holder of an access key may. @param given the issuer of tokens; a new one where there is none.
 */
export async function serveApi(
  template: Template,
  functions: ReadonlyMap<string, Invocable>,
  port: number,
  failed: (line: string) => void = () => {},
  requests: Bucket = new Bucket(HTTP_API.rate, HTTP_API.burst),
  allows: Allows = OPERATORS_ALONE,
  given: Issuer | null = null,
): Promise<Gateway> {
  const apps = given ?? (await issuer());
  const front = (isPrivate(template) ? restFront : httpFront)(template, { functions, apps, allows });
  const server = createServer({ maxHeaderSize: HTTP_API.headers }, (request, response) => {
    if (!requests.take()) return send(response, 429, TOO_MANY);
    front.serve(request, response).catch((error: unknown) => {
      failed(`${request.method} ${request.url?.split('?')[0]}: ${reasonOf(error)}`);
      send(response, ...front.failureOf(error));
    });
  });
  await listening(server, port);
  return {
    url: `http://127.0.0.1:${portOf(server)}${front.prefix}`,
    token: (subject, claims = ALL_SCOPES) => apps.issue(front.issued, subject, claims),
    stop: async () => {
      shut(server);
    },
  };
}
