import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { CallFailed } from '../../functions/protocol/call.ts';
import { type Change, settle } from '../../functions/reconciliation/settle.ts';
import type { Receipt } from '../../functions/stores/receipt.ts';
import { document } from '../stores/contract/subject.ts';
import { Reference } from '../stores/reference.ts';

let stores: Reference;
let sent: Receipt[];
let queueIsAway: boolean;
beforeEach(() => {
  stores = new Reference(() => 0);
  [sent, queueIsAway] = [[], false];
});

const send = async (receipt: Receipt) => {
  if (!queueIsAway) sent.push(receipt);
  return !queueIsAway;
};
const receipt = (expired = 0n): Receipt => ({
  ...{ collection: 'orders', key: 'k', phase: 'seal', expired },
  cause: expired === 0n ? 'write' : 'marker',
});
const handle = (given: Receipt, timely = true) => settle(given, 'seal', stores, send, () => timely);

test('a write that only the authority has is given to the follower', async () => {
  await stores.couchbase.upsert('k', { content: document('1') });
  assert.equal(await handle(receipt()), 'settled');
  assert.equal((await stores.oracle.read('k', {})).content?.digest, document('1').digest);
  assert.deepEqual(sent, []);
});

test('a marker is left for a bake: a second receipt removes it', async () => {
  await stores.couchbase.swap('k', { cas: 0n, content: null, version: null });
  assert.equal(await handle(receipt()), 'settled');
  const marker = await stores.couchbase.read('k', {});
  assert.deepEqual(sent, [receipt(marker.cas)]);
  assert.equal(await handle(sent[0] as Receipt), 'settled');
  assert.equal((await stores.couchbase.read('k', {})).cas, 0n);
});

test('a marker whose receipt cannot be sent is looked at again', async () => {
  await stores.couchbase.swap('k', { cas: 0n, content: null, version: null });
  queueIsAway = true;
  await assert.rejects(handle(receipt()), CallFailed);
});

test('without time left nothing is begun, and the receipt comes again', async () => {
  await stores.couchbase.upsert('k', { content: document('1') });
  await assert.rejects(handle(receipt(), false), /No time is left/);
  assert.equal((await stores.oracle.read('k', {})).content, null);
});

test('a key that is given back is no repair, since both stores hold what they held', async () => {
  const [content, changes] = [document('1'), [] as Change[]];
  const condition = { kind: 'none' } as const;
  const version = await stores.oracle.write('k', { content, condition, handedOff: false });
  await stores.couchbase.swap('k', { cas: 0n, content, version: version as bigint });
  const settled = await settle(
    receipt(),
    'switch',
    stores,
    send,
    () => true,
    (change) => changes.push(change),
  );
  assert.equal(settled, 'settled');
  assert.equal((await stores.oracle.read('k', {})).handoff, null);
  assert.deepEqual(changes, []);
});

test('a row of what Couchbase has not is brought to that, and told with both of its versions', async () => {
  await stores.oracle.apply('k', { content: document('1'), version: 7n });
  const changes: Change[] = [];
  await settle(
    receipt(),
    'expand',
    stores,
    send,
    () => true,
    (change) => changes.push(change),
  );
  const { content, version } = await stores.oracle.read('k', {});
  assert.equal(content, null);
  assert.deepEqual(changes.at(-1), {
    ...{ store: 'oracle', version, what: `Oracle’s row went from version 7 to ${version}` },
  });
});
