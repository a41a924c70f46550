/** Batches whose documents give many rows to tables of projections. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { transactionsOf } from '../../functions/backfill/transactions.ts';
import { project } from '../../functions/projection/project.ts';
import type { Projection } from '../../functions/projection/projection.ts';
import { poison } from '../../functions/records/finding.ts';
import { MOST_ROWS } from '../../functions/runs/pieces.ts';
import { mostRows } from '../../functions/stores/oracle/table.ts';
import { document } from '../stores/contract/subject.ts';

const content = document('1');

test('a batch is cut in the order of its keys, so that no piece gives more rows than a transaction takes, but for one document', () => {
  const document = fc.record({
    rows: fc.oneof(fc.nat(100), fc.nat(2 * MOST_ROWS)),
    is: fc.constantFrom('copied', 'found', 'gone'),
  });
  const property = fc.property(fc.array(document, { maxLength: 12 }), (documents) => {
    const keys = documents.map((_, n) => `k-${String(n).padStart(2, '0')}`);
    const of = (is: string) => keys.filter((_, n) => documents[n]?.is === is);
    const batch = keys.map((key) => ({ key, size: 1 }));
    const copied = {
      copies: of('copied').map((key) => ({ key, content, version: 1n })),
      found: of('found').map((key) => poison(key, 'too large')),
    };
    const rowsOf = (key: string) => documents[keys.indexOf(key)]?.rows ?? 0;
    const pieces = transactionsOf(batch, copied, ({ key }) => rowsOf(key));
    assert.deepEqual(
      pieces.flatMap((piece) => piece.batch),
      batch,
    );
    assert.deepEqual(
      pieces.flatMap((piece) => piece.copied.copies),
      copied.copies,
    );
    assert.deepEqual(
      pieces.flatMap((piece) => piece.copied.found),
      copied.found,
    );
    for (const [n, piece] of pieces.entries()) {
      const counts = piece.copied.copies.map(({ key }) => rowsOf(key));
      const sum = counts.reduce((all, each) => all + each, 0);
      assert.ok(sum <= MOST_ROWS || counts.filter((each) => each > 0).length === 1, `piece ${n}`);
      const inside = new Set(piece.batch.map(({ key }) => key));
      for (const { key } of [...piece.copied.copies, ...piece.copied.found])
        assert.ok(inside.has(key), `piece ${n}`);
    }
  });
  fc.assert(property);
});

test('a document never gives more rows than are reckoned with', () => {
  const list = (each: string | null, table: string): Projection => ({
    ...{ table, each, where: [], columns: [], identifiedBy: null, foreignKey: false, indexes: [] },
  });
  const projections = [list(null, 'ONE'), list('a', 'A'), list('b', 'B')];
  const numbers = fc.array(fc.nat(9), { maxLength: 5 });
  const property = fc.property(fc.record({ a: numbers, b: fc.option(numbers) }), (value) => {
    const payload = document(JSON.stringify(value));
    const rows = project(projections, 'k', payload).reduce((sum, given) => sum + given.rows.length, 0);
    assert.ok(rows <= mostRows({ projections }, payload));
  });
  fc.assert(property);
  assert.equal(mostRows({ projections: [] }, document('[1,2,3]')), 0);
  assert.equal(mostRows({ projections: projections.slice(0, 1) }, document('[1,2,3]')), 1);
  assert.equal(mostRows({ projections }, null), 0);
});
