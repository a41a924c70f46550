/** Texts of strangers reach terminals and logs, and steer neither. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { onOneLine, unsteering } from '../../functions/parsing/steering.ts';

test('a text is put on one line, whatever ends its lines, and nothing else of it is changed', () => {
  assert.equal(
    onOneLine('not before\r\n\tthe sale\u2028is over\x1b[2K\x9b1A'),
    'not before the sale is over [2K 1A',
  );
  const plain = 'Größe 名 😀 "quoted" \\u001b {{x}}';
  assert.equal(onOneLine(plain), plain);
});

test('what would steer a terminal is shown as JSON escapes it, and JSON says the same as before', () => {
  assert.equal(
    unsteering('a\x1b[31mb\x9b1Ac\rd\x7f\u202ee\nf\tg'),
    'a\\u001b[31mb\\u009b1Ac\\u000dd\\u007f\\u202ee\nf\tg',
  );
  const key = { key: 'k\x7f\x9b2J\u2066\\' };
  const shown = unsteering(JSON.stringify(key, null, 2));
  assert.deepEqual(JSON.parse(shown), key);
  assert.doesNotMatch(shown, /[\x7f-\x9f\u2066]/);
});
