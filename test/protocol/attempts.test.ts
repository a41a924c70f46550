/** Operations that meet a change of others in each of their rounds: they end after as many as they have, and say so. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Call, CallFailed, perform, type Reply } from '../../functions/protocol/call.ts';
import { ATTEMPTS } from '../../functions/protocol/carry.ts';
import { UNCONDITIONAL } from '../../functions/protocol/condition.ts';
import { converge } from '../../functions/protocol/converge.ts';
import type { Phase } from '../../functions/protocol/phase.ts';
import { read } from '../../functions/protocol/read.ts';
import type { CouchbaseState, OracleState } from '../../functions/protocol/state.ts';
import { write } from '../../functions/protocol/write.ts';
import { documentOf } from '../model/documents.ts';

const NONE: OracleState = { content: null, version: 0n, handoff: null, handback: 0n };
const ROW: OracleState = { ...NONE, content: documentOf('row'), version: 3n };
/** Ordered by Oracle. */
const ORDERED: OracleState = { ...ROW, handoff: 2n };
const HELD: CouchbaseState = { content: documentOf('held'), version: 5n, cas: 5n };

/** A port that counts calls, and answers each by its name. */
function portOf(replies: Partial<Record<Call['name'], (n: number) => Reply>>) {
  const counts = new Map<string, number>();
  const port = async ({ name }: Call): Promise<Reply> => {
    const n = (counts.get(name) ?? 0) + 1;
    counts.set(name, n);
    if (n > 100) throw new Error(`There is no end of ${name}`);
    if (name.startsWith('receipt')) return name === 'receipt.sent' ? true : null;
    return (replies[name] ?? assert.fail(`${name} is not expected`))(n);
  };
  return { counts, port };
}
const put = (phase: Phase, port: (call: Call) => Promise<Reply>) =>
  perform(write(phase, { content: documentOf('new'), condition: UNCONDITIONAL }), port);

for (const phase of ['legacy', 'expand'] as const)
  test(`${phase}: a conditional write that others overtake each time is unknown`, async () => {
    const { counts, port } = portOf({
      'couchbase.read': () => ({ content: null, version: 0n, cas: 0n }),
      'couchbase.swap': () => null,
    });
    const created = write(phase, { content: documentOf('new'), condition: { kind: 'absent' } });
    assert.equal((await perform(created, port)).kind, 'unknown');
    assert.equal(counts.get('couchbase.swap'), ATTEMPTS);
  });

test('contract: the creation of a document that was deleted just now is tried again', async () => {
  const { counts, port } = portOf({
    'oracle.write': (n) => (n === 1 ? null : 9n),
    'oracle.read': () => ({ ...ORDERED, content: null }),
  });
  const created = write('contract', { content: documentOf('new'), condition: { kind: 'absent' } });
  assert.deepEqual(await perform(created, port), { kind: 'done', version: 9n });
  assert.equal(counts.get('oracle.write'), 2);
});

test('a write of Oracle that others overtake each time is unknown', async () => {
  const { counts, port } = portOf({ 'oracle.write': () => null, 'oracle.read': () => ROW });
  assert.equal((await put('contract', port)).kind, 'unknown');
  assert.equal(counts.get('oracle.write'), ATTEMPTS);
});

test('a write of a key whose order changes each time it is looked at is unknown', async () => {
  const { counts, port } = portOf({
    'oracle.write': () => null,
    'oracle.read': (n) => (n % 2 === 1 ? ORDERED : ROW),
  });
  assert.equal((await put('switch', port)).kind, 'unknown');
  assert.equal(counts.get('oracle.write'), ATTEMPTS);
});

test('a write that Couchbase has, and whose order changes each time Oracle is to take it, is unknown', async () => {
  const { counts, port } = portOf({
    'couchbase.read': () => HELD,
    'couchbase.swap': () => 9n,
    'couchbase.upsert': () => 9n,
    'oracle.apply': () => false,
    'oracle.write': () => null,
    'oracle.read': (n) => (n % 2 === 1 ? NONE : ORDERED),
  });
  assert.equal((await put('switch', port)).kind, 'unknown');
  assert.equal(counts.get('oracle.apply'), ATTEMPTS);
});

test('a write of Oracle that Couchbase does not take is done once its receipt is sent', async () => {
  const { counts, port } = portOf({
    'oracle.write': () => 9n,
    'couchbase.read': () => ({ ...HELD, version: 3n }),
    'couchbase.swap': () => null,
  });
  assert.deepEqual(await put('settle', port), { kind: 'done', version: 9n });
  assert.deepEqual([counts.get('couchbase.swap'), counts.get('receipt.sent')], [ATTEMPTS, 1]);
});

test('a repair that meets a change at each look leaves the key to its next delivery', async () => {
  const { counts, port } = portOf({
    'couchbase.read': () => HELD,
    'oracle.read': () => ROW,
    'oracle.apply': () => false,
  });
  assert.deepEqual(await perform(converge('expand', 0n), port), { kind: 'busy' });
  assert.equal(counts.get('oracle.apply'), ATTEMPTS);
});

test('a read of what changes at each look fails', async () => {
  const { counts, port } = portOf({
    'couchbase.read': () => ({ ...HELD, content: { ...documentOf('held'), expiresAt: 4_000_000_000_000 } }),
    'oracle.read': () => NONE,
    'oracle.apply': () => true,
  });
  await assert.rejects(
    perform(read('seal'), port),
    (error) => error instanceof CallFailed && error.message === `A read met ${ATTEMPTS} changes in a row`,
  );
  assert.equal(counts.get('couchbase.read'), ATTEMPTS);
});

test('the deletion of what Oracle orders, and has as deleted, changes nothing and tells Couchbase nothing', async () => {
  const { counts, port } = portOf({
    'oracle.write': () => null,
    'oracle.read': () => ({ ...ORDERED, content: null }),
  });
  const removal = write('switch', { content: null, condition: UNCONDITIONAL });
  assert.deepEqual(await perform(removal, port), { kind: 'done', version: 3n });
  assert.equal(counts.get('oracle.write'), 1);
});
