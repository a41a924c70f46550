/** What is said of both stores, read by the real drivers: as the embedded servers come, and with one thing wrong after the other. */
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { type Collection, type Parsed, subjectsOf } from '../../functions/configuration/configuration.ts';
import { diagnose } from '../../functions/diagnosis/diagnosis.ts';
import type { Line, Side, State } from '../../functions/diagnosis/line.ts';
import { lookAt } from '../../functions/edge/look_at.ts';
import { connectCouchbase } from '../../functions/stores/couchbase/connect.ts';
import { CouchbaseConnection } from '../../functions/stores/couchbase/connection.ts';
import { OracleConnection } from '../../functions/stores/oracle/connection.ts';
import { LOGINS } from '../../functions/stores/oracle/rights.ts';
import { upgrade } from '../../functions/stores/oracle/upgrade.ts';
import type { Running as Couchbase } from '../../infra/local/servers/couchbase/start.ts';
import type { Running as Oracle } from '../../infra/local/servers/oracle/start.ts';
import { checkSettings } from '../../infra/settings.ts';
import config from '../shop.config.ts';
import { type TestCluster, testCluster } from '../stores/couchbase/cluster.ts';
import { type TestDatabase, testDatabase } from '../stores/oracle/database.ts';
import { COUCHBASE, triggers, UPDATES, VIEWS } from './wrong.ts';

const skip =
  (process.env.COUCHBASE_URL !== undefined || process.env.ORACLE_CONNECT_STRING !== undefined) &&
  'stores of your own take no orders';
const SESSIONS = 100;
const watch = { wall: () => Date.now(), steady: () => performance.now() };

let cluster: TestCluster;
let database: TestDatabase;
let couchbase: Couchbase;
let oracle: Oracle;
let configuration: Parsed;
before(async () => {
  [cluster, database] = await Promise.all([testCluster(), testDatabase()]);
  [couchbase, oracle] = [cluster.server as Couchbase, database.server as Oracle];
  const docs = { couchbase: cluster.keyspace, oracle: { table: database.table.name } };
  configuration = checkSettings({ ...config, collections: { docs } }, 'test').configuration;
  await upgrade(database.connection, subjectsOf(configuration), null, () => {});
});
after(() => Promise.all([cluster.stop(), database.stop()]));
afterEach(async () => {
  if (!skip) await Promise.all([couchbase.calm(), oracle.calm()]);
});

interface Looked {
  readonly wanted?: Parsed;
  readonly side?: Side;
  readonly oracle?: OracleConnection;
  /** What the secrets say, where it is something else than how the stores are reached here. */
  readonly secrets?: { readonly couchbase: string; readonly oracle: string };
}

/** By a connection of its own, as an operator's machine has one. */
async function lines({
  side = 'functions',
  oracle = database.connection,
  wanted = configuration,
  secrets = { couchbase: cluster.connectionString, oracle: database.credentials.connectString },
}: Looked = {}): Promise<ReadonlyMap<string, Line>> {
  const { connectionString } = cluster;
  const login = { connectionString, username: 'app', password: 'secret' };
  const connection = new CouchbaseConnection(() => connectCouchbase({ ...login, connectTimeout: 10_000 }));
  try {
    const seen = await lookAt({
      ...{ configuration: wanted, watch, timely: () => true },
      couchbase: { connection, login: async () => ({ ...login, connectionString: secrets.couchbase }) },
      oracle: {
        connection: oracle,
        login: async () => ({ ...database.credentials, connectString: secrets.oracle }),
        logins: LOGINS,
      },
    });
    const found = diagnose(seen, { configuration: wanted, side, sessions: SESSIONS, logins: LOGINS }).lines;
    return new Map(found.map((line) => [line.code, line]));
  } finally {
    await connection.close();
  }
}

