/** Tables and rows of the version before, upgraded and read by this one. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Audit } from '../../functions/books/audit.ts';
import { Findings } from '../../functions/books/findings.ts';
import { Ledger } from '../../functions/books/ledger.ts';
import { Letters } from '../../functions/books/letters.ts';
import { Repairs } from '../../functions/books/repairs.ts';
import { tableOf } from '../../functions/configuration/collection.ts';
import { mappingOf, subjectsOf } from '../../functions/configuration/configuration.ts';
import { brokenAt } from '../../functions/records/audit.ts';
import { RUN_KINDS } from '../../functions/records/run.ts';
import { isOfMapping } from '../../functions/runs/stamp.ts';
import { OracleConnection } from '../../functions/stores/oracle/connection.ts';
import { OracleStore } from '../../functions/stores/oracle/store.ts';
import { planned, upgrade } from '../../functions/stores/oracle/upgrade.ts';
import { type Running, startOracle } from '../../infra/local/servers/oracle/start.ts';
import { checkSettings } from '../../infra/settings.ts';
import { SETTINGS } from './configuration.ts';
import { recorded, restore } from './recorded.ts';

const { configuration } = checkSettings(SETTINGS, 'test');
const rows = recorded('rows.json');
let server: Running;
let connection: OracleConnection;

before(async () => {
  server = await startOracle({ service: 'orders', users: { app: 'secret' } });
  const login = { connectString: server.connectString, user: 'app', password: 'secret' };
  connection = new OracleConnection({ login: async () => login, size: 2, timeout: 10_000 });
  const target = { store: 'oracle', operation: 'upgrade', collection: 'CROSSFADE', key: null } as const;
  await connection.use(target, true, restore);
  await upgrade(connection, subjectsOf(configuration), null, () => {});
});
after(async () => {
  await connection.close();
  await server.stop();
});

/** The recorded rows of a table, by the names of their columns. */
function rowsOf(table: string): Record<string, string | null>[] {
  const { columns = [], rows: found = [] } = rows[table] ?? {};
  return found.map((row) => Object.fromEntries(columns.map((name, n) => [name, row[n] ?? null])));
}

test('the upgrade of recorded tables comes to its end, and leaves nothing to be done', async () => {
  assert.deepEqual(await planned(connection, subjectsOf(configuration), null), []);
});

test('the audit log goes on unbroken', async () => {
  const audit = new Audit(connection);
  const before = await audit.latest(1000);
  assert.equal(before.length, rowsOf('CROSSFADE_AUDIT').length);
  assert.ok(before.length > 0);
  await audit.write({ at: Date.now(), actor: 'test', action: 'orders: a test', detail: 'a test' });
  assert.equal(brokenAt((await audit.latest(1000)).reverse()), null);
});

test('each letter is found and can be closed', async () => {
  const letters = new Letters(connection);
  const all = rowsOf('CROSSFADE_LETTERS');
  assert.ok(all.length > 0);
  for (const { LETTER_ID, STATE, REASON } of all) {
    const letter = await letters.find(LETTER_ID ?? '');
    assert.deepEqual([letter?.state, letter?.reason, letter?.queued], [STATE, REASON, 0]);
  }
  const [{ COLLECTION = null, DOC_KEY = null } = {}] = all;
  const place = { collection: COLLECTION ?? '', key: DOC_KEY ?? '' };
  await letters.keep('again', 'unfit', place, Date.now(), { state: 'open', queued: null });
  const [letter] = await letters.open({ key: place.key }, 10);
  assert.ok(letter);
  await letters.close(letter, 'discarded', Date.now());
  assert.deepEqual(await letters.open({ key: place.key }, 10), []);
});

test('each run is evidence for the same configuration, and its shards are read', async () => {
  const ledger = new Ledger(connection);
  const runs = rowsOf('CROSSFADE_RUNS');
  assert.deepEqual(new Set(runs.map(({ KIND }) => KIND)), new Set(RUN_KINDS));
  for (const { RUN_ID, COLLECTION, PHASE } of runs) {
    const run = await ledger.run(RUN_ID ?? '');
    assert.equal(run?.phase, PHASE);
    const collection = configuration.collections[COLLECTION ?? ''];
    assert.ok(collection && run && isOfMapping(run, mappingOf(collection)));
    const shards = rowsOf('CROSSFADE_SHARDS').filter((shard) => shard.RUN_ID === RUN_ID);
    assert.equal((await ledger.totals(run.id)).shards, shards.length);
    for (const { SHARD } of shards) assert.notEqual(await ledger.shard(run.id, Number(SHARD)), null);
  }
});

test('a run that was stopped goes on where its checkpoint says', async () => {
  const ledger = new Ledger(connection);
  const open = rowsOf('CROSSFADE_RUNS').filter(({ FINISHED }) => FINISHED === null);
  assert.deepEqual(
    open.map(({ KIND, COLLECTION }) => [KIND, COLLECTION]),
    [['copyback', 'orders']],
  );
  const run = await ledger.unfinished('copyback', 'orders');
  const rest = rowsOf('CROSSFADE_SHARDS').find(({ RUN_ID, STATE }) => RUN_ID === run?.id && STATE === 'open');
  const taken = await ledger.take(run?.id ?? '', Number(rest?.SHARD), Date.now());
  assert.equal(taken?.row.doneKey, rest?.DONE_KEY);
  assert.equal(taken?.hold.epoch, Number(rest?.EPOCH) + 1);
});

test('findings and repairs are read', async () => {
  const [findings, repairs] = [new Findings(connection), new Repairs(connection)];
  const [found, repaired] = [rowsOf('CROSSFADE_FINDINGS'), rowsOf('CROSSFADE_REPAIRS')];
  assert.ok(found.length > 0 && repaired.length > 0);
  for (const { DOC_KEY, KIND } of found)
    assert.ok((await findings.ofKey(DOC_KEY ?? '', 20)).some(({ kind }) => kind === KIND));
  for (const { COLLECTION, DOC_KEY, DETAIL } of repaired) {
    const all = await repairs.of(COLLECTION ?? '', DOC_KEY ?? '', 20);
    assert.ok(all.some(({ detail }) => detail === DETAIL));
  }
});

test('each document in Oracle is read as it was written', async () => {
  const { oracle } = configuration.collections.orders ?? {};
  assert.ok(oracle !== undefined);
  const store = new OracleStore(connection, tableOf(oracle), () => 0);
  const all = rowsOf('ORDERS');
  assert.deepEqual(new Set(all.map(({ KIND }) => KIND)), new Set(['json', 'gone']));
  for (const { DOC_KEY, VERSION, HANDBACK, KIND, BODY, REQUEST } of all) {
    const { version, handback, content } = await store.read(DOC_KEY ?? '');
    assert.deepEqual([String(version), String(handback)], [VERSION, HANDBACK]);
    assert.equal(content === null ? 'gone' : 'json', KIND);
    if (content === null) continue;
    assert.equal(Buffer.from(content.body).toString('base64'), BODY);
    assert.equal(content.request ?? null, REQUEST);
  }
});
