/** Whom the authorizer of a private API lets through: as an HTTP API's would, and nobody while it cannot tell. */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { before, test } from 'node:test';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';
import * as v from 'valibot';
import { GRANTS, type Grants } from '../../functions/configuration/grants.ts';
import { authorize, Unauthorized } from '../../functions/edge/authorizer.ts';
import { IssuerAway, IssuerKeys } from '../../functions/edge/issuer_keys.ts';

const [ISSUER, AUDIENCE] = ['https://login.example.com/', 'crossfade'];
const NOW = Date.UTC(2031, 0, 1);
const SECOND = 1000;
const API = 'arn:aws:execute-api:eu-central-1:000000000000:abc123/live';

interface Pair {
  readonly privateKey: CryptoKey;
  readonly jwk: JWK;
}
let [first, second, curve]: Pair[] = [] as never;
before(async () => {
  const pair = async (algorithm: string, kid: string): Promise<Pair> => {
    const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true });
    return { privateKey, jwk: { ...(await exportJWK(publicKey)), kid } };
  };
  [first, second, curve] = await Promise.all([
    pair('RS256', 'first'),
    pair('RS256', 'second'),
    pair('ES256', 'curve'),
  ]);
});

class World {
  now = NOW;
  isAway = false;
  keys: unknown = { keys: [first?.jwk, curve?.jwk] };
  grants: Grants = v.parse(GRANTS, { kind: 'scopes' });
  readonly asked: string[] = [];
  readonly #keys = new IssuerKeys(ISSUER, {
    now: () => this.now,
    read: async (address) => {
      this.asked.push(address);
      if (this.isAway) throw new Error('connect ECONNREFUSED');
      return address.endsWith('openid-configuration') ? { jwks_uri: `${ISSUER}keys` } : this.keys;
    },
  });

  look(authorizationToken: string) {
    const event = {
      type: 'TOKEN',
      authorizationToken,
      methodArn: `${API}/GET/v1/collections/orders/documents`,
    };
    return authorize(event, {
      ...{ issuer: ISSUER, audience: [AUDIENCE, 'other'], grants: this.grants, keys: this.#keys },
      ...{ collections: ['orders', 'carts'], now: this.now },
    });
  }
}

const CLAIMS = { iss: ISSUER, aud: AUDIENCE, sub: 'app', scope: 'orders.read', exp: NOW / SECOND + 600 };
const sign = (claims: JWTPayload, { privateKey, jwk: { kid } } = first as Pair, header: object = {}) =>
  new SignJWT(claims)
    .setProtectedHeader({ alg: kid === 'curve' ? 'ES256' : 'RS256', ...(kid && { kid }), ...header })
    .sign(privateKey);
const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

test('a token is let through to what it grants, and everything else is denied and not only left out', async () => {
  const world = new World();
  const { principalId, policyDocument, context } = await world.look(`Bearer ${await sign(CLAIMS)}`);
  assert.equal(principalId, 'app');
  assert.deepEqual(
    policyDocument.Statement.map(({ Effect, Action, Resource }) => [Effect, Action, Resource]),
    [
      [
        'Allow',
        'execute-api:Invoke',
        [`${API}/GET/*`, `${API}/HEAD/*`, `${API}/POST/v1/collections/*/changes`],
      ],
      [
        ...['Deny', 'execute-api:Invoke'],
        [
          ...['PUT', 'PATCH', 'DELETE'].map((verb) => `${API}/${verb}/*`),
          `${API}/POST/v1/collections/*/batch`,
        ],
      ],
    ],
  );
  assert.deepEqual(JSON.parse(context.claims), { iss: ISSUER, sub: 'app', scope: 'orders.read' });
  assert.deepEqual(world.asked, [`${ISSUER}.well-known/openid-configuration`, `${ISSUER}keys`]);
});

test('the function is told who the caller is and what grants it something, as an HTTP API tells it, and nothing else', async () => {
  const world = new World();
  world.grants = { kind: 'claim', claim: 'rights' };
  const told = { sub: 42 as never, azp: 'shop', client_id: 'c', scp: ['x'], rights: { '*': ['write'] } };
  const { context, policyDocument } = await world.look(await sign({ ...CLAIMS, ...told, email: 'a@b' }));
  const { exp: _, aud: __, ...expected } = { ...CLAIMS, ...told, sub: '42' };
  assert.deepEqual(JSON.parse(context.claims), expected);
  assert.match(JSON.stringify(policyDocument.Statement[0]), /PUT.*PATCH.*DELETE/);
  world.grants = { kind: 'everything' };
  assert.equal((await world.look(await sign(CLAIMS))).policyDocument.Statement.length, 1);
});

test('a token without an audience is for its client, as Cognito has it', async () => {
  const { aud: _, ...claims } = CLAIMS;
  const { principalId } = await new World().look(await sign({ ...claims, client_id: 'other' }));
  assert.equal(principalId, 'app');
});

