/** The minutes of the proof of load, through the real driver. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LoadProofs } from '../../functions/books/load_proofs.ts';
import { MINUTE, NO_FIGURES, type ProofRow } from '../../functions/records/load_proof.ts';
import type { TestDatabase } from '../stores/oracle/database.ts';

const row = (minute: number, skipped: number, percent = 10): ProofRow => ({
  ...{ minute: minute * MINUTE, phase: 'expand', percent },
  figures: { ...NO_FIGURES, skipped, oracle: { latencies: { 12: 5, 40: 1 }, failed: 2 } },
});

export function loadProofs(running: () => TestDatabase): void {
  test('minutes of a container take the place of what it has said of them before, and no other container’s', async () => {
    const book = new LoadProofs(running().connection);
    await book.put('orders', 'one', row(5, 1));
    await book.put('orders', 'one', row(5, 2));
    await book.put('orders', 'two', row(5, 4));
    await book.put('orders', 'one', row(6, 8));
    await book.put('orders', 'one', row(6, 16, 100));
    await book.put('carts', 'one', row(6, 32));
    const found = await book.since('orders', 5 * MINUTE);
    assert.deepEqual(
      found.map(({ figures }) => figures.skipped).sort((a, b) => a - b),
      [2, 4, 8, 16],
    );
    assert.deepEqual(
      found.find(({ figures }) => figures.skipped === 16),
      row(6, 16, 100),
    );
    assert.equal((await book.since('orders', 5 * MINUTE + 1)).length, 2);
  });

  test('what another version has written proves nothing, and old minutes go, some at a time', async () => {
    const { connection } = running();
    const book = new LoadProofs(connection);
    const target = { store: 'oracle', operation: 'test', collection: 'c', key: null } as const;
    await connection.use(target, true, (session) =>
      session.execute(
        "INSERT INTO CROSSFADE_LOAD_PROOF (collection, minute, phase, percent, part, figures) VALUES ('orders', 420000, 'expand', 10, 'x', '{}')",
        {},
        { autoCommit: true },
      ),
    );
    assert.deepEqual(await book.since('orders', 7 * MINUTE), []);
    assert.equal(await book.removeOld(7 * MINUTE, 3), 3);
    assert.equal(await book.removeOld(7 * MINUTE, 30), 2);
    assert.equal(await book.removeOld(8 * MINUTE, 30), 1);
  });

  test('a row has room for figures of any kind', async () => {
    const latencies = Object.fromEntries(Array.from({ length: 80 }, (_, bucket) => [bucket, 99_999_999]));
    const each = { latencies, failed: 999_999_999 };
    const full = { ...NO_FIGURES, couchbase: each, oracle: each, writes: each, skipped: 999_999_999 };
    const book = new LoadProofs(running().connection);
    await book.put('full', 'one', { ...row(5, 0), figures: full });
    assert.deepEqual((await book.since('full', 0))[0]?.figures, full);
  });
}
