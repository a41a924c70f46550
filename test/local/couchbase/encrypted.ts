/** TLS with the cluster's own authority: documents, lists of keys and management; and users by their certificates. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectCouchbase } from '../../../functions/stores/couchbase/connect.ts';
import { CouchbaseConnection } from '../../../functions/stores/couchbase/connection.ts';
import { keysOf } from '../../../functions/stores/couchbase/enumerate.ts';
import { couchbaseMarks } from '../../../functions/stores/couchbase/identity.ts';
import type { CouchbaseLogin } from '../../../functions/stores/couchbase/login.ts';
import { OperatorNeeded } from '../../../functions/stores/failure.ts';
import { Authority } from '../../../infra/local/servers/tls/authority.ts';
import type { TlsSettings } from '../../../infra/local/servers/tls/settings.ts';
import type { TestCluster } from '../../stores/couchbase/cluster.ts';

const authority = new Authority('The CA of the cluster', Date.now());

/** Of the server: it asks clients for a certificate, and takes them without. */
export const ENCRYPTED: TlsSettings = {
  ...authority.issue({ name: 'node', hosts: ['127.0.0.1'] }),
  clients: authority.ca,
};

const SHARD = { after: 'over-tlr', upTo: 'over-tls' };

/** Declares the tests. @param cluster with TLS by `ENCRYPTED`, and the user `app`, whose password is `secret`. */
export function encrypted(cluster: () => TestCluster): void {
  const { ca } = authority;

  const SERVED = [{ n: 1 }, ['over-tls'], 'string'];

  /** What every service says to a login. */
  async function servedWith(login: Omit<CouchbaseLogin, 'connectionString' | 'ca'>): Promise<unknown[]> {
    const { keyspace, server } = cluster();
    const { connectionString } = server?.secure ?? assert.fail('it speaks no TLS');
    const connection = new CouchbaseConnection(() =>
      connectCouchbase({ ...login, ca, connectionString, connectTimeout: 5000 }),
    );
    try {
      await connection.use(keyspace, (collection) => collection.upsert('over-tls', { n: 1 }));
      const { content } = await connection.use(keyspace, (collection) => collection.get('over-tls'));
      const keys = await keysOf(connection, keyspace, SHARD, { limit: 10, timeout: 5000 });
      const { bucket } = await couchbaseMarks(connection, keyspace, 5000);
      return [content, keys, typeof bucket];
    } finally {
      await connection.close();
    }
  }

  test('documents, lists of keys and questions about the bucket go over TLS where the authority is named', async () => {
    assert.deepEqual(await servedWith({ username: 'app', password: 'secret' }), SERVED);
  });

  test('a certificate of the client names its user, and needs no password', async () => {
    const { certificate, key } = authority.issue({ name: 'app' });
    assert.deepEqual(await servedWith({ clientCertificate: certificate, clientKey: key }), SERVED);
  });

  test('a certificate that names nobody is refused, and an operator is asked for', async () => {
    const { certificate, key } = authority.issue({ name: 'nobody' });
    await assert.rejects(servedWith({ clientCertificate: certificate, clientKey: key }), OperatorNeeded);
  });
}
