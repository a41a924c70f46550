/** The row in which one worker publishes for all what it has read of Oracle's load, through the real driver. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { LoadBook } from '../../functions/books/load.ts';
import { judge, pauses } from '../../functions/runs/load.ts';
import { BULK_LIMITS, READINGS } from '../../functions/stores/load.ts';
import { CONTROL } from '../../functions/stores/oracle/control_tables.ts';
import { upgrade } from '../../functions/stores/oracle/upgrade.ts';
import { type TestDatabase, testDatabase } from '../stores/oracle/database.ts';
import { loadProofs } from './load_proofs.ts';

let database: TestDatabase;
let book: LoadBook;
before(async () => {
  database = await testDatabase();
  const steps = CONTROL.steps.filter((step) => step.join().includes('CROSSFADE_LOAD'));
  await upgrade(database.connection, [{ ...CONTROL, steps }], null, () => {});
  book = new LoadBook(database.connection);
});
after(() => database.stop());

loadProofs(() => database);

const NOW = 1_764_250_000_000;
const high = judge(
  BULK_LIMITS,
  Object.fromEntries(
    READINGS.map((name) => [name, { kind: 'unknown', why: 'no answer in 2000 ms', slow: true }]),
  ),
  judge(
    BULK_LIMITS,
    Object.fromEntries(READINGS.map((name) => [name, { kind: 'value', value: 999.9 }])),
    null,
    NOW,
  ),
  NOW + 1,
);

test('each reading is taken by one worker, and the next one by who knows of it', async () => {
  assert.deepEqual(await book.read(), { next: null, load: null });
  const first = await Promise.all([1, 2, 3].map((worker) => book.claim(null, NOW + worker)));
  assert.equal(first.filter(Boolean).length, 1);
  const { next } = await book.read();
  assert.equal(await book.claim((next ?? 0) + 1, NOW + 60_000), false);
  assert.equal(await book.claim(next, NOW + 60_000), true);
  assert.equal(await book.claim(next, NOW + 60_000), false);
});

test('what is published comes back as it was, and fits into its column', async () => {
  const { next } = await book.read();
  await book.publish(next ?? 0, high);
  assert.deepEqual(await book.read(), { next, load: high });
  assert.equal(pauses((await book.read()).load, NOW).length, READINGS.length);
});

test('a worker that comes late publishes nothing', async () => {
  const { next } = await book.read();
  await book.publish(NOW + 5, { at: 0, watched: {} });
  assert.deepEqual(await book.read(), { next, load: high });
});

test('what another version has published is read as far as it is known, or not at all', async () => {
  const { next } = await book.read();
  const publish = (load: unknown) => book.publish(next ?? 0, load as typeof high);
  await publish({ ...high, newer: 1, watched: { ...high.watched, gpu: { heat: 3 } } });
  assert.deepEqual((await book.read()).load, high);
  await publish({ at: 1, watched: { undo: { reading: { kind: 'felt' } } } });
  assert.deepEqual(await book.read(), { next, load: null });
});
