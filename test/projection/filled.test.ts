import assert from 'node:assert/strict';
import { test } from 'node:test';
import { filledBy } from '../../functions/projection/filled.ts';
import type { Source } from '../../functions/projection/projection.ts';
import { sourceText } from '../../functions/projection/source_text.ts';
import { document } from '../stores/contract/subject.ts';
import { column, projection } from './given.ts';

test('a document that one projection refuses is counted for the others all the same', () => {
  const long = projection({ table: 'LONG', columns: [column('A', 'a'), column('B', 'b')] });
  const fine = projection({ table: 'FINE', columns: [column('A', 'a')] });
  const array = projection({ table: 'EACH', each: 'a', columns: [column('X', '@')] });
  const none = { missing: 0, nulled: 0, rounded: 0, refused: 0 };
  const counts = filledBy([long, fine, array], 'k', document('{"a":"short","b":"much too long"}'));
  assert.deepEqual(counts, [
    { taken: 1, rows: 0, refused: 1, columns: [none, { ...none, refused: 1 }] },
    { taken: 1, rows: 1, refused: 0, columns: [none] },
    { taken: 1, rows: 0, refused: 1, columns: [none] },
  ]);
  assert.deepEqual(filledBy([fine], 'k', null), [{ taken: 0, rows: 0, refused: 0, columns: [none] }]);
});

test('people read where the values of a column come from', () => {
  const from = (of: Source, each: string | null = 'lines') => sourceText(of, each);
  assert.deepEqual(
    [
      from({ kind: 'document', path: 'a.b' }),
      from({ kind: 'document', path: '' }),
      from({ kind: 'element', path: 'price' }),
      from({ kind: 'element', path: '' }),
      from({ kind: 'element', path: '[0]' }),
      from({ kind: 'key', separator: '::', part: 1 }),
      from({ kind: 'constant', value: 1 }),
    ],
    [
      'a.b',
      'the document',
      'lines[].price',
      'lines[]',
      'lines[][0]',
      'part 1 of the key, from 0, between "::"',
      'always 1',
    ],
  );
});
