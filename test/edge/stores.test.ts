/** How the configuration of a collection reaches its writes. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { parseConfiguration } from '../../functions/configuration/configuration.ts';
import { Stores } from '../../functions/edge/stores.ts';
import { documentFrom } from '../../functions/protocol/fingerprint.ts';
import { DurabilityImpossible, OperatorNeeded, StoreUnavailable } from '../../functions/stores/failure.ts';
import { type Running, startCouchbase } from '../../infra/local/servers/couchbase/start.ts';
import { STATUS } from '../../infra/local/servers/couchbase/wire.ts';

const NAMES = ['plain', 'refusing', 'accepting'] as const;
const SAID = {
  plain: { durability: 'none' },
  refusing: {},
  accepting: { durabilityImpossible: 'accept' },
} as const;
const CONFIGURATION = parseConfiguration(
  {
    collections: Object.fromEntries(
      NAMES.map((name) => [
        name,
        {
          couchbase: { bucket: 'shop', scope: 'sales', collection: name },
          oracle: { table: name.toUpperCase() },
          ...SAID[name],
        },
      ]),
    ),
    timing: { lease: 30_000, refresh: 5_000, request: 20_000, call: 3_000, backfill: 300_000 },
    connections: 1,
  },
  'test',
);
const CONTENT = documentFrom(Buffer.from('1'), null);

let server: Running;
let stores: Stores;
const fellBack: string[] = [];
before(async () => {
  server = await startCouchbase({ users: { app: 'secret' }, buckets: { shop: { sales: NAMES } } });
  const login = { connectionString: server.connectionString, username: 'app', password: 'secret' };
  const SecretString = JSON.stringify({ ...login, insecure: true });
  const secrets = { send: async () => ({ SecretString }) } as never;
  const accept = async (name: string) => void fellBack.push(name);
  // Nothing here looks at Oracle.
  const heart = {} as never;
  stores = new Stores(CONFIGURATION, secrets, { couchbase: 'couchbase', oracle: 'oracle' }, accept, heart);
});
after(async () => {
  await stores.of('plain').cluster.close();
  await server.stop();
});

const put = (name: string) => stores.of(name).couchbase.upsert(randomUUID(), { content: CONTENT });
const refuse = (durable: boolean, status: number) =>
  server.fault({ operation: 'set', times: null, durable, action: { kind: 'status', status } });

test('each collection is written with the durability that it is configured with', async () => {
  await refuse(false, STATUS.invalid);
  for (const name of ['refusing', 'accepting']) await put(name);
  await assert.rejects(put('plain'));
  await server.calm();
  await server.loseReplica();
  await put('plain');
  await assert.rejects(put('refusing'), DurabilityImpossible);
  assert.deepEqual(fellBack, []);
  await put('accepting');
  assert.deepEqual(fellBack, ['accepting']);
});

/** As the SDK throws what AWS answers. @param httpStatusCode undefined where there was no answer. */
const said = (name: string, httpStatusCode: number | undefined, message = 'Access to KMS is not allowed') =>
  Object.assign(new Error(message), { name, $metadata: { httpStatusCode } });

test('a secret that cannot be read is a store that is away, or a call for an operator, and never a document of its own', async () => {
  const without = (send: () => Promise<unknown>) =>
    new Stores(
      CONFIGURATION,
      { send } as never,
      { couchbase: 'couchbase', oracle: 'shop/oracle, shop/more' },
      async () => {},
      {} as never,
    ).of('plain');
  const read = async (store: 'couchbase' | 'oracle', send: () => Promise<unknown>) =>
    without(send)
      [store].read('k')
      .then(
        () => assert.fail('it has read'),
        (error: Error) => error,
      );
  for (const store of ['couchbase', 'oracle'] as const) {
    // A key that is disabled, a permission that is missing, and a secret that is gone: nothing changes by itself.
    for (const name of ['AccessDeniedException', 'DecryptionFailure', 'ResourceNotFoundException']) {
      const error = await read(store, () => Promise.reject(said(name, 400)));
      assert.ok(error instanceof OperatorNeeded, `${store} ${name}: ${error}`);
      assert.match(error.message, new RegExp(`SECRET_UNREADABLE: .*${store}.* \\(${name}\\).*key of KMS`));
    }
    const broken = await read(store, async () => ({ SecretString: '{}' }));
    assert.ok(broken instanceof OperatorNeeded, String(broken));
    assert.match(broken.message, /is not as it should be at: /);
    // An outage, no answer at all, and too many questions.
    for (const away of [
      said('InternalServiceError', 500),
      said('TimeoutError', undefined),
      said('ThrottlingException', 400, 'Rate exceeded'),
      Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }),
    ]) {
      const error = await read(store, () => Promise.reject(away));
      assert.ok(
        error instanceof StoreUnavailable && !error.mayHaveApplied,
        `${store} ${away.name}: ${error}`,
      );
      assert.match(error.message, /SECRET_AWAY: /);
    }
  }
});
