import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import {
  type Collection,
  DocumentExistsError,
  DocumentNotFoundError,
  LookupInMacro,
  LookupInSpec,
  MutateInMacro,
  MutateInSpec,
  StoreSemantics,
} from 'couchbase';
import { crc32c } from '../../../infra/local/servers/couchbase/crc32c.ts';
import { type TestCluster, testCluster } from '../../stores/couchbase/cluster.ts';
import { ENCRYPTED, encrypted } from './encrypted.ts';

let cluster: TestCluster;
let collection: Collection;

before(async () => {
  cluster = await testCluster({ tls: ENCRYPTED });
  collection = cluster.collection;
});
after(() => cluster.stop());

test('an xattr keeps what the server alone knows of a mutation: CAS, sequence number, checksum', async () => {
  await collection.upsert('macros', { n: 1 });
  const { cas } = await collection.mutateIn('macros', [
    MutateInSpec.upsert('x.cas', MutateInMacro.Cas, { createPath: true }),
    MutateInSpec.upsert('x.seqno', MutateInMacro.SeqNo, { createPath: true }),
    MutateInSpec.upsert('x.crc', MutateInMacro.ValueCrc32c, { createPath: true }),
    MutateInSpec.upsert('n', 2),
  ]);
  const { content } = await collection.lookupIn('macros', [
    LookupInSpec.get('x', { xattr: true }),
    LookupInSpec.get(LookupInMacro.SeqNo),
    LookupInSpec.get(LookupInMacro.Cas),
  ]);
  const [x, seqno, macroCas] = content.map(({ value }) => value);
  assert.equal(Buffer.from(x.cas.slice(2), 'hex').readBigUInt64LE(), BigInt(cas.toString()));
  assert.equal(x.seqno, seqno);
  assert.equal(BigInt(macroCas), BigInt(cas.toString()));
  assert.equal(Number(x.crc), crc32c(Buffer.from('{"n":2}')));
});

test('a plain write keeps user xattrs, a deletion drops them', async () => {
  const attribute = [LookupInSpec.get('mine', { xattr: true })];
  const stored = async () => (await collection.lookupIn('kept', attribute)).content[0]?.value;
  await collection.upsert('kept', 1);
  await collection.mutateIn('kept', [MutateInSpec.upsert('mine', 'x', { xattr: true })]);
  await collection.upsert('kept', 2);
  assert.equal(await stored(), 'x');
  await collection.remove('kept');
  await assert.rejects(collection.lookupIn('kept', attribute), DocumentNotFoundError);
  await collection.insert('kept', 3);
  assert.equal(await stored(), undefined);
});

test('subdocument edits happen all or not at all', async () => {
  await collection.upsert('edits', { list: [1], n: 1 });
  const { content } = await collection.mutateIn('edits', [
    MutateInSpec.arrayAppend('list', 2),
    MutateInSpec.increment('n', 41),
    MutateInSpec.upsert('a.b', true, { createPath: true }),
  ]);
  assert.equal(content[1]?.value, 42);
  await assert.rejects(
    collection.mutateIn('edits', [MutateInSpec.upsert('n', 0), MutateInSpec.replace('missing', 1)]),
  );
  assert.deepEqual((await collection.get('edits')).content, { list: [1, 2], n: 42, a: { b: true } });
});

test('creating, replacing and locking guard as they should', async () => {
  await collection.insert('guarded', 1);
  await assert.rejects(collection.insert('guarded', 2), DocumentExistsError);
  const specs = [MutateInSpec.upsert('a', 1)];
  const options = { storeSemantics: StoreSemantics.Insert };
  await assert.rejects(collection.mutateIn('guarded', specs, options), DocumentExistsError);
  await assert.rejects(collection.replace('absent', 1), DocumentNotFoundError);
  const { cas } = await collection.getAndLock('guarded', 5);
  await assert.rejects(collection.upsert('guarded', 3, { timeout: 200 }));
  await collection.unlock('guarded', cas);
  await collection.upsert('guarded', 4);
  assert.equal((await collection.get('guarded')).content, 4);
});

test('a touch changes expiry and CAS; an update may preserve the expiry', async () => {
  const first = await collection.upsert('timed', 1, { expiry: new Date(Date.UTC(2040, 0, 1)) });
  const touched = await collection.touch('timed', new Date(Date.UTC(2041, 0, 1)));
  assert.notEqual(first.cas.toString(), touched.cas.toString());
  await collection.upsert('timed', 2, { preserveExpiry: true });
  const expiry = async () => (await collection.get('timed', { withExpiry: true })).expiryTime;
  assert.equal(await expiry(), Date.UTC(2041, 0, 1) / 1000);
  await collection.upsert('timed', 3);
  assert.equal(await expiry(), 0);
});

const foreign = process.env.COUCHBASE_URL === undefined ? false : 'not our server to send garbage to';

test('a client that speaks something else loses its connection, and the others keep theirs', {
  skip: foreign,
}, async () => {
  const port = Number(cluster.connectionString.split(':').at(-1));
  for (const garbage of ['GET / HTTP/1.1\r\n\r\n', '\x80'.repeat(30), '\x16\x03\x01']) {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {});
    socket.end(Buffer.from(garbage, 'latin1'));
    await once(socket, 'close');
    await collection.upsert('steady', garbage);
    assert.equal((await collection.get('steady')).content, garbage);
  }
});

encrypted(() => cluster);
