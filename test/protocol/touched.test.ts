/** What becomes of documents that others have touched in Couchbase: Oracle takes what is there, and nothing is written that they could answer. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { perform } from '../../functions/protocol/call.ts';
import { carry, push } from '../../functions/protocol/carry.ts';
import { UNCONDITIONAL } from '../../functions/protocol/condition.ts';
import { converge } from '../../functions/protocol/converge.ts';
import { documentFrom } from '../../functions/protocol/fingerprint.ts';
import type { Phase } from '../../functions/protocol/phase.ts';
import { read } from '../../functions/protocol/read.ts';
import type { CouchbaseState, OracleState } from '../../functions/protocol/state.ts';
import { isShortened, isTouched, raise, shorten } from '../../functions/protocol/touched.ts';
import { write } from '../../functions/protocol/write.ts';
import { documentOf, expiringAt } from '../model/documents.ts';
import { expire } from '../model/expiry.ts';
import type { World } from '../model/world.ts';
import { callsOf, copied, handed, plain, row, rowsOf } from './calls.ts';
import { Stores } from './stores.ts';

const O = documentOf('o');
/** The same with an expiry that nobody has asked for. */
const GIVEN = expiringAt(O, 3000);
/** It was given with the mutation itself, as by a bucket with a maximum TTL. */
const given = (world: Partial<World>) => ({ ...world, content: GIVEN });
/** A copy of the version, which somebody has touched since. */
const touched = (content: World['content'], version: bigint, cas = 8000n): Partial<World> => ({
  ...{ content, cas, xattr: { version, cas: cas - 100n } },
});
/** Oracle's row, with the expiry that Couchbase has given. */
const taken = (version: bigint): { readonly row: OracleState } => ({
  row: { ...row('o', version).row, content: GIVEN },
});

const STATES: Readonly<Record<string, Partial<World>>> = {
  'given an expiry, Couchbase orders it': { ...given(plain('o')), ...row('o', 5000n) },
  'a copy given an expiry, Oracle orders it': { ...given(copied('o', 5000n)), ...handed('o', 5000n) },
  'touched, Oracle orders it': { ...touched(O, 5000n), ...handed('o', 5000n) },
  'touched, without its attribute': { ...plain('o', 8000n), ...handed('o', 5000n) },
  'touched and given an expiry': { ...touched(GIVEN, 5000n), ...handed('o', 5000n) },
  'a marker touched': { ...touched(null, 5000n), ...handed(null, 5000n) },
  'touched and given an expiry, without its attribute': {
    ...given(plain('o', 8000n)),
    ...handed('o', 5000n),
  },
  'touched and given an expiry, and the row is younger': { ...touched(GIVEN, 4999n), ...handed('o', 5000n) },
  'touched and given an expiry a second time': {
    ...touched(expiringAt(O, 4000), 5000n, 9000n),
    row: { ...row('o', 8000n).row, content: GIVEN, handoff: 8000n, handback: 7999n },
  },
  'a later expiry in the same version': { ...plain('o'), ...taken(5000n) },
};