test('a token that is not good is refused with the message that API Gateway takes for 401, and no other', async () => {
  const world = new World();
  const good = await sign(CLAIMS);
  const [header = '', , signature = ''] = good.split('.');
  const { exp: _, ...endless } = CLAIMS;
  const { aud: __, ...nobody } = CLAIMS;
  const hs = `${part({ alg: 'HS256', kid: 'first' })}.${part(CLAIMS)}`;
  const secret = JSON.stringify(first?.jwk);
  for (const [name, token] of [
    ['no token', 'Bearer '],
    ['something else', 'Basic YTpi'],
    ['another issuer', await sign({ ...CLAIMS, iss: 'https://login.example.com' })],
    ['another audience', await sign({ ...CLAIMS, aud: ['crossfade2'], client_id: AUDIENCE })],
    ['no audience', await sign(nobody)],
    ['expired', await sign({ ...CLAIMS, exp: NOW / SECOND - 6 })],
    ['without an end', await sign(endless)],
    ['not yet', await sign({ ...CLAIMS, nbf: NOW / SECOND + 60 })],
    ['of the future', await sign({ ...CLAIMS, iat: NOW / SECOND + 60 })],
    ['an elliptic curve', await sign(CLAIMS, curve)],
    ['a key that the issuer does not have', await sign(CLAIMS, second)],
    ['without the name of a key', await sign(CLAIMS, { ...(first as Pair), jwk: {} })],
    ['other claims', `${header}.${part({ ...CLAIMS, scope: '*.write' })}.${signature}`],
    ['no signature', `${part({ alg: 'none' })}.${part(CLAIMS)}.`],
    ['signed with the public key', `${hs}.${createHmac('sha256', secret).update(hs).digest('base64url')}`],
  ] as const)
    await assert.rejects(
      world.look(name === 'something else' || name === 'no token' ? token : `Bearer ${token}`),
      (error: Error) => error instanceof Unauthorized && error.message === 'Unauthorized',
      name,
    );
  assert.equal((await world.look(good)).principalId, 'app');
});

test('while the issuer has never answered, or not with keys, nobody is let through and nobody is told that the token is bad', async () => {
  const world = new World();
  const token = await sign(CLAIMS);
  world.isAway = true;
  await assert.rejects(world.look(token), (error: Error) => error instanceof IssuerAway);
  // It is not asked by each request.
  const { length } = world.asked;
  await assert.rejects(world.look(token), /ISSUER_AWAY: .* Nothing was let through/);
  assert.equal(world.asked.length, length);
  world.isAway = false;
  for (const keys of [null, [], {}, { keys: 'x' }, '<html>']) {
    [world.now, world.keys] = [world.now + 10 * SECOND, keys];
    await assert.rejects(world.look(token), IssuerAway, JSON.stringify(keys));
  }
  [world.now, world.keys] = [world.now + 10 * SECOND, { keys: [first?.jwk] }];
  assert.equal((await world.look(token)).principalId, 'app');
});

test('keys that are known serve for two hours while the issuer is away, and a strange one for nothing', async () => {
  const world = new World();
  const life = { ...CLAIMS, exp: CLAIMS.exp + 86_400 };
  const [known, strange] = [await sign(life), await sign(life, second)];
  await world.look(known);
  world.isAway = true;
  world.now += 7_199 * SECOND;
  assert.equal((await world.look(known)).principalId, 'app');
  await assert.rejects(world.look(strange), IssuerAway);
  world.now += SECOND;
  await assert.rejects(world.look(known), IssuerAway);
});

test('a new key is found at once, and strange ones make the issuer be asked twice a minute at most', async () => {
  const world = new World();
  const strange = await sign(CLAIMS, second);
  await world.look(await sign(CLAIMS));
  const reads = () => world.asked.filter((address) => address.endsWith('keys')).length;
  world.now += 30 * SECOND;
  for (let n = 0; n < 20; n++) await assert.rejects(world.look(strange), Unauthorized);
  assert.equal(reads(), 2);
  world.now += 29 * SECOND;
  await assert.rejects(world.look(strange), Unauthorized);
  assert.equal(reads(), 2);
  [world.now, world.keys] = [world.now + SECOND, { keys: [second?.jwk] }];
  assert.equal((await world.look(strange)).principalId, 'app');
  // One that is no longer among them is refused from then on.
  await assert.rejects(world.look(await sign(CLAIMS)), Unauthorized);
});

test('many requests at a time ask the issuer once', async () => {
  const world = new World();
  const token = await sign(CLAIMS);
  await Promise.all(Array.from({ length: 10 }, () => world.look(token)));
  assert.equal(world.asked.length, 2);
});

test('an event that is none of an authorizer is refused, and lets nobody through', async () => {
  const look = (event: unknown) =>
    authorize(event, {
      ...{ issuer: ISSUER, audience: [AUDIENCE], grants: { kind: 'everything' }, collections: [], now: NOW },
      keys: { find: () => assert.fail('it was looked at') },
    });
  for (const event of [
    null,
    {},
    { type: 'REQUEST' },
    { type: 'TOKEN', authorizationToken: 'x', methodArn: '*' },
  ])
    await assert.rejects(look(event), /none of a token authorizer/);
});
