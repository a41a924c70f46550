/**
 * What a REST API asks before it lets a request of an app through: it has no authorizer for tokens of its own. The answer is a policy for the whole API, since the gateway keeps
 * it for a token and not for a route; the function behind it looks at each request again, and at its collection.
 */
import type { JWTPayload } from 'jose';
import * as v from 'valibot';
import { type Grants, SCOPE_CLAIMS, VERBS, type Verb } from '../configuration/grants.ts';
import { issueText } from '../parsing/issue.ts';
import { claimsIn, type Expected, TokenRefused } from './app_token.ts';
import { grantedBy } from './http/granted.ts';
import type { IssuerKeys } from './issuer_keys.ts';

const EVENT = v.object({
  type: v.literal('TOKEN'),
  authorizationToken: v.string(),
  /** `arn:PARTITION:execute-api:REGION:ACCOUNT:API/STAGE/METHOD/PATH` */
  methodArn: v.pipe(v.string(), v.regex(/^arn:[^/]+:execute-api:[^/]+\/[^/]+\//)),
});

/** What tells a caller, beside what grants it something. */
const OF_CALLER = ['iss', 'sub', 'client_id', 'azp'];

/** The routes that take a verb. That of change feeds has none. */
const ROUTES: Readonly<Record<Verb, readonly string[]>> = {
  read: ['GET/*', 'HEAD/*'],
  write: ['PUT/*', 'PATCH/*', 'DELETE/*'],
  batch: ['POST/v1/collections/*/batch'],
};
/** The function alone looks for what a change feed needs. */
const FEEDS = 'POST/v1/collections/*/changes';

/** What API Gateway answers with 401: it knows it by this message, and no other. */
export class Unauthorized extends Error {
  override readonly name = 'Unauthorized';

  constructor(cause: TokenRefused) {
    super('Unauthorized', { cause });
  }
}

export interface AuthorizerPorts extends Expected {
  readonly keys: Pick<IssuerKeys, 'find'>;
  readonly grants: Grants;
  readonly collections: readonly string[];
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Throws `Unauthorized`; and `IssuerAway`, for which the gateway answers 503. */
export async function authorize(event: unknown, ports: AuthorizerPorts) {
  const { success, output, issues } = v.safeParse(EVENT, event);
  if (!success)
    throw new TypeError(
      `The event is none of a token authorizer (${issueText(issues[0])}): check what invokes this function`,
    );
  const { authorizationToken, methodArn } = output;
  const claims = await claimsIn(authorizationToken, ports, ports.keys, ports.now).catch((error: unknown) => {
    throw error instanceof TokenRefused ? new Unauthorized(error) : error;
  });
  const shown = handedOn(claims, ports.grants);
  return {
    principalId: String(claims.sub ?? claims.client_id ?? 'app'),
    policyDocument: policyOf(methodArn, grantedVerbs(ports, shown)),
    context: { claims: JSON.stringify(shown) },
  };
}

/** Those on any collection. */
function grantedVerbs({ grants, collections }: AuthorizerPorts, claims: JWTPayload): ReadonlySet<Verb> {
  const granted = grantedBy(grants, claims);
  return new Set(VERBS.filter((verb) => collections.some((name) => granted.may(name, verb))));
}

/**
 * What is not granted is denied, and not only left out: where a policy of the API itself allowed it, that would be enough.
 * (apigateway/latest/developerguide/apigateway-authorization-flow.html, 2026-11-28)
 */
function policyOf(methodArn: string, granted: ReadonlySet<Verb>) {
  const [api = '', stage = ''] = methodArn.split('/');
  const routesOf = (verbs: readonly Verb[]) => verbs.flatMap((verb) => ROUTES[verb]);
  const statement = (Effect: 'Allow' | 'Deny', routes: readonly string[]) => ({
    ...{ Effect, Action: 'execute-api:Invoke' },
    Resource: routes.map((route) => `${api}/${stage}/${route}`),
  });
  const denied = routesOf(VERBS.filter((verb) => !granted.has(verb)));
  return {
    Version: '2012-10-17',
    Statement: [
      statement('Allow', [...routesOf(VERBS.filter((verb) => granted.has(verb))), FEEDS]),
      ...(denied.length === 0 ? [] : [statement('Deny', denied)]),
    ],
  };
}

/** The claims that the function needs. Those of the caller as texts, as an HTTP API gives them: both have to find the same caller in a token. */
function handedOn(claims: JWTPayload, grants: Grants): JWTPayload {
  const granting =
    grants.kind === 'everything' ? [] : grants.kind === 'scopes' ? grants.claims : [grants.claim];
  const names = new Set([...OF_CALLER, ...SCOPE_CLAIMS, ...granting]);
  const entries = Object.entries(claims).filter(([name]) => names.has(name));
  return Object.fromEntries(
    entries.map(([name, value]) => [name, OF_CALLER.includes(name) ? textOf(value) : value]),
  );
}

function textOf(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
