/** The issuer of tokens, as the function that looks at the tokens of a private API finds it: where it is (OpenID Connect Discovery), and its keys. */
import { createServer } from 'node:http';
import { type Issuer, issuer } from './app_tokens.ts';
import { send } from './gateway_parts.ts';
import { listening, portOf, shut } from './listen.ts';
import { isPrivate, issuedIn } from './rest_front.ts';
import type { Template } from './template.ts';

export interface ServedIssuer {
  readonly apps: Issuer;
  /** What the containers of functions have to know, since this machine resolves no name. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Where the API is none that asks a function, its gateway has the keys, and nobody asks for them. @param started is given what ends it. */
export async function serveIssuer(template: Template, started: (() => unknown)[]): Promise<ServedIssuer> {
  const apps = await issuer();
  if (!isPrivate(template)) return { apps, environment: {} };
  const address = issuedIn(template).issuer.replace(/\/$/, '');
  const documents: Readonly<Record<string, object>> = {
    '/.well-known/openid-configuration': { issuer: address, jwks_uri: `${address}/keys` },
    '/keys': apps.jwks,
  };
  const server = createServer(({ url = '' }, response) => {
    const found = documents[url];
    send(response, found === undefined ? 404 : 200, JSON.stringify(found ?? {}));
  });
  await listening(server, 0);
  const here = { [address]: `http://127.0.0.1:${portOf(server)}` };
  started.push(() => shut(server));
  return { apps, environment: { LOCAL_ADDRESSES: JSON.stringify(here) } };
}
