/** What a token grants, read from its claims; and the refusal of a request that it does not grant. */
import {
  EVERY_COLLECTION,
  type Grants,
  SCOPE_CLAIMS,
  scopeOf,
  VERBS,
  type Verb,
} from '../../configuration/grants.ts';
import { quoted } from '../../parsing/quoted.ts';
import type { Claims, HttpEvent } from './event.ts';
import { type BadRequest, bad } from './problem.ts';
import { BATCH_ROUTE } from './routes.ts';

export interface Granted {
  may(collection: string, verb: Verb): boolean;
}

const ALL: Granted = { may: () => true };

/** @param claims as the gateway gives them. Whatever cannot be read grants nothing. */
export function grantedBy(grants: Grants, claims: Claims): Granted {
  if (grants.kind === 'everything') return ALL;
  const found = new Set(grants.kind === 'scopes' ? scopesIn(grants, claims) : mappedIn(grants.claim, claims));
  const has = (collection: string, verb: Verb) => found.has(scopeOf('', collection, verb));
  return { may: (collection, verb) => has(collection, verb) || has(EVERY_COLLECTION, verb) };
}

/** The verbs that a request needs on its collection, before anything else of it is looked at. */
export function neededBy({ method, routeKey }: Pick<HttpEvent, 'method' | 'routeKey'>): readonly Verb[] {
  if (routeKey.endsWith(BATCH_ROUTE)) return ['batch', 'write'];
  return method === 'GET' || method === 'HEAD' ? ['read'] : ['write'];
}

/** It names what would be needed, and nothing that there is: whoever has no grant does not learn which collections there are. */
export function refusalOf(grants: Grants, collection: string, verb: Verb): BadRequest {
  const needed =
    grants.kind === 'claim'
      ? `${quoted(verb)} for ${quoted(collection)} in the claim ${quoted(grants.claim)}`
      : `the scope ${quoted(scopeOf(grants.kind === 'scopes' ? grants.prefix : '', collection, verb))}`;
  return bad(
    'not-granted',
    `Nothing was done. The token needs ${needed}. Ask who issues your tokens for it.`,
  );
}

/** Whether a token has a scope that is about no collection: in `scope` or `scp`, whatever the grants of apps are. */
export function hasScope(scope: string, claims: Claims): boolean {
  return allIn(SCOPE_CLAIMS, claims).includes(scope);
}

function allIn(names: readonly string[], claims: Claims): string[] {
  return names.flatMap((name) => textsIn(own(claims, name)));
}

function scopesIn({ claims: names, prefix }: Grants & { readonly kind: 'scopes' }, claims: Claims): string[] {
  return allIn(names, claims)
    .filter((scope) => scope.startsWith(prefix))
    .map((scope) => scope.slice(prefix.length));
}

/** A claim may have the name of something that every object has. */
function own(claims: Claims, name: string): unknown {
  return Object.hasOwn(claims, name) ? claims[name] : undefined;
}

/** A list; a text with spaces between them; or a list as an HTTP API writes it, `[a b]`. */
function textsIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.filter((each) => typeof each === 'string');
  if (typeof value !== 'string') return [];
  const inside = value.startsWith('[') && value.endsWith(']') ? value.slice(1, -1) : value;
  return inside.split(' ').filter((each) => each !== '');
}

function mappedIn(claim: string, claims: Claims): string[] {
  const given = own(claims, claim);
  const map = typeof given === 'string' ? mapIn(given) : given;
  if (typeof map !== 'object' || map === null || Array.isArray(map)) return [];
  return Object.entries(map).flatMap(([collection, verbs]) =>
    VERBS.filter((verb) => textsIn(verbs).includes(verb)).map((verb) => scopeOf('', collection, verb)),
  );
}

const ENTRY = /(\*|[a-z][a-z0-9-]*):\[((?:read|write|batch)(?: (?:read|write|batch))*)?\]/;
const ENTRIES = new RegExp(`^map\\[(?:${ENTRY.source}(?: ${ENTRY.source})*)?\\]$`);

/** JSON; or `map[carts:[read] orders:[read write]]`, as an HTTP API has been seen to write an object. */
function mapIn(text: string): unknown {
  if (ENTRIES.test(text))
    return Object.fromEntries(
      [...text.matchAll(new RegExp(ENTRY, 'g'))].map(([, collection, verbs = '']) => [collection, verbs]),
    );
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