async function says(code: string, state: State, seen: RegExp): Promise<void> {
  const line = (await lines()).get(code);
  assert.equal(line?.state, state, `${code}: ${line?.seen}`);
  assert.match(line?.seen ?? '', seen);
  assert.equal(line?.todo === null, state === 'good', `what to do: ${line?.todo}`);
}

const execute = (statement: string) =>
  database.connection.use(
    { store: 'oracle', operation: 'test', collection: 'V$DATABASE', key: null },
    true,
    (session) => session.execute(statement, [], { autoCommit: true }),
  );

test('of the embedded servers as they come nothing is bad', { skip }, async () => {
  // How long answers take is the machine's affair.
  const all = [...(await lines()).values()].filter(({ code }) => !code.endsWith('_LATENCY'));
  const those = (state: State) => all.filter((line) => line.state === state).map(({ code }) => code);
  assert.deepEqual(those('bad'), []);
  assert.deepEqual(those('doubtful'), [
    'COUCHBASE_TLS',
    'ORACLE_TLS',
    'ORACLE_LOGINS',
    'ORACLE_PASSWORD_LIFE',
    'ORACLE_PASSWORD_ROLLOVER',
    'ORACLE_DATA_GUARD',
  ]);
  // Each of these views needs a grant.
  assert.deepEqual(those('unknown'), [
    ...['ORACLE_UNDO_RETENTION', 'ORACLE_RECOVERY_AREA', 'ORACLE_STANDBY_LAG', 'ORACLE_UNDO'],
    ...['ORACLE_TEMP', 'ORACLE_PROCESSES', 'ORACLE_TABLESPACE'],
  ]);
  assert.equal(all.length, 42);
});

test('secrets that ask for TLS, and that turn the check of certificates off', { skip }, async () => {
  const [couchbase, oracle] = ['couchbases://h', 'tcps://h:2484/s'];
  const off = { couchbase: `${couchbase}?tls_verify=none`, oracle: `${oracle}?ssl_server_dn_match=off` };
  const [checked, unchecked] = [
    await lines({ secrets: { couchbase, oracle } }),
    await lines({ secrets: off }),
  ];
  for (const code of ['COUCHBASE_TLS', 'ORACLE_TLS']) {
    assert.equal(checked.get(code)?.state, 'good', checked.get(code)?.seen);
    assert.equal(unchecked.get(code)?.state, 'doubtful');
    assert.match(unchecked.get(code)?.seen ?? '', /^TLS that is not checked/);
  }
});

for (const [what, changes, code, state, seen] of COUCHBASE)
  test(`Couchbase with ${what}`, { skip }, async () => {
    await couchbase.manage(changes);
    await says(code, state, seen);
    await couchbase.calm();
    assert.equal((await lines()).get(code)?.state, 'good');
  });

test('records of transactions, in the bucket and among our documents', { skip }, async () => {
  const record = '_txn:client-record';
  const byDefault = cluster.cluster.bucket('crossfade').defaultCollection();
  await byDefault.upsert(record, {});
  await says('COUCHBASE_TRANSACTIONS', 'doubtful', /an app uses transactions/);
  await Promise.all([byDefault.remove(record), cluster.collection.upsert(record, {})]);
  await says('COUCHBASE_TRANSACTIONS', 'good', /no records/);
  // Where the collection does not ignore them.
  const docs = { ...configuration.collections.docs, keys: { include: ['*'], ignore: [] } } as Collection;
  const wanted = { ...configuration, collections: { docs } };
  const taken = (await lines({ wanted })).get('COUCHBASE_TRANSACTIONS');
  assert.equal(taken?.state, 'bad');
  assert.match(taken?.seen ?? '', /docs: records of transactions/);
  await cluster.collection.remove(record);
  await says('COUCHBASE_TRANSACTIONS', 'good', /no records/);
});

