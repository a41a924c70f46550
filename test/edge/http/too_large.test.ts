/** Documents that both stores hold, and no answer of the API can carry: their bodies are not read. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { responseTo } from '../../../functions/edge/http/told.ts';
import { documentFrom } from '../../../functions/protocol/fingerprint.ts';
import { payloadOf } from '../../../functions/protocol/payload.ts';
import { PHASES, type Phase, ROUTES } from '../../../functions/protocol/phase.ts';
import { NO_PRECONDITION, type Precondition } from '../../../functions/routing/precondition.ts';
import { Router } from '../../../functions/routing/router.ts';
import { LARGEST_ANSWER } from '../../../functions/stores/answerable.ts';
import { TooLargeToRead } from '../../../functions/stores/failure.ts';
import { Receipts } from '../../../functions/stores/receipt.ts';
import { LARGEST_BODY } from '../../../functions/stores/storable.ts';
import { Reference } from '../../stores/reference.ts';

const EXPIRES = Date.UTC(2030, 0, 1);
const place = { collection: 'c', key: 'k' };

/** Both stores hold a document of so many bytes, of which only the measure is real. */
async function holding(bytes: number) {
  const stores = new Reference(() => 0);
  const content = documentFrom(Buffer.from('{"a":1}'), EXPIRES);
  const version = await stores.couchbase.upsert('k', { content });
  await stores.oracle.apply('k', { content, version });
  const asked: string[] = [];
  const measuring = <State>(store: 'couchbase' | 'oracle', read: (key: string) => Promise<State>) => ({
    require: () => {},
    readUpTo: async (key: string, most: number) => {
      asked.push(`${store} up to ${most}`);
      const target = { store, operation: 'read', collection: 'c', key };
      if (bytes > most) throw new TooLargeToRead(target, { bytes, version, expiresAt: EXPIRES }, most);
      return read(key);
    },
  });
  const pair = {
    couchbase: { ...stores.couchbase, ...measuring('couchbase', (key) => stores.couchbase.read(key, {})) },
    oracle: { ...stores.oracle, ...measuring('oracle', (key) => stores.oracle.read(key, {})) },
  };
  const router = new Router(
    () => pair,
    new Receipts(async () => true),
    () => false,
  );
  const get = async (phase: Phase, precondition: Precondition = NO_PRECONDITION, bodiless = false) => {
    const answer = await router.read(place, { phase, timely: () => true }, LARGEST_ANSWER);
    return responseTo(answer, { phase, instance: 'r', bodiless }, precondition);
  };
  return { asked, get, router, version };
}

test('a GET of it is refused with its size and its ETag, and no body is read, in every phase', async () => {
  for (const phase of PHASES) {
    // In `seal` each store has to be read whole, so only what cannot be read at all is refused so.
    const sealed = ROUTES[phase].order === 'sealed';
    const bytes = sealed ? LARGEST_BODY + 1 : LARGEST_ANSWER + 1;
    const { asked, get, version } = await holding(bytes);
    const { statusCode, headers, body } = await get(phase);
    assert.equal(statusCode, 413, phase);
    assert.match(JSON.parse(body).detail, new RegExp(`${bytes} bytes`));
    assert.deepEqual(
      [headers.etag, headers['expires-at']],
      [`"${version}"`, new Date(EXPIRES).toISOString()],
    );
    assert.deepEqual(asked, [`${ROUTES[phase].flags.reads} up to ${sealed ? LARGEST_BODY : LARGEST_ANSWER}`]);
  }
});

test('a HEAD of it tells its size, and preconditions are judged as those of any other', async () => {
  const { get, version } = await holding(LARGEST_ANSWER + 1);
  const head = await get('settle', NO_PRECONDITION, true);
  assert.deepEqual(
    [head.statusCode, head.headers['content-length'], head.headers.etag, head.body],
    [200, String(LARGEST_ANSWER + 1), `"${version}"`, ''],
  );
  assert.equal((await get('expand', { match: null, noneMatch: [version] })).statusCode, 304);
  assert.equal((await get('expand', { match: [version + 1n], noneMatch: null })).statusCode, 412);
  assert.equal((await get('expand', { match: [version], noneMatch: null })).statusCode, 413);
});

test('one that an answer can carry is read', async () => {
  for (const phase of PHASES)
    assert.equal((await (await holding(LARGEST_ANSWER)).get(phase)).statusCode, 200);
});

test('a write that has to look at it first works up to what can be read, and is refused above it', async () => {
  const patch = { ...place, verb: 'patch', patch: '{"b":2}', expiresAt: 'keep' } as const;
  for (const phase of ['legacy', 'expand', 'settle'] as const) {
    const surroundings = { phase, timely: () => true };
    const request = { ...patch, precondition: NO_PRECONDITION };
    assert.equal((await (await holding(LARGEST_BODY)).router.write(request, surroundings)).kind, 'written');
    const { router, asked } = await holding(LARGEST_BODY + 1);
    const answer = await router.write(request, surroundings);
    assert.equal(answer.kind, 'too-large');
    assert.equal(asked.length, 1);
    const told = responseTo(answer, { phase, instance: 'r', bodiless: false }, NO_PRECONDITION);
    assert.match(JSON.parse(told.body).detail, /Nothing was written/);
    // Without a condition nobody looks.
    const put = { ...place, verb: 'put', precondition: NO_PRECONDITION } as const;
    const payload = payloadOf(documentFrom(Buffer.from('1'), null));
    assert.equal((await router.write({ ...put, payload }, surroundings)).kind, 'written');
  }
});
