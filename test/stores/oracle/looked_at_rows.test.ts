/** How a document and its rows of projections are looked at, over a session that tells what it was asked. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { holdDocument } from '../../../functions/stores/oracle/hold_document.ts';
import { projectedRows } from '../../../functions/stores/oracle/projected.ts';
import { TYPES } from '../../verification/projected_types.ts';

const ROW = ['5', null, '0', 'json', Buffer.from('{"type":"airline"}'), null, null, null];

test('a document that is inserted while nobody holds its row is looked at again, and none of its rows is taken for one of no document', async () => {
  const [done, table] = [[] as string[], { name: 'D', columns: [], projections: [TYPES[0]] }];
  // Another transaction commits the document and its row of the table between the first two statements.
  const session = {
    execute: async (text: string) => {
      const isLock = text.startsWith('UPDATE D');
      done.push(text.split(' ')[0] as string);
      if (isLock) return { rowsAffected: done.length > 1 ? 1 : 0 };
      return { rows: text.includes('FROM D ') ? [ROW] : [['k', 0, 'Crossing', '12']] };
    },
    rollback: async () => void done.push('ROLLBACK'),
    commit: async () => void done.push('COMMIT'),
  };
  const connection = { use: (_: unknown, __: unknown, act: (given: unknown) => unknown) => act(session) };
  const rows: unknown[] = [];
  await holdDocument(connection as never, table as never, 'k', {
    ...{ now: 1, also: async () => assert.fail('nothing is changed') },
    mend: ({ content, found }) => {
      rows.push([content === null, found.get('AIRLINE')?.length]);
      return null;
    },
  });
  assert.deepEqual(rows, [[false, 1]], 'it is judged once, as it is with its lock');
  assert.deepEqual(done, ['UPDATE', 'SELECT', 'SELECT', 'UPDATE', 'SELECT', 'SELECT', 'ROLLBACK']);
});

test('rows of many elements come many at a time', async () => {
  const options: unknown[] = [];
  const session = {
    execute: async (_: string, __: unknown, { prefetchRows, fetchArraySize }: Record<string, unknown>) => {
      options.push([prefetchRows, fetchArraySize]);
      return { rows: [] };
    },
  };
  const keys = Array.from({ length: 600 }, (_, n) => `k${n}`);
  await projectedRows(session as never, TYPES[3] as never, keys);
  assert.deepEqual(options, [
    [1000, 1000],
    [1000, 1000],
  ]);
});
