/** Which collection each table belongs to, as the deployments record it in Oracle. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Audit } from '../../functions/books/audit.ts';
import { Owners } from '../../functions/books/owners.ts';
import { CONTROL, OWNERS } from '../../functions/stores/oracle/control_tables.ts';
import { upgrade } from '../../functions/stores/oracle/upgrade.ts';
import { type TestDatabase, testDatabase } from '../stores/oracle/database.ts';

let database: TestDatabase;
before(async () => {
  database = await testDatabase({ size: 2 });
});
after(() => database.stop());

const ORDERS = {
  ...{ table: 'ORDERS', collection: 'orders', parameters: '/crossfade' },
  keyspace: 'shop._default.orders',
};
const PURCHASES = { ...ORDERS, collection: 'purchases' };

test('the last move in the audit log decides, of this collection alone; the owner of the tables can let it go', async () => {
  const owners = new Owners(database.connection);
  // Before the first deployment there are no tables.
  await owners.require([ORDERS]);
  await upgrade(database.connection, [CONTROL, OWNERS], null, () => {});
  await owners.record([ORDERS], 1);
  await owners.require([PURCHASES]);
  const audit = new Audit(database.connection);
  const act = (action: string) => audit.write({ at: 1, actor: 'test', action, detail: 'a test' });
  await act('orders: phase legacy to expand');
  await act('orders: phase seal to switch');
  await act('orders: redrive');
  await act('orders2: phase expand to legacy');
  await assert.rejects(
    owners.require([PURCHASES]),
    /COLLECTION_RENAMED: orders .* is in switch.*calls it purchases/,
  );
  await owners.require([ORDERS]);
  await act('orders: phase expand to legacy');
  await owners.require([PURCHASES]);
  await owners.record([PURCHASES], 2);
  await act('purchases: phase legacy to expand');
  await assert.rejects(owners.require([ORDERS]), /COLLECTION_RENAMED: purchases/);
  // Another table, recorded: nothing is left of the one before.
  await owners.record([{ ...PURCHASES, table: 'P' }], 3);
  await assert.rejects(owners.require([PURCHASES]), /COLLECTION_MOVED/);
  const execute = (statement: string) =>
    database.connection.use(database.store.target(null, 'test'), true, (session) =>
      session.execute(statement, [], { autoCommit: true }),
    );
  await execute("DELETE FROM CROSSFADE_TABLES WHERE table_name = 'P'");
  await owners.require([ORDERS]);
});
