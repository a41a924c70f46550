/** Sample documents in Couchbase, as the service wrote them that is to be moved. */
import type { Parsed } from '../../functions/configuration/configuration.ts';
import { documentFrom } from '../../functions/protocol/fingerprint.ts';
import { connectCouchbase } from '../../functions/stores/couchbase/connect.ts';
import { CouchbaseConnection } from '../../functions/stores/couchbase/connection.ts';
import { CouchbaseStore } from '../../functions/stores/couchbase/store.ts';
import { sampleKey } from './sample_key.ts';
import type { Logins } from './stores.ts';

const COUNT = 50;
const TIMEOUT = 10_000;
const CITIES = ['Lisbon', 'Nairobi', 'Osaka', 'Tallinn', 'Valparaíso'];

/** Leaves alone what is there already. */
export async function writeSamples(login: Logins['couchbase'], { collections }: Parsed): Promise<void> {
  const connection = new CouchbaseConnection(() => connectCouchbase({ ...login, connectTimeout: TIMEOUT }));
  for (const [name, { couchbase, keys }] of Object.entries(collections)) {
    const store = new CouchbaseStore(connection, couchbase, TIMEOUT);
    for (let n = 1; n <= COUNT; n++) {
      const content = documentFrom(Buffer.from(JSON.stringify(sample(n))), null);
      await store.swap(sampleKey(keys, `${name}-${n}`), { cas: 0n, content, version: null });
    }
  }
  await connection.close();
}

function sample(n: number) {
  return {
    customer: { id: `c${n % 7}`, city: CITIES[n % CITIES.length] },
    lines: [{ sku: `sku-${n % 11}`, quantity: 1 + (n % 3) }],
    total: Number((n * 1.37).toFixed(2)),
  };
}
