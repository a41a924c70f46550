/** What a deletion leaves behind, as the driver reads it. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Collection, DocumentNotFoundError, LookupInSpec, MutateInSpec } from 'couchbase';
import type { Running } from '../../../infra/local/servers/couchbase/start.ts';
import { type TestCluster, testCluster } from '../../stores/couchbase/cluster.ts';

let cluster: TestCluster;
let collection: Collection;
let server: Running;
before(async () => {
  cluster = await testCluster();
  collection = cluster.collection;
  server = cluster.server as Running;
});
after(() => cluster.stop());

const foreign = process.env.COUCHBASE_URL === undefined ? false : 'a clock that is not ours';
// The driver takes this option; its types do not tell.
const DELETED_TOO = { accessDeleted: true } as never;
const attribute = (path: string) => LookupInSpec.get(path, { xattr: true });

async function seen(key: string) {
  const { content, cas } = await collection.lookupIn(key, [attribute('$document')], DELETED_TOO);
  return { ...content[0]?.value, cas: cas.toString() };
}

const hexadecimal = (digits: string | number) => `0x${BigInt(digits).toString(16).padStart(16, '0')}`;

test('a removal leaves a tombstone with its own CAS, sequence number and revision', async () => {
  const created = await collection.insert('removed', { n: 1 });
  const before = await seen('removed');
  await collection.replace('removed', { n: 2 });
  const { cas, token } = await collection.remove('removed');
  assert.ok(token);
  const { sequence_number, partition_uuid } = token.toJSON();
  const tombstone = await seen('removed');
  assert.equal(before.CAS, hexadecimal(created.cas.toString()));
  assert.equal(tombstone.cas, cas.toString());
  assert.deepEqual(
    [before.deleted, before.datatype, tombstone.deleted, tombstone.datatype, tombstone.value_bytes],
    [false, ['json'], true, ['raw'], 0],
  );
  assert.equal(tombstone.seqno, hexadecimal(sequence_number));
  assert.equal(tombstone.vbucket_uuid, hexadecimal(partition_uuid));
  assert.equal(BigInt(tombstone.revid), BigInt(before.revid) + 2n);
  assert.ok(Math.abs(tombstone.exptime - Date.now() / 1000) < 100, 'it tells when it was deleted');
  await assert.rejects(collection.lookupIn('removed', [attribute('$document')]), DocumentNotFoundError);
  assert.equal((await collection.exists('removed')).exists, false);
});

test('an expiry leaves one too, once it is found out', { skip: foreign }, async () => {
  await collection.insert('expiring', 1, { expiry: new Date(Date.now() + 60_000) });
  const { revid } = await seen('expiring');
  await server.jump(61_000);
  const tombstone = await seen('expiring');
  await server.calm();
  assert.deepEqual([tombstone.deleted, BigInt(tombstone.revid)], [true, BigInt(revid) + 1n]);
});

test('a key that never was has no tombstone', async () => {
  await assert.rejects(
    collection.lookupIn('never', [attribute('$document')], DELETED_TOO),
    DocumentNotFoundError,
  );
});

test('system attributes stay on the tombstone until the next write, user attributes and the body do not', async () => {
  // A lookup takes attributes of one name only.
  const looked = async (...specs: LookupInSpec[]) =>
    (await collection.lookupIn('attributes', specs, DELETED_TOO)).content.map(
      ({ value, error }) => value ?? error?.name,
    );
  const all = async () => [
    ...(await looked(attribute('_system'), LookupInSpec.get(''))),
    ...(await looked(attribute('user'))),
    ...(await looked(LookupInSpec.get('n'))),
  ];
  await collection.insert('attributes', { n: 1 });
  await collection.mutateIn('attributes', [MutateInSpec.upsert('_system', 1, { xattr: true })]);
  await collection.mutateIn('attributes', [MutateInSpec.upsert('user', 2, { xattr: true })]);
  assert.deepEqual(await all(), [1, { n: 1 }, 2, 1]);
  await collection.remove('attributes');
  assert.deepEqual(await all(), [1, 'PathNotFoundError', 'PathNotFoundError', 'DocumentNotJsonError']);
  await collection.insert('attributes', { n: 2 });
  assert.deepEqual(await all(), ['PathNotFoundError', { n: 2 }, 'PathNotFoundError', 2]);
});

test('revisions go on over a tombstone, and over one that was purged', { skip: foreign }, async () => {
  await collection.insert('again', 1);
  await collection.remove('again');
  const { revid: buried } = await seen('again');
  await collection.insert('again', 2);
  assert.equal(BigInt((await seen('again')).revid), BigInt(buried) + 1n);
  await collection.remove('again');
  const { revid: purged } = await seen('again');
  await server.purgeTombstones();
  await assert.rejects(seen('again'), DocumentNotFoundError);
  await collection.insert('again', 3);
  assert.ok(BigInt((await seen('again')).revid) > BigInt(purged));
});
