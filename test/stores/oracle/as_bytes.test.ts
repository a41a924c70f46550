/** A document that Oracle refuses as JSON is kept as bytes, and nothing else that it refuses is. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PoisonDocument } from '../../../functions/stores/failure.ts';
import { asBytes, orAsBytes, refusesJson } from '../../../functions/stores/oracle/as_bytes.ts';
import type { Filled } from '../../../functions/stores/oracle/table.ts';

const BODY = Buffer.from('{"a":1}');
const JSON_ROW = { held: { kind: 'json', body: BODY, bytes: null }, copied: ['x'] } as unknown as Filled;
const BYTES_ROW = { held: { kind: 'other', body: null, bytes: BODY }, copied: ['x'] } as unknown as Filled;
const TARGET = { store: 'oracle', operation: 'apply', collection: 'ORDERS', key: 'k' } as const;
const ora = (number: number) => new Error(`ORA-${String(number).padStart(5, '0')}: refused`);
const poison = (cause: unknown) => new PoisonDocument(TARGET, 'it is refused', cause);

test('a row is asked for again with the same bytes in the other column', () => {
  assert.deepEqual(asBytes(JSON_ROW), BYTES_ROW);
});

test('what the parser of JSON refuses is tried again as bytes, once', async () => {
  for (const number of [2290, 40441, 40604, 42712]) {
    const tried: Filled[] = [];
    const answer = await orAsBytes('ORDERS', JSON_ROW, async (filled) => {
      tried.push(filled);
      if (tried.length === 1) throw poison(ora(number));
      return 'written';
    });
    assert.deepEqual([answer, tried], ['written', [JSON_ROW, BYTES_ROW]], `${number}`);
  }
});

test('every other refusal, and every one of bytes, stays what it is', async () => {
  for (const [row, error] of [
    [JSON_ROW, poison(ora(1461))],
    [JSON_ROW, poison(undefined)],
    [JSON_ROW, ora(2290)],
    [BYTES_ROW, poison(ora(2290))],
    // Of the table of a projection.
    [JSON_ROW, new PoisonDocument({ ...TARGET, collection: 'ORDER_LINES' }, 'it is refused', ora(2290))],
  ] as const) {
    let tries = 0;
    const refused = orAsBytes('ORDERS', row, async () => {
      tries++;
      throw error;
    });
    await assert.rejects(refused, error);
    assert.equal(tries, 1);
  }
  assert.equal(refusesJson(BYTES_ROW, ora(2290)), false);
});
