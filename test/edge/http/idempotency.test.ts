/** Requests that are sent again because nobody knows what became of them. */
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import type { CallName } from '../../../functions/protocol/call.ts';
import { PHASES, type Phase, ROUTES } from '../../../functions/protocol/phase.ts';
import { ApiInMemory } from './api_in_memory.ts';

let it: ApiInMemory;
beforeEach(() => {
  it = new ApiInMemory();
});

/** The call that decides a write in a phase, where a condition guards it. */
const DECIDES: Record<Phase, CallName> = {
  legacy: 'couchbase.swap',
  expand: 'couchbase.swap',
  seal: 'couchbase.swap',
  switch: 'couchbase.swap',
  settle: 'oracle.write',
  contract: 'oracle.write',
};
const named = { 'idempotency-key': 'a-1' };
const REUSED = 'urn:crossfade:problem:idempotency-key-reused';

for (const phase of PHASES)
  test(`${phase}: a repetition is told what its first time did, and not refused for it`, async () => {
    it.phase = phase;
    const create = { body: '{"n":1}', headers: { ...named, 'if-none-match': '*' } };
    it.failing = new Map([[DECIDES[phase], 'lost answer']]);
    assert.equal((await it.ask('PUT', 'k', create)).status, 503);
    it.failing = new Map();
    const repeated = await it.ask('PUT', 'k', create);
    // In switch it may not have come to Oracle, which is read: the refusal carries it over, and the next look finds it.
    assert.equal(repeated.status, 204);
    assert.equal((await it.ask('GET', 'k')).etag, repeated.etag);
    assert.equal((await it.ask('PUT', 'k', create)).etag, repeated.etag);
    // Somebody else's creation of the same document is refused, though it is the same.
    const other = { ...create, headers: { 'idempotency-key': 'b-1', 'if-none-match': '*' } };
    assert.equal((await it.ask('PUT', 'k', other)).status, 412);
    const another = await it.ask('PUT', 'k', { ...create, body: '{"n":2}' });
    assert.deepEqual([another.status, another.problem?.type], [422, REUSED]);
  });

test('a repetition that finds the write of somebody else is judged by its own condition', async () => {
  const { etag } = await it.ask('PUT', 'k', { body: '1' });
  const update = { body: '2', headers: { ...named, 'if-match': etag } };
  assert.equal((await it.ask('PUT', 'k', update)).status, 204);
  await it.ask('PUT', 'k', { body: '3' });
  assert.equal((await it.ask('PUT', 'k', update)).status, 412);
  assert.equal((await it.ask('GET', 'k')).body, '3');
});

test('a patch that is repeated is applied once, so its version stays', async () => {
  await it.ask('PUT', 'k', { body: '{"n":1}' });
  const patch = { body: '{"m":2}', headers: named };
  const first = await it.ask('PATCH', 'k', patch);
  assert.equal((await it.ask('PATCH', 'k', patch)).etag, first.etag);
});

test('a repetition is no success before the follower, or the queue, has what its first time left undone', async () => {
  for (const [phase, follower] of [
    ['expand', 'oracle.apply'],
    ['settle', 'couchbase.swap'],
  ] as const) {
    it.phase = phase;
    const create = { body: '1', headers: { ...named, 'if-none-match': '*' } };
    [it.queueIsAway, it.failing] = [true, new Map([[follower, 'away']])];
    assert.equal((await it.ask('PUT', phase, create)).status, 503);
    assert.equal((await it.ask('PUT', phase, create)).status, 503);
    [it.queueIsAway, it.sent] = [false, []];
    assert.equal((await it.ask('PUT', phase, create)).status, 204);
    assert.deepEqual(
      it.sent.map(({ key }) => key),
      [phase],
    );
    assert.equal(ROUTES[phase].acknowledge, 'first');
  }
});