const REPAIRS = `
given an expiry, Couchbase orders it
  expand, seal, switch: O?, C?, O=o+3000 5000, O?, C? -> equal
  settle: C?, O?, O=o+3000 5000, C?, O? -> equal
a copy given an expiry, Oracle orders it
  expand: O?, C?, O=o+3000 5000 handoff 4000, O?, C?, O=o+3000 5000 handback 8000 -> equal
  seal, switch: O?, C?, O?, O=o+3000 5000 handoff 4000, O?, C?, O?, O=o+3000 5000 handback 8000 -> equal
  settle: C?, O?, O=o+3000 5000 handoff 4000, C?, O? -> equal
touched, Oracle orders it / touched, without its attribute
  expand: O?, C?, O=o 8000 handback 7999 -> equal
  seal, switch: O?, C?, O?, O=o 8000 handoff 4000, O?, C?, O?, O=o 8000 handback 8000 -> equal
  settle: C?, O?, O=o 8000 handoff 4000, C?, O? -> equal
touched and given an expiry
  expand: O?, C?, O=o+3000 8000 handback 7999 (taken back) -> equal
  seal, switch: O?, C?, O?, O=o+3000 8000 handoff 8000 handback 7999, O?, C?, O?, O=o+3000 8000 handback 8000 -> equal
  settle: C?, O?, O=o+3000 8000 handoff 8000 handback 7999, C?, O? -> equal
a marker touched
  seal, switch: O?, C?, O?, O=nothing 8000 handoff 4000, O?, C?, O?, O=nothing 8000 handback 8000, O?, C? -> marker
  settle: C?, O?, O=nothing 8000 handoff 4000, C?, O? -> marker
touched and given an expiry, without its attribute / touched and given an expiry, and the row is younger
  settle: C?, O?, aside o+3000 (past oracle), O=o 8001 handoff 4000, C?, O?, C=o 8001, C?, O? -> equal
touched and given an expiry a second time
  settle: C?, O?, O=o+4000 9000 handoff 9000 handback 8999, C?, O? -> equal
a later expiry in the same version
  expand, seal, switch: O?, C?, O?, C=o 5001, O?, C?, O copy o 5001 -> equal
  settle: C?, O?, O=o+3000 5001 handoff 5000, C?, O?, C=o+3000 5001, C?, O? -> equal
`;

for (const { state: states, cases } of rowsOf(REPAIRS))
  for (const state of states.split(' / '))
    test(`a repair: ${state}`, async () => {
      const world = STATES[state] ?? assert.fail();
      for (const [phase, calls] of cases)
        assert.equal(await callsOf(converge(phase as Phase, 0n), world, ({ kind }) => kind), calls, phase);
    });

test('a read in seal shows an expiry that Couchbase has given once Oracle has it, and spends no receipt on it', async () => {
  const answer = ({ content, version }: Pick<CouchbaseState, 'content' | 'version'>) =>
    `${content?.expiresAt} ${version}`;
  const world = STATES['given an expiry, Couchbase orders it'] ?? assert.fail();
  assert.equal(await callsOf(read('seal'), world, answer), 'C?, O?, O=o+3000 5000, C?, O? -> 3000 5000');
});

test('a write over a document that was given an expiry costs no call more, and its ETag holds', async () => {
  const request = {
    content: documentOf('w'),
    condition: { kind: 'version', version: 5000n },
  } as const;
  for (const phase of ['seal', 'switch'] as const) {
    const world = STATES['given an expiry, Couchbase orders it'] ?? assert.fail();
    const calls = await callsOf(write(phase, request), world, ({ kind }) => kind);
    assert.equal(calls, 'Q, O?, C?, C=w, O copy w 10100 -> done', phase);
  }
});

test('a write is carried though a repair has brought the expiry that it was given to Oracle first', async () => {
  const seen = { content: O, version: 5000n, cas: 5000n };
  const calls = await callsOf(carry(seen), { ...given(plain('o')), ...taken(5000n) }, ({ kind }) => kind);
  assert.equal(calls, 'O copy o 5000, O?, C? -> carried');
});

for (const [what, world, calls] of [
  ['was given an expiry', given(copied('o', 5000n)), 'C?, O?, O=o+3000 5000 handoff 4000 -> true'],
  ['was touched', touched(O, 5000n), 'C?, O?, O=o 8000 handoff 4000 -> true'],
  [
    'was touched and given an expiry',
    touched(GIVEN, 5000n),
    'C?, O?, O=o+3000 8000 handoff 8000 handback 7999 -> true',
  ],
] as const)
  test(`a copy is not pushed again where it ${what}`, async () => {
    assert.equal(await callsOf(push(O, 5000n, true), { ...world, ...handed('o', 5000n) }, String), calls);
  });

