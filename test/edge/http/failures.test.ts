/** What apps see of the write API when something goes wrong. */
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { callerOf, digestIn } from '../../../functions/edge/http/caller.ts';
import { PHASES } from '../../../functions/protocol/phase.ts';
import { UNSTORABLE } from '../../../functions/stores/storable.ts';
import { ApiInMemory } from './api_in_memory.ts';

let it: ApiInMemory;
beforeEach(() => {
  it = new ApiInMemory();
});

test('a follower that is away, refuses or is broken does not fail the client, while the queue has the receipt', async () => {
  for (const [name, follower] of [
    ['expand', 'oracle.apply'],
    ['settle', 'couchbase.swap'],
  ] as const)
    for (const failure of ['away', 'poison', 'operator'] as const) {
      it.phase = name;
      it.failing = new Map([[follower, failure]]);
      assert.equal((await it.ask('PUT', `${name}-${failure}`, { body: '1' })).status, 204);
      assert.equal(it.sent.at(-1)?.key, `${name}-${failure}`);
      it.queueIsAway = true;
      const doubtful = await it.ask('PUT', `${name}-${failure}`, { body: '2' });
      assert.deepEqual([doubtful.status, doubtful.headers['retry-after']], [503, '1']);
      assert.match(doubtful.problem?.type ?? '', /outcome-unknown/);
      it.queueIsAway = false;
    }
});

test('an answer to HEAD has no body, whatever is wrong', async () => {
  const bodies = async () => (await it.ask('HEAD', 'k')).body + (await it.ask('HEAD', 'k'.repeat(251))).body;
  assert.equal(await bodies(), '');
  it.failing = new Map([['couchbase.read', 'bug']]);
  assert.equal(await bodies(), '');
  assert.equal((await it.ask('HEAD', 'k', { headers: { 'if-match': 'x' } })).body, '');
  assert.equal((await it.ask('HEAD', 'k')).headers['content-type'], 'application/problem+json');
});

test('where both stores must have it, nothing less is acknowledged', async () => {
  for (const name of ['seal', 'switch'] as const)
    for (const failure of ['away', 'poison', 'operator', 'lost answer'] as const) {
      it.phase = name;
      it.failing = new Map([['oracle.apply', failure]]);
      const answer = await it.ask('PUT', `${name}-${failure}`, { body: '1' });
      assert.equal(answer.status, 503, `${name} ${failure}`);
      assert.equal(it.doubts.at(-1), `unknown ${name}-${failure}`);
    }
});

test('an answer of the authority that got lost is no success and no failure', async () => {
  for (const [name, call] of [
    ['legacy', 'couchbase.upsert'],
    ['expand', 'couchbase.upsert'],
    ['settle', 'oracle.write'],
    ['contract', 'oracle.write'],
  ] as const) {
    it.phase = name;
    it.failing = new Map([[call, 'lost answer']]);
    const lost = await it.ask('PUT', 'k', { body: `"${name}"` });
    assert.deepEqual([lost.status, lost.headers['retry-after']], [503, '1']);
    it.failing = new Map();
    assert.equal((await it.ask('GET', 'k')).body, `"${name}"`);
  }
});

test('what Oracle can never hold is refused before anything is written, but in legacy, and where the collection accepts it in expand', async () => {
  for (const unstorable of UNSTORABLE)
    for (const name of PHASES) {
      it.phase = name;
      it.unstorable = unstorable;
      it.called = [];
      const key = `unfit-${name}`;
      const { status, problem } = await it.ask('PUT', key, { body: '1' });
      const taken = name === 'legacy' || (name === 'expand' && unstorable === 'accept');
      assert.equal(status, taken ? 204 : 422, name);
      if (taken) continue;
      assert.match(problem?.detail ?? '', /it does not fit/);
      assert.deepEqual([it.called, it.sent.filter((each) => each.key === key)], [[], []]);
      const { status: all, body } = await it.batch(
        `{"writes":[{"key":"${key}","put":1},{"key":"fit","put":1}]}`,
      );
      const { results } = JSON.parse(body) as { results: readonly { status: number }[] };
      assert.deepEqual([all, ...results.map((each) => each.status)], [207, 422, 204], name);
    }
});

