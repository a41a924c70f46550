/** How operators are told who has sent a request. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { callerOf, digestIn } from '../../../functions/edge/http/caller.ts';
import { httpEvent } from '../../../functions/edge/http/event.ts';
import { callerAttribute, callerIn } from '../../../functions/edge/queue.ts';

const claim = fc.option(fc.string({ unit: 'binary', maxLength: 200 }), { nil: undefined });
const claims = fc.record({ iss: claim, sub: claim, client_id: claim, azp: claim });

test('any caller fits a message and a letter, and two callers have two names', () => {
  fc.assert(
    fc.property(claims, claims, (one, other) => {
      const [name, another] = [callerOf(one), callerOf(other)];
      assert.equal(callerIn(callerAttribute(name).caller?.StringValue), name);
      assert.match(digestIn(name), /^[\w-]{12}$/);
      const same = (['iss', 'sub', 'client_id', 'azp'] as const).every((each) => one[each] === other[each]);
      assert.equal(name === another, same);
    }),
  );
});

test('a caller can be pasted into a command between quotes of either kind, whatever its subject is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme-ascii', maxLength: 200 }), (sub) => {
      assert.match(callerOf({ iss: 'i', sub }), /^[\w.@:/+=|,*%?-]{0,61}~[\w-]{12}$/);
    }),
  );
  assert.match(callerOf({ iss: 'i', sub: 'a\'b"c`d$e\\f;g!h&i' }), /^a\?b\?c\?d\?e\?f\?g\?h\?i~/);
  assert.match(callerOf({ iss: 'i', sub: 'auth0|ann@shop.example,eu' }), /^auth0\|ann@shop\.example,eu~/);
});

test('a caller is shown by its subject, or by its client where it has none', () => {
  assert.match(callerOf({ iss: 'i', sub: 'shop frontend' }), /^shop\?frontend~/);
  assert.match(callerOf({ iss: 'i', client_id: 'batch' }), /^batch~/);
  assert.match(callerOf({ iss: 'i' }), /^~/);
  assert.ok(callerOf({ iss: 'i', sub: 'x'.repeat(300) }).length <= 74);
  for (const text of [undefined, '', 'é', 'x'.repeat(101)]) assert.equal(callerIn(text), null);
});

test('an event tells of the certificate of a client beside its token, and no more of it is looked at', () => {
  const sample = JSON.parse(readFileSync(new URL('../../../events/api.get.json', import.meta.url), 'utf8'));
  const clientCert = { subjectDN: 'CN=shop', clientCertPem: '-----BEGIN CERTIFICATE-----', validity: {} };
  const requestContext = { ...sample.requestContext, authentication: { clientCert } };
  assert.deepEqual(httpEvent({ ...sample, requestContext }), httpEvent(sample));
});