test('a write of the same body in switch is done once where a repair of settle takes its expiry', async () => {
  // 1. `switch` finds a copy of a key that Couchbase orders. 2. `settle` takes the key over. 3. `switch` puts the same body with another expiry over the
  // copy. 4. A repair of `settle` takes that expiry for a touch.
  const alike = documentOf('α');
  const stores = new Stores({
    ...{ content: alike, cas: 8000n, xattr: { version: 5000n, cas: 8000n } },
    row: { content: alike, version: 5000n, handoff: null, handback: 8000n },
  });
  const request = {
    content: documentOf('β'),
    condition: { kind: 'version', version: 5000n },
  } as const;
  const outcome = await perform(write('switch', request), async (call) => {
    const reply = await stores.port(call);
    if (call.name !== 'couchbase.swap') return reply;
    stores.world = { ...stores.world, row: { ...stores.world.row, handoff: 5000n } };
    await stores.converge('settle');
    return reply;
  });
  const { row: now, cas } = stores.world;
  assert.deepEqual(outcome, { kind: 'done', version: cas });
  assert.deepEqual([now.content?.digest, now.version, now.handoff, now.handback], ['β', cas, cas, cas - 1n]);
  assert.equal(stores.calls.includes('oracle.write'), false);
});

test('a repair does not write back a row that was given an expiry since it was read', async () => {
  // 1. A repair in `switch` reads the row, and a placeholder. 2. A read in `seal`, which has seen the copy before, takes the expiry that the bucket has given.
  // 3. Its time comes. 4. The repair notes the placeholder in the row.
  const of = { ...copied(null, 0n), ...row('o', 5000n) };
  const stores = new Stores(of);
  const held = { content: GIVEN, version: 5000n, cas: 5000n };
  await stores.interrupted('switch', 'couchbase.read', async () => {
    assert.equal(await perform(shorten(held, of.row), stores.port), true);
    stores.world = expire(stores.world, GIVEN.digest);
  });
  assert.deepEqual([stores.world.row.content, stores.world.row.version], [null, 5000n]);
  assert.deepEqual([await stores.seen('switch'), await stores.seen('seal')], [null, null]);
});

test('a write is not answered where what it was put over is back, and looks like a write of now', async () => {
  const stores = new Stores(handed('o', 5000n));
  const [looked, late] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  // 1. A repair in `settle` finds nothing in Couchbase, and stands still. 2. The key is given back.
  const repair = perform(converge('settle', 0n), async (call) => {
    if (call.name !== 'couchbase.swap') return stores.port(call);
    looked.resolve();
    await late.promise;
    return stores.port(call);
  });
  await looked.promise;
  await stores.converge('switch');
  assert.equal(stores.world.row.handoff, null);
  const request = { content: documentOf('B'), condition: UNCONDITIONAL };
  const outcome = await perform(write('switch', request), async (call) => {
    const reply = await stores.port(call);
    if (call.name !== 'couchbase.swap') return reply;
    // 3. B is put over it. 4. Its time comes before Oracle has it. 5. The repair puts back what it has read.
    stores.world = expire(stores.world, 'B');
    late.resolve();
    await repair;
    assert.equal(stores.world.content?.digest, 'o');
    // 6. Somebody touches that, and Oracle takes it.
    const cas = stores.world.clock + 100n;
    stores.world = { ...stores.world, cas, clock: cas };
    await stores.converge('switch');
    assert.equal(stores.world.row.version, cas);
    return reply;
  });
  assert.deepEqual(outcome, { kind: 'unknown' });
});

test('bodies are the same in any spelling, and a touch leaves the request that wrote them known', async () => {
  const [asked, found] = [
    documentFrom(Buffer.from('{"a":1,"b":2}'), null, 'r'),
    documentFrom(Buffer.from('{ "b": 2, "a": 1.0 }'), 9000),
  ];
  const held: CouchbaseState = { content: found, version: 5000n, cas: 5000n };
  const from: OracleState = { content: asked, version: 5000n, handoff: 4000n, handback: 0n };
  assert.equal(isShortened(held, from), true);
  assert.equal(isShortened({ ...held, content: documentFrom(Buffer.from('{"a":2}'), 9000) }, from), false);
  const later: CouchbaseState = { ...held, version: 8000n, cas: 8000n, attribute: 5000n };
  assert.equal(isTouched(later, from), true);
  for (const steps of [shorten(held, from), raise(later, from)]) {
    const asks = steps.next().value;
    assert.ok(typeof asks === 'object' && asks.name === 'oracle.swap');
    const { content } = asks.to;
    assert.deepEqual([content?.request, content?.expiresAt, content?.body], ['r', 9000, found.body]);
  }
});
