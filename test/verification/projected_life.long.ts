/** Many lives of documents of five types: see `projected_life.ts`. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { CONTROL } from '../../functions/stores/oracle/control_tables.ts';
import { upgrade } from '../../functions/stores/oracle/upgrade.ts';
import { type TestDatabase, testDatabase } from '../stores/oracle/database.ts';
import { Life } from './projected_life.ts';
import { TYPES } from './projected_types.ts';

let database: TestDatabase;
before(async () => {
  database = await testDatabase({ projections: TYPES });
  await upgrade(database.connection, [CONTROL], null, () => {});
});
after(() => database.stop());

test('whatever happens to documents, the rows of their types are those that they give, after each commit', async () => {
  const { connection, table } = database;
  for (let seed = 1; seed <= 40; seed++) {
    const life = new Life({ connection, table, seed });
    for (let n = 0; n < 60; n++) await life.step();
    assert.equal(life.did.length, 60);
  }
});
