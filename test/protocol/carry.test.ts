/** What becomes of a state that is carried from Couchbase to Oracle, where either has gone on meanwhile. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Call, CallFailed, perform, type Reply } from '../../functions/protocol/call.ts';
import { ATTEMPTS, carry, remind } from '../../functions/protocol/carry.ts';
import { UNCONDITIONAL } from '../../functions/protocol/condition.ts';
import type { CouchbaseState, OracleState } from '../../functions/protocol/state.ts';
import { write } from '../../functions/protocol/write.ts';
import { documentOf } from '../model/documents.ts';
import type { World } from '../model/world.ts';
import { callsOf, copied, handed, plain, row } from './calls.ts';
import { Stores } from './stores.ts';

/** A plain write, as it was seen in Couchbase. */
const SEEN: CouchbaseState = { content: documentOf('o'), version: 5000n, cas: 5000n };
const carried = (world: Partial<World>) => callsOf(carry(SEEN), world, ({ kind }) => kind);

for (const [what, world, calls] of [
  ['Oracle takes it', { ...plain('o'), ...row('a', 4000n) }, 'O copy o 5000 -> carried'],
  ['Oracle has it', { ...plain('o'), ...row('o', 5000n) }, 'O copy o 5000, O? -> carried'],
  ['Oracle orders the key', { ...plain('o'), ...handed('z', 6000n) }, 'O copy o 5000, O? -> handed off'],
  ['Couchbase began anew above it', row('a', 4000n, { handback: 5001n }), 'O copy o 5000, O? -> undone'],
  [
    'Couchbase began anew with it, and Oracle never had it',
    row('a', 4000n, { handback: 5000n }),
    'O copy o 5000, O?, C? -> undone',
  ],
  [
    'Couchbase began anew with it, Oracle never had it, and it is there',
    { ...plain('o'), ...row('a', 4000n, { handback: 5000n }) },
    'O copy o 5000, O?, C?, O?, aside o (couchbase forgot), C=a 4000 -> undone',
  ],
  [
    'Couchbase began anew with it, Oracle had it, and it has expired in both',
    row(null, 5000n, { handback: 5000n }),
    'O copy o 5000, O?, C? -> carried',
  ],
  [
    'Couchbase began anew with it, and Oracle has something later',
    row('z', 6000n, { handback: 5000n }),
    'O copy o 5000, O?, C? -> carried',
  ],
  ['it has gone since', row('z', 6000n), 'O copy o 5000, O?, C? -> carried'],
  [
    'a placeholder stands there since',
    { ...copied(null, 0n), ...row('z', 6000n) },
    'O copy o 5000, O?, C? -> carried',
  ],
  [
    'another was put over it since',
    { ...plain('q', 7000n), ...row('p', 6000n) },
    'O copy o 5000, O?, C?, O copy q 7000, O? -> carried',
  ],
  [
    'what came after it has expired, and an outdated copy came then',
    { ...copied('a', 4000n), ...row('p', 7000n) },
    'O copy o 5000, O?, C? -> carried',
  ],
  [
    'Couchbase has forgotten what came after it',
    { ...plain('o'), ...row('z', 6000n) },
    'O copy o 5000, O?, C?, O?, aside o (couchbase forgot), C=z 6000 -> undone',
  ],
  [
    'Couchbase has forgotten that the same was written again',
    { ...plain('o'), ...row('o', 6000n) },
    'O copy o 5000, O?, C?, O?, C=o 6000 -> undone',
  ],
] as const)
  test(`a state is carried: ${what}`, async () => {
    assert.equal(await carried(world), calls);
  });

test('of a write of its own a process cannot tell what became of it, where Couchbase began anew with it', async () => {
  const began = { ...plain('o'), ...row('o', 5000n, { handback: 5000n }) };
  assert.equal(
    await callsOf(carry(SEEN, { over: null }), began, ({ kind }) => kind),
    'O copy o 5000, O? -> undone',
  );
  assert.equal(await carried(began), 'O copy o 5000, O? -> carried');
});

