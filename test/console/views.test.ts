/** `npx crossfade schema --views`: what a DBA is given, and what is said where there is nothing to give. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Parsed } from '../../functions/configuration/configuration.ts';
import { viewsOf } from '../../infra/console/views.ts';

const column = (name: string) => ({ name, source: { kind: 'document', path: 'a' }, type: { kind: 'clob' } });
const collections = {
  plain: { oracle: { table: 'PLAIN', columns: [], projections: [] } },
  orders: {
    oracle: {
      ...{ table: 'ORDERS', columns: [] },
      projections: [
        { table: 'ORDER_HEADS', each: null, columns: [column('TOTAL')] },
        { table: 'ORDER_LINES', each: 'lines', columns: [column('PRICE'), column('ITEM')] },
      ],
    },
  },
} as unknown as Parsed['collections'];

test('each table of a projection has a view of its own over live documents, with all of its columns', () => {
  const { statements, lines } = viewsOf({ collections }, 'orders');
  assert.equal(statements.length, 2);
  assert.match(
    statements[0] ?? '',
    /^CREATE OR REPLACE VIEW ORDER_HEADS_LIVE AS SELECT p\.DOC_KEY, p\.TOTAL FROM ORDER_HEADS p JOIN ORDERS d ON d\.doc_key = p\.doc_key WHERE d\.kind <> 'gone' AND \(d\.expires IS NULL OR d\.expires > /,
  );
  assert.match(
    statements[1] ?? '',
    /ORDER_LINES_LIVE AS SELECT p\.DOC_KEY, p\.PLACE, p\.PRICE, p\.ITEM FROM ORDER_LINES p/,
  );
  // All that is printed can be run.
  for (const line of lines) assert.match(line, /^(?:CREATE OR REPLACE VIEW .*;\n|-- .*)$/);
});

test('a collection without projections has no view, and one that is not there is told among those that are', () => {
  assert.throws(
    () => viewsOf({ collections }, 'plain'),
    /^BadCommand: NO_PROJECTIONS: the collection plain .*collections\.plain\.oracle\.projections/,
  );
  assert.throws(
    () => viewsOf({ collections }, 'order'),
    /no collection "order" in the configuration, only plain, orders/,
  );
});
