/** The tokens of apps: as their issuer would give them, and as the JWT authorizer of an HTTP API looks at them. */
import {
  createLocalJWKSet,
  exportJWK,
  generateKeyPair,
  type JWK,
  type JWTPayload,
  jwtVerify,
  SignJWT,
} from 'jose';
import type { Parsed } from '../../functions/configuration/configuration.ts';
import { EVERY_COLLECTION, scopeOf, VERBS } from '../../functions/configuration/grants.ts';
import type { Template } from './template.ts';

/** An authorizer takes tokens signed with RSA and no others. (apigateway/latest/developerguide/http-api-jwt-authorizer.html, 2026-11-27) */
const RSA = ['RS256', 'RS384', 'RS512'];
const [ALGORITHM, KEY] = ['RS256', 'local'];

export type Claims = Readonly<Record<string, unknown>>;

/** What an authorizer takes. */
export interface Issued {
  readonly issuer: string;
  readonly audience: readonly string[];
}

export interface Issuer {
  issue(issued: Issued, subject: string, claims: Claims): Promise<string>;
  /** The claims of the token in a header `Authorization`; null where it is none, or none that the authorizer takes. */
  claimsIn(issued: Issued, authorization: string | undefined): Promise<JWTPayload | null>;
  /** Its public keys, as its `jwks_uri` has them. */
  readonly jwks: { readonly keys: JWK[] };
}

export async function issuer(): Promise<Issuer> {
  const { publicKey, privateKey } = await generateKeyPair(ALGORITHM);
  const jwks = { keys: [{ ...((await exportJWK(publicKey)) as JWK), kid: KEY }] };
  const keys = createLocalJWKSet(jwks);
  return {
    jwks,
    issue: ({ issuer, audience }, subject, claims) =>
      new SignJWT({ ...claims })
        .setProtectedHeader({ alg: ALGORITHM, kid: KEY })
        .setSubject(subject)
        .setIssuer(issuer)
        .setAudience([...audience])
        .setIssuedAt()
        .setExpirationTime('30d')
        .sign(privateKey),
    claimsIn: async ({ issuer, audience }, authorization = '') => {
      const token = /^(?:Bearer )?(\S+)$/i.exec(authorization)?.[1];
      if (token === undefined) return null;
      return jwtVerify(token, keys, { issuer, audience: [...audience], algorithms: RSA }).then(
        ({ payload }) => payload,
        () => null,
      );
    },
  };
}

export function issuedFor(template: Template, authorizer: string): Issued {
  const found = template.resources.find(({ id }) => id === authorizer);
  const { Issuer, Audience } = template.resolve(found?.properties.JwtConfiguration) as {
    Issuer: string;
    Audience: string[];
  };
  return { issuer: Issuer, audience: Audience };
}

/**
 * Whether the claims have a scope that the route wants: any of its list, in `scope` or `scp`. A route without a list wants none.
 * (apigateway/latest/developerguide/http-api-jwt-authorizer.html, 2026-11-28)
 */
export function hasScope({ scope, scp }: JWTPayload, wanted: readonly string[]): boolean {
  const listOf = (claim: unknown) => (Array.isArray(claim) ? claim : String(claim ?? '').split(' '));
  const scopes = [...listOf(scope), ...listOf(scp)];
  return wanted.length === 0 || wanted.some((each) => scopes.includes(each));
}

/** Claims that grant everything, as the configuration wants them. */
export function grantingAll(grants: Parsed['grants']): Claims {
  switch (grants.kind) {
    case 'everything':
      return {};
    case 'claim':
      return { [grants.claim]: { [EVERY_COLLECTION]: VERBS } };
    case 'scopes': {
      const scopes = VERBS.map((verb) => scopeOf(grants.prefix, EVERY_COLLECTION, verb));
      return { [grants.claims[0] ?? 'scope']: scopes.join(' ') };
    }
  }
}
