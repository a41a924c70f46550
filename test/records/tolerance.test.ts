import assert from 'node:assert/strict';
import { test } from 'node:test';
import { intoleranceText, isIntolerable } from '../../functions/records/tolerance.ts';

test('a column bears as many lenient values of a million as it says, and any number where it says none', () => {
  const of = (lenient: number | null, rows: number, tolerate: number | undefined) => ({
    ...{ table: 'T', column: 'C', lenient, rows, tolerate },
  });
  for (const [lenient, rows, tolerate, expected] of [
    [1, 1_000_000, 1, false],
    [2, 1_000_000, 1, true],
    [1, 999_999, 1, true],
    [1, 1, undefined, false],
    [0, 5, 0, false],
    [1, 5, 0, true],
    [0, 0, 0, false],
    [5, 5, 1_000_000, false],
    [null, 5, 0, false],
  ] as const)
    assert.equal(
      isIntolerable(of(lenient, rows, tolerate)),
      expected,
      `${lenient} of ${rows} for ${tolerate}`,
    );
  assert.equal(
    intoleranceText(of(1, 999_999, 1)),
    'LENIENT: 1 of 999999 values of T.C are NULL or rounded, since they do not fit: 2 of a million, above the 1 that it tolerates',
  );
});
