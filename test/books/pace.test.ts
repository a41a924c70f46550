import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { claim } from '../../functions/books/pace.ts';
import { CONTROL } from '../../functions/stores/oracle/control_tables.ts';
import { upgrade } from '../../functions/stores/oracle/upgrade.ts';
import { type TestDatabase, testDatabase } from '../stores/oracle/database.ts';
import { kept } from './kept.ts';

let database: TestDatabase;
before(async () => {
  database = await testDatabase();
  await upgrade(database.connection, [CONTROL], null, () => {});
});
after(() => database.stop());

const NOW = 1_000_000;
/** Milliseconds that anybody would wait. */
const LONG = 1_000_000;

test('workers that claim at the same time get pieces of time that follow each other', async () => {
  const waits = await Promise.all(
    Array.from({ length: 10 }, () => claim(database.connection, 'together', 50, 100, NOW, LONG)),
  );
  assert.deepEqual(
    waits.map(Number).sort((a, b) => a - b),
    Array.from({ length: 10 }, (_, n) => n * 500),
  );
});

test('time that nobody has claimed is not saved up', async () => {
  const at = (now: number) => claim(database.connection, 'idle', 10, 100, now, LONG);
  assert.equal(await at(NOW), 0);
  assert.equal(await at(NOW + 40), 60);
  assert.equal(await at(NOW + 60_000), 0);
  assert.equal(await at(NOW + 60_000), 100);
});

test('another rate counts at once', async () => {
  assert.equal(await claim(database.connection, 'rate', 100, 1_000_000, NOW, LONG), 0);
  assert.equal(await claim(database.connection, 'rate', 100, 10, NOW, LONG), 0.1);
  assert.equal(await claim(database.connection, 'rate', 1, 10, NOW, LONG), 10_000.1);
});

test('whoever is patient claims nothing while others wait', async () => {
  const claimed = (patient: boolean, now: number) =>
    claim(database.connection, 'patient', 100, 100, now, patient ? 0 : LONG);
  assert.equal(await claimed(true, NOW), 0);
  assert.equal(await claimed(true, NOW + 999), null);
  assert.equal(await claimed(false, NOW + 999), 1);
  assert.equal(await claimed(true, NOW + 2000), 0);
});

test('a turn that would come too late is not claimed: nobody waits for what nobody uses', async () => {
  const claimed = (most: number) => claim(database.connection, 'late', 100, 100, NOW, most);
  assert.equal(await claimed(0), 0);
  for (let n = 0; n < 5; n++) assert.equal(await claimed(999), null);
  assert.equal(await claimed(1000), 1000);
});

kept(() => database);