const A = documentOf('a');
/** Of a write that expires, and of one that does not, what becomes of it where another one came after it. */
for (const [what, digest, over, after, calls] of [
  ['expires, and what it was put over is there', 'B', A, 'a', 'O copy B 5000, O?, C? -> undone'],
  ['stays', 'o', A, 'a', 'O copy o 5000, O?, C?, O copy a 7000, O? -> carried'],
  ['expires, and another is there', 'B', A, 'c', 'O copy B 5000, O?, C?, O copy c 7000, O? -> carried'],
  [
    'expires, and was put over nothing',
    'B',
    null,
    'a',
    'O copy B 5000, O?, C?, O copy a 7000, O? -> carried',
  ],
  ['expires, and was deleted', 'B', A, null, 'O copy B 5000, O?, C?, O copy nothing 7000, O? -> carried'],
] as const)
  test(`a write of its own that ${what}`, async () => {
    const seen = { content: documentOf(digest), version: 5000n, cas: 5000n };
    const world = { ...copied(after, 7000n, 7000n), ...row(after, 7000n) };
    assert.equal(await callsOf(carry(seen, { over }), world, ({ kind }) => kind), calls);
  });

for (const [phase, kind] of [
  ['seal', 'done'],
  ['switch', 'unknown'],
] as const)
  test(`${phase}: a write that expires, and what it was put over was written again: ${kind}`, async () => {
    const stores = new Stores({ ...plain('a'), ...row('a', 5000n) });
    const request = { content: documentOf('B'), condition: UNCONDITIONAL };
    const outcome = await perform(write(phase, request), async (call) => {
      const reply = await stores.port(call);
      if (call.name === 'couchbase.swap')
        stores.world = { ...stores.world, ...plain('a', 20_000n), xattr: null, ...row('a', 20_000n) };
      return reply;
    });
    assert.equal(outcome.kind, kind);
  });

/** A port whose row is another at each look; Oracle takes the copies of these turns. */
function changing(rows: readonly OracleState[], taken: readonly boolean[], current: CouchbaseState = SEEN) {
  const calls: Call[] = [];
  const port = async (call: Call): Promise<Reply> => {
    const before = calls.filter(({ name }) => name === call.name).length;
    calls.push(call);
    if (call.name === 'oracle.apply') return taken[before] ?? false;
    if (call.name === 'oracle.read') return rows[Math.min(before, rows.length - 1)] ?? assert.fail();
    return call.name === 'couchbase.read' ? current : assert.fail(call.name);
  };
  return { calls, port, count: (name: Call['name']) => calls.filter((call) => call.name === name).length };
}

test('an Oracle that has fallen back since it refused a state is given it once more', async () => {
  const { port, count } = changing([row('a', 4000n).row], [false, true]);
  assert.deepEqual(await perform(carry(SEEN), port), { kind: 'carried' });
  assert.deepEqual([count('oracle.apply'), count('couchbase.read')], [2, 0]);
});

test('what Oracle took is carried, though something later is there at the next look', async () => {
  const current = { content: documentOf('q'), version: 7000n, cas: 7000n };
  const { port, count } = changing([row('p', 6000n).row, row('r', 8000n).row], [false, true], current);
  assert.deepEqual(await perform(carry(SEEN), port), { kind: 'carried' });
  assert.equal(count('couchbase.read'), 1);
});

test('a state that Oracle refuses again and again, though it has nothing later, is left to its receipt', async () => {
  const { port, count } = changing([row('a', 4000n).row], []);
  const told = (error: unknown) => error instanceof CallFailed && error.name === 'CallFailed';
  await assert.rejects(perform(carry(SEEN), port), told);
  assert.equal(count('oracle.apply'), ATTEMPTS);
});

for (const [what, oracle] of [
  ['orders the key by now', handed('z', 6000n).row],
  ['has fallen back behind it', row('z', 4999n).row],
  ['holds the same', row('o', 5000n).row],
] as const)
  test(`nothing is given to Couchbase where Oracle ${what}`, async () => {
    const stores = new Stores({ ...plain('o'), row: oracle });
    await perform(remind(SEEN), stores.port);
    assert.deepEqual(stores.calls, ['oracle.read']);
  });
