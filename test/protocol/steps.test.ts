import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Call, CallFailed, perform, type Reply } from '../../functions/protocol/call.ts';
import { type Condition, UNCONDITIONAL } from '../../functions/protocol/condition.ts';
import { converge } from '../../functions/protocol/converge.ts';
import { copy } from '../../functions/protocol/copy.ts';
import { PHASES, type Phase, ROUTES } from '../../functions/protocol/phase.ts';
import { read } from '../../functions/protocol/read.ts';
import { verify } from '../../functions/protocol/verify.ts';
import { write } from '../../functions/protocol/write.ts';
import { documentOf } from '../model/documents.ts';
import { expire } from '../model/expiry.ts';
import { EMPTY, execute, type World } from '../model/world.ts';

/** Both stores, reached as production reaches them: through a port of promises. */
class Stores {
  world: World = EMPTY;
  receipts = 0;
  down: 'couchbase' | 'oracle' | null = null;
  queueDown = false;

  readonly port = async (call: Call): Promise<Reply> => {
    if (call.name === 'receipt.send') {
      this.receipts++;
      return null;
    }
    if (call.name === 'receipt.sent') return !this.queueDown;
    if (this.down !== null && call.name.startsWith(this.down)) throw new CallFailed(`${this.down} is down`);
    const { world, reply } = execute(this.world, call, {});
    this.world = world;
    return reply;
  };

  put(phase: Phase, digest: string, condition = UNCONDITIONAL) {
    return perform(write(phase, { content: documentOf(digest), condition }), this.port);
  }

  remove(phase: Phase, condition: Condition = UNCONDITIONAL) {
    return perform(write(phase, { content: null, condition }), this.port);
  }

  async seen(phase: Phase): Promise<string | null> {
    return (await perform(read(phase), this.port)).content?.digest ?? null;
  }
}

for (const phase of PHASES) {
  const { first, second } = ROUTES[phase];

  test(`${phase}: what is written is read, and is in ${second === null ? `${first} alone` : 'both stores'}`, async () => {
    const stores = new Stores();
    assert.equal((await stores.put(phase, 'a')).kind, 'done');
    assert.equal(await stores.seen(phase), 'a');
    const { content, row } = stores.world;
    const held = { couchbase: content?.digest, oracle: row.content?.digest };
    assert.equal(held[first], 'a');
    assert.equal(held[first === 'oracle' ? 'couchbase' : 'oracle'], second === null ? undefined : 'a');
    assert.equal(stores.receipts, second === null ? 0 : 1);
  });

  test(`${phase}: what is deleted is gone, and both stores agree on it`, async () => {
    const stores = new Stores();
    await stores.put(phase, 'a');
    assert.equal((await stores.remove(phase)).kind, 'done');
    assert.equal((await stores.remove(phase)).kind, 'done');
    assert.equal(await stores.seen(phase), null);
    assert.notEqual(await perform(verify(phase), stores.port), 'differs');
  });

  test(`${phase}: a conditional write succeeds with the ETag that was read, once`, async () => {
    const stores = new Stores();
    assert.equal((await stores.put(phase, 'a', { kind: 'absent' })).kind, 'done');
    assert.equal((await stores.put(phase, 'b', { kind: 'absent' })).kind, 'refused');
    const { version } = await perform(read(phase), stores.port);
    const ifMatch: Condition = { kind: 'version', version };
    const written = await stores.put(phase, 'c', ifMatch);
    assert.equal(written.kind, 'done');
    assert.equal((await stores.put(phase, 'd', ifMatch)).kind, 'refused');
    assert.equal((await stores.remove(phase, ifMatch)).kind, 'refused');
    assert.equal(await stores.seen(phase), 'c');
    assert.equal((await perform(read(phase), stores.port)).version, 'version' in written && written.version);
  });

  test(`${phase}: with ${first} down a write is unknown, and with the other down it is ${second && ROUTES[phase].acknowledge === 'both' ? 'unknown' : 'done'}`, async () => {
    const stores = new Stores();
    stores.down = first;
    assert.equal((await stores.put(phase, 'a')).kind, 'unknown');
    stores.down = first === 'oracle' ? 'couchbase' : 'oracle';
    const expected = second && ROUTES[phase].acknowledge === 'both' ? 'unknown' : 'done';
    assert.equal((await stores.put(phase, 'a')).kind, expected);
  });
}

test('converge brings the follower after the authority in every phase with two stores', async () => {
  for (const phase of ['expand', 'settle'] as const) {
    const stores = new Stores();
    stores.down = ROUTES[phase].second;
    await stores.put(phase, 'a');
    stores.down = null;
    assert.equal(await perform(verify(phase), stores.port), 'differs');
    assert.deepEqual(await perform(converge(phase, 0n), stores.port), { kind: 'equal' });
    assert.equal(await perform(verify(phase), stores.port), 'equal');
    assert.equal(await stores.seen(phase), 'a');
  }
});

test('the marker of a deletion goes when its receipt comes back with its CAS, and not before', async () => {
  const stores = new Stores();
  await stores.put('seal', 'a');
  await stores.remove('seal');
  const marked = await perform(converge('seal', 0n), stores.port);
  assert.equal(marked.kind, 'marker');
  assert.notEqual(stores.world.cas, 0n);
  const cas = 'cas' in marked ? marked.cas : 0n;
  assert.deepEqual(await perform(converge('seal', cas), stores.port), { kind: 'equal' });
  assert.equal(stores.world.cas, 0n);
  assert.equal(await stores.seen('seal'), null);
});