test('a write that Couchbase cannot make durable is refused with a code of its own, where nothing was written', async () => {
  for (const [name, call, method] of [
    ['legacy', 'couchbase.upsert', 'PUT'],
    ['legacy', 'couchbase.remove', 'DELETE'],
    ['expand', 'couchbase.upsert', 'PUT'],
    ['seal', 'couchbase.swap', 'PUT'],
    ['switch', 'couchbase.swap', 'PUT'],
  ] as const) {
    it.phase = name;
    it.failing = new Map([[call, 'undurable']]);
    const { status, headers, problem } = await it.ask(method, `fresh-${name}`, { body: '1' });
    assert.deepEqual([status, headers['retry-after']], [503, '1'], name);
    assert.match(problem?.type ?? '', /durability-impossible/, name);
    assert.match(problem?.detail ?? '', /Nothing was written/);
    assert.equal(it.doubts.at(-1), `unavailable fresh-${name}`);
  }
});

test('a write that Couchbase cannot make durable is in doubt where Oracle has it and nobody knows of its receipt', async () => {
  it.phase = 'settle';
  it.failing = new Map([['couchbase.swap', 'undurable']]);
  assert.equal((await it.ask('PUT', 'k', { body: '3' })).status, 204);
  it.queueIsAway = true;
  const undelivered = await it.ask('PUT', 'k', { body: '4' });
  assert.match(undelivered.problem?.type ?? '', /outcome-unknown/);
});

test('a read of a store that is away says so, and changes nothing', async () => {
  it.failing = new Map([['couchbase.read', 'away']]);
  const { status, headers, problem } = await it.ask('GET', 'k');
  assert.deepEqual([status, headers['retry-after']], [503, '1']);
  assert.match(problem?.detail ?? '', /Nothing was written/);
});

test('a request that has no time left begins no call that could outlive it', async () => {
  it.remaining = 5_000;
  for (const name of PHASES) {
    it.phase = name;
    const { status } = await it.ask('PUT', 'k', { body: '1' });
    assert.equal(status, 503);
  }
  assert.deepEqual(it.called, []);
});

test('without a phase nothing is read or written', async () => {
  it.phaseIsAway = true;
  for (const method of ['GET', 'PUT', 'DELETE'] as const) {
    const { status, problem } = await it.ask(method, 'k', { body: '1' });
    assert.equal(status, 503);
    assert.match(problem?.type ?? '', /phase-unknown/);
  }
  assert.deepEqual(it.called, []);
});

test('a bug is no acknowledgement, and operators get to see it', async () => {
  it.failing = new Map([['couchbase.upsert', 'bug']]);
  const { status, problem } = await it.ask('PUT', 'k', { body: '1' });
  assert.equal(status, 500);
  assert.match(problem?.detail ?? '', /may or may not/);
  assert.ok(it.failures[0] instanceof TypeError);
});

test('a receipt tells who has written, in expand alone; where what Oracle can never take is accepted, operators are told a digest', async () => {
  const claims = { iss: 'https://issuer.example', sub: 'shop' };
  for (const unstorable of UNSTORABLE)
    for (const name of PHASES) {
      it.phase = name;
      it.unstorable = unstorable;
      it.sent = [];
      it.lines = [];
      for (const key of ['fit', 'unfit']) await it.ask('PUT', `${key}-${name}`, { body: '1', claims });
      const tells = name === 'expand';
      const callers = new Set(it.sent.map(({ caller }) => caller));
      assert.deepEqual(
        [...callers].some((caller) => caller !== undefined),
        tells,
        name,
      );
      if (!tells) continue;
      assert.deepEqual([...callers], [callerOf(claims)]);
      if (unstorable === 'refuse') continue;
      assert.deepEqual(it.lines, [`unstorable unfit-expand of ${digestIn(callerOf(claims))}`]);
    }
});
