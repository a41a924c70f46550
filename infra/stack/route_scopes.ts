/** The scopes that the gateway wants of a token, before it invokes a function. The function looks again, at the collection too. */
import type { Parsed } from '../../functions/configuration/configuration.ts';
import { EVERY_COLLECTION, SCOPE_CLAIMS, scopeOf, type Verb } from '../../functions/configuration/grants.ts';

/** Of one route. (apigateway/latest/developerguide/http-api-quotas.html, 2026-11-28) */
const MOST = 10;

/**
 * A route is that of all collections, and takes a token that has any of its scopes: so the gateway refuses a token without the verb on any
 * collection, and the function one without the verb on this collection. None where the gateway cannot judge: it looks at the claims
 * `scope` and `scp` alone, and has no room for the scopes of more than nine collections.
 */
export function routeScopes({ grants, collections }: Parsed, verb: Verb): string[] {
  if (grants.kind !== 'scopes' || !grants.claims.every((claim) => SCOPE_CLAIMS.includes(claim))) return [];
  const names = [...Object.keys(collections), EVERY_COLLECTION];
  return names.length > MOST ? [] : names.map((name) => scopeOf(grants.prefix, name, verb));
}