test('a deletion that would leave a marker is not made while the queue cannot take the receipt that removes it', async () => {
  for (const phase of ['seal', 'switch'] as const) {
    const stores = new Stores();
    await stores.put(phase, 'a');
    stores.queueDown = true;
    assert.equal((await stores.remove(phase)).kind, 'unknown');
    assert.equal(await stores.seen(phase), 'a');
    assert.equal((await stores.put(phase, 'b')).kind, 'done');
    assert.equal(await stores.seen(phase), 'b');
  }
});

for (const who of ['a read', 'a refusal'])
  test(`${who} in seal tells nothing of a document whose time has come, which Oracle had not got before`, async () => {
    const stores = new Stores();
    const [older, mortal] = ['o', 'A'];
    await stores.put('seal', older);
    stores.down = 'oracle';
    await stores.put('expand', mortal);
    stores.down = null;
    let looks = 0;
    const late = async (call: Call) => {
      // 1. It finds the document in Couchbase. 2. The document expires. 3. Somebody reads Oracle: the older one. 4. It goes on.
      if (call.name !== 'couchbase.read' && looks === 1) {
        looks++;
        stores.world = expire(stores.world, mortal);
        assert.equal(await stores.seen('switch'), older);
      }
      if (call.name === 'couchbase.read') looks++;
      return stores.port(call);
    };
    if (who === 'a read') assert.equal((await perform(read('seal'), late)).content, null);
    else {
      const request = { content: documentOf('n'), condition: { kind: 'absent' } } as const;
      assert.equal((await perform(write('seal', request), late)).kind, 'done');
    }
    assert.equal(looks >= 3, true, 'it looks again');
  });

test('nothing in Couchbase and a document in Oracle: in seal it counts as deleted, and Oracle knows before anybody is answered', async () => {
  const stores = new Stores();
  await stores.put('seal', 'a');
  await stores.port({ name: 'couchbase.remove' });
  assert.equal(await stores.seen('seal'), null);
  assert.equal(stores.world.row.content, null);
  assert.equal(await stores.seen('switch'), null);
  assert.equal(stores.receipts, 2, 'the marker goes by a receipt');
});

test('nothing in Couchbase and a document in Oracle: in switch the row counts, and a condition holds for it', async () => {
  const stores = new Stores();
  const first = await stores.put('switch', 'a');
  assert.equal(first.kind, 'done');
  await stores.port({ name: 'couchbase.remove' });
  const same = { kind: 'version', version: 'version' in first ? first.version : 0n } as const;
  assert.equal((await stores.put('switch', 'b', { kind: 'absent' })).kind, 'refused');
  assert.equal((await stores.put('switch', 'b', same)).kind, 'done');
  assert.equal(await stores.seen('switch'), 'b');
  assert.equal(await perform(verify('switch'), stores.port), 'equal');
});

test('what was written over, and expired before Oracle had it, comes back with no copy that arrives late', async () => {
  const stores = new Stores();
  await stores.put('switch', 'a');
  // Written over, and gone again, by routers that stand still before they have told Oracle.
  const late = await stores.port({ name: 'couchbase.upsert', content: documentOf('b') });
  await stores.port({ name: 'couchbase.remove' });
  assert.deepEqual(await perform(converge('switch', 0n), stores.port), { kind: 'equal' });
  const version = late as bigint;
  assert.equal(await stores.port({ name: 'oracle.apply', content: documentOf('b'), version }), false);
  assert.equal(await stores.seen('switch'), 'a');
  assert.equal(await perform(verify('switch'), stores.port), 'equal');
});

test('a placeholder is nothing that could be copied', async () => {
  const stores = new Stores();
  await stores.port({ name: 'couchbase.swap', cas: 0n, content: null, version: 0n });
  assert.equal(await perform(copy(), stores.port), false);
  assert.equal(stores.world.row.version, 0n);
  assert.equal((await perform(converge('switch', 0n), stores.port)).kind, 'marker');
  assert.equal((await perform(converge('expand', 0n), stores.port)).kind, 'equal');
  assert.equal(stores.world.cas, 0n);
});

test('a walk forward and back through every phase keeps the document, in the store that is read', async () => {
  const stores = new Stores();
  const walk = [...PHASES, ...[...PHASES].reverse()];
  for (const [step, phase] of walk.entries()) {
    await perform(converge(phase, 0n), stores.port);
    if (step > 0) assert.equal(await stores.seen(phase), `${step - 1}`, `on entering ${phase}`);
    assert.equal((await stores.put(phase, `${step}`)).kind, 'done');
  }
});

test('under a clock that has fallen behind the versions in use, writes are answered and both stores agree', async () => {
  for (const phase of ['seal', 'switch'] as const) {
    const stores = new Stores();
    const row = { content: documentOf('a'), version: 900n, handoff: null, handback: 900n };
    const xattr = { version: 900n, cas: 50n };
    stores.world = { ...EMPTY, clock: 50n, content: documentOf('a'), cas: 50n, xattr, row };
    assert.equal((await stores.put(phase, 'b')).kind, 'done');
    assert.equal(await stores.seen(phase), 'b');
    assert.equal((await stores.remove(phase)).kind, 'done');
    assert.equal((await stores.put(phase, 'c', { kind: 'absent' })).kind, 'done');
    assert.equal(await perform(verify(phase), stores.port), 'equal');
    assert.equal(stores.world.row.content?.digest, 'c');
  }
});

test('a failure that is not the store’s goes through a step untouched', async () => {
  const broken = async (): Promise<Reply> => {
    throw new TypeError('a bug of ours');
  };
  await assert.rejects(
    perform(write('settle', { content: null, condition: UNCONDITIONAL }), broken),
    TypeError,
  );
});
