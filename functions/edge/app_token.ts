/** A token of an app, looked at as the JWT authorizer of an HTTP API does. (apigateway/latest/developerguide/http-api-jwt-authorizer.html, 2026-11-28) */
import { errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import type { IssuerKeys } from './issuer_keys.ts';

const RSA = ['RS256', 'RS384', 'RS512'];
/** Seconds by which the clocks of the issuer and of the function may differ. */
const SKEW = 5;

/** The token is none that is taken. The message has no part of it. */
export class TokenRefused extends Error {
  override readonly name = 'TokenRefused';
}

/** What a token has to be for. */
export interface Expected {
  readonly issuer: string;
  /** Any of them. */
  readonly audience: readonly string[];
}

/**
 * The claims of the token in a header `Authorization`. Throws `TokenRefused`, and `IssuerAway` where nobody can tell.
 * @param now milliseconds since the epoch.
 */
export async function claimsIn(
  authorization: string,
  { issuer, audience }: Expected,
  keys: Pick<IssuerKeys, 'find'>,
  now: number,
): Promise<JWTPayload> {
  const [, token] = /^(?:Bearer )?([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(authorization) ?? [];
  if (token === undefined) throw new TokenRefused('it is no signed token');
  const payload = await verified(token, issuer, keys, now);
  const { aud, client_id: client, iat } = payload;
  const named = aud === undefined ? [client] : [aud].flat();
  if (!named.some((each) => typeof each === 'string' && audience.includes(each)))
    throw new TokenRefused('it is for another audience');
  if (iat !== undefined && iat > now / 1000 + SKEW) throw new TokenRefused('it is of the future');
  return payload;
}

async function verified(
  token: string,
  issuer: string,
  keys: Pick<IssuerKeys, 'find'>,
  now: number,
): Promise<JWTPayload> {
  const find: JWTVerifyGetKey = (header) => {
    // Without it a token of an issuer with one key would be taken for signed with that.
    if (typeof header.kid !== 'string') throw new TokenRefused('it names no key');
    return keys.find(header);
  };
  const wanted = { issuer, algorithms: RSA, requiredClaims: ['exp'], clockTolerance: SKEW };
  try {
    return (await jwtVerify(token, find, { ...wanted, currentDate: new Date(now) })).payload;
  } catch (error) {
    if (error instanceof errors.JWTClaimValidationFailed) throw new TokenRefused(`${error.claim} is wrong`);
    // Its codes name what is wrong, its messages might quote the token.
    if (error instanceof errors.JOSEError) throw new TokenRefused(error.code);
    throw error;
  }
}