test('clocks that are 90 seconds off, either way', { skip }, async () => {
  await couchbase.jump(90_000);
  await says('COUCHBASE_CLOCK', 'bad', /s ahead/);
  await oracle.jump(-90_000);
  await says('ORACLE_CLOCK', 'bad', /s behind/);
  await oracle.jump(8000);
  await says('ORACLE_CLOCK', 'doubtful', /s ahead/);
  await oracle.jump(0);
});

for (const [what, table, wrong, right, code, state, seen] of UPDATES)
  test(`Oracle with ${what}`, { skip }, async () => {
    await execute(`UPDATE ${table} SET ${wrong}`);
    await says(code, state, seen);
    await execute(`UPDATE ${table} SET ${right}`);
    assert.equal((await lines()).get(code)?.state, 'good');
  });

for (const [view, rows, code, state, seen] of VIEWS)
  test(`Oracle where ${view} makes ${code} ${state}: ${seen.source}`, { skip }, async () => {
    await oracle.show(view, rows);
    await says(code, state, seen);
  });

test('triggers on the tables, our own and those of others', { skip }, async () => {
  for (const [statements, code, state, seen] of triggers(database.table.name)) {
    for (const statement of statements) await execute(statement);
    await says(code, state, seen);
  }
});

test('a right that is missing costs its own line alone', { skip }, async () => {
  await oracle.fault({
    ...{ operation: 'execute', statement: 'FROM V$DATABASE', times: 1 },
    action: { kind: 'error', number: 942, text: 'table or view does not exist' },
  });
  const found = await lines();
  assert.match(found.get('ORACLE_LOG_MODE')?.todo ?? '', /grant SELECT ON SYS\.V_\$DATABASE/);
  assert.equal(found.get('ORACLE_ROLE')?.state, 'good');
});

test('a look with a wrong password costs one refused login, and says so from either side', {
  skip,
}, async () => {
  const login = async () => ({ ...database.credentials, password: 'wrong' });
  // Ten refused logins in a row lock the account.
  for (let look = 0; look < 9; look++) {
    const connection = new OracleConnection({ login, size: 1, timeout: 10_000 });
    const line = (await lines({ side: 'here', oracle: connection })).get('ORACLE');
    await connection.close();
    assert.equal(line?.state, 'bad', line?.seen);
    assert.match(line?.seen ?? '', /user name or password was refused/);
  }
  const right = new OracleConnection({ login: async () => database.credentials, size: 1, timeout: 10_000 });
  assert.equal((await lines({ oracle: right })).get('ORACLE')?.state, 'good');
  await right.close();
});

test('of a store that is silent nothing more is asked, and the other one is told of all the same', {
  skip,
}, async () => {
  await oracle.fault({
    operation: 'execute',
    ...{ times: null, statement: null },
    action: { kind: 'error', number: 12514, text: 'no listener' },
  });
  const found = await lines({ side: 'here' });
  assert.equal(found.get('ORACLE')?.state, 'unknown');
  assert.deepEqual(
    [...found.keys()].filter((code) => code.startsWith('ORACLE')),
    ['ORACLE', 'ORACLE_TLS'],
  );
  assert.equal(found.get('COUCHBASE_INDEXES')?.state, 'good');
});

test('a collection that is not there, and a table', { skip }, async () => {
  const { docs } = configuration.collections;
  assert.ok(docs);
  const nowhere = {
    ...{ ...docs, couchbase: { ...docs.couchbase, collection: 'nowhere' } },
    oracle: { ...docs.oracle, table: 'NOWHERE' },
  };
  const found = await lines({ wanted: { ...configuration, collections: { docs, nowhere } } });
  for (const [code, seen] of [
    ['COUCHBASE_INDEXES', /^nowhere: there is no such collection$/],
    ['ORACLE_TABLES', /missing.*: NOWHERE$/],
  ] as const) {
    assert.equal(found.get(code)?.state, 'bad', found.get(code)?.seen);
    assert.match(found.get(code)?.seen ?? '', seen);
  }
});
