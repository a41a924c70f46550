/** What a row held that SQL has changed is set aside before Couchbase's document takes its place, or nothing is written. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CallFailed, perform } from '../../functions/protocol/call.ts';
import { converge } from '../../functions/protocol/converge.ts';
import type { CouchbaseState, OracleState } from '../../functions/protocol/state.ts';
import { isChanged, type KeepsChanged, keepingChanged } from '../../functions/stores/changed_by_sql.ts';
import { portOf } from '../../functions/stores/port.ts';
import { document } from './contract/subject.ts';
import { Reference } from './reference.ts';

const HELD: CouchbaseState = { content: document('"ours"'), version: 5n, cas: 5n };
const ROW: OracleState = { content: document('"theirs"'), version: 5n, handoff: null, handback: 0n };

test('one version with two documents is a change by SQL, where Couchbase orders the key', () => {
  assert.equal(isChanged(HELD, ROW), true);
  assert.equal(isChanged(HELD, { ...ROW, content: null }), true);
  assert.equal(isChanged({ ...HELD, content: null }, ROW), true);
  assert.equal(isChanged(HELD, { ...ROW, content: document('"ours"', 9000) }), true, 'an earlier expiry');
  for (const [held, row, why] of [
    [HELD, { ...ROW, content: HELD.content }, 'both agree'],
    [HELD, { ...ROW, version: 6n }, 'another version'],
    [HELD, { ...ROW, handoff: 4n }, 'Oracle orders the key'],
    [{ ...HELD, version: 0n }, { ...ROW, version: 0n }, 'there is no row'],
    [{ ...HELD, content: document('"theirs"', 9000) }, ROW, 'a bucket gives an earlier expiry'],
  ] as const)
    assert.equal(isChanged(held, row), false, why);
});

/** Stores of a key whose row SQL has changed, and a repair of it in `seal`. */
async function changed(keeps: KeepsChanged, timely = () => true) {
  const stores = new Reference(() => 0);
  const cas = await stores.couchbase.upsert('k', { content: document('"ours"') });
  await stores.oracle.apply('k', { content: document('"theirs"'), version: cas });
  const port = keepingChanged('k', keeps, portOf('k', stores), timely);
  const repair = () => perform(converge('seal', 0n), port);
  const texts = async () =>
    [await stores.couchbase.read('k', {}), await stores.oracle.read('k', {})].map(({ content }) =>
      content === null ? null : Buffer.from(content.body).toString(),
    );
  return { repair, texts, cas };
}

test('a repair sets it aside once, with its version and what replaces it', async () => {
  const kept: unknown[] = [];
  const keepChanged: KeepsChanged['keepChanged'] = async (key, { version, content }, by) =>
    kept.push([key, version, content?.digest, by?.digest]);
  const it = await changed({ keepChanged });
  await it.repair();
  assert.deepEqual(kept, [['k', it.cas, document('"theirs"').digest, document('"ours"').digest]]);
  assert.deepEqual(await it.texts(), ['"ours"', '"ours"']);
  await it.repair();
  assert.equal(kept.length, 1);
});

test('where it cannot be set aside, or no time is left after it, nothing is written', async () => {
  const failing = await changed({ keepChanged: () => Promise.reject(new CallFailed('Oracle is away')) });
  await assert.rejects(failing.repair(), /Oracle is away/);
  let kept = 0;
  const late = await changed({ keepChanged: async () => ++kept }, () => false);
  await assert.rejects(late.repair(), /No time is left for couchbase\.swap/);
  for (const it of [failing, late]) assert.deepEqual(await it.texts(), ['"ours"', '"theirs"']);
  assert.equal(kept, 1);
});

test('stores of a model, whose rows nobody changes by SQL, are asked for nothing more', () => {
  const port = portOf('k', new Reference(() => 0));
  assert.equal(
    keepingChanged('k', {}, port, () => true),
    port,
  );
});
