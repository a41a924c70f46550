/** Texts, booleans, bytes and JSON in columns; what policies make of what is missing or does not fit. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ColumnType } from '../../functions/projection/types/column_type.ts';
import type { Misfit, Missing } from '../../functions/projection/types/policy.ts';
import { readBack } from '../../functions/projection/types/read_back.ts';
import { valueFor } from '../../functions/projection/types/value.ts';
import { canonicalText } from '../../functions/protocol/canonical.ts';
import { type Json, readJson } from '../../functions/protocol/json.ts';

const bytes = (length: number): ColumnType => ({ kind: 'text', length, unit: 'bytes' });
const characters = (length: number): ColumnType => ({ kind: 'text', length, unit: 'characters' });
const raw = (length: number, encoding: 'hex' | 'base64'): ColumnType => ({ kind: 'raw', length, encoding });
const CLOB: ColumnType = { kind: 'clob' };
const BOOLEAN: ColumnType = { kind: 'boolean', native: false };
const NUMBER: ColumnType = { kind: 'number', precision: 3, scale: 0 };
const JSON_TEXT: ColumnType = { kind: 'json', native: false };
const NATIVE_JSON: ColumnType = { kind: 'json', native: true };
const REFUSED: Missing & Misfit = { kind: 'refuse' };
const NULLED: Missing & Misfit = { kind: 'null' };

function told(
  type: ColumnType,
  source: string | undefined,
  missing: Missing = REFUSED,
  misfit: Misfit = REFUSED,
): string | null {
  const json = source === undefined ? undefined : (readJson(source) as Json);
  const value = valueFor({ type, missing, misfit }, json);
  if ('problem' in value) return `problem: ${value.problem}`;
  return value.became === null ? value.bound : `${value.became} ${value.bound}`;
}

test('a text has at most so many bytes, or so many code points in at most 4,000 bytes', () => {
  for (const [type, text, fits] of [
    [bytes(3), 'abc', true],
    [bytes(3), 'abcd', false],
    [bytes(4), 'ä€', false],
    [bytes(5), 'ä€', true],
    [characters(2), 'ä€', true],
    [characters(2), '😀😀', true],
    [characters(2), '😀😀a', false],
    [characters(4000), '😀'.repeat(1000), true],
    [characters(4000), `${'😀'.repeat(1000)}a`, false],
    [bytes(4000), 'a'.repeat(4000), true],
    [bytes(4000), 'a'.repeat(4001), false],
    [CLOB, 'a'.repeat(40_000), true],
    [bytes(9), 'a\u0000\n', true],
    [bytes(9), ' a ', true],
  ] as const)
    assert.equal(told(type, JSON.stringify(text)) === text, fits, `${JSON.stringify(type)} ${text.length}`);
  assert.equal(told(bytes(3), '"abcd"'), 'problem: there is a text of 4 bytes');
  assert.equal(told(characters(3), '"abcd"'), 'problem: there is a text of 4 characters');
  assert.equal(told(bytes(9), '"\\ud800"'), 'problem: there is a text with a lone surrogate');
  assert.equal(told(CLOB, '"\\udfff"'), 'problem: there is a text with a lone surrogate');
  assert.equal(told(bytes(9), '5'), 'problem: there is a number, not a text,');
  assert.equal(told(CLOB, '{"a":1,"b":2}'), 'problem: there is an object of 2 members, not a text,');
});

test('a text and bytes come whole, or not at all', () => {
  const unit = fc.constantFrom('a', '"', '\u0000', 'é', '€', '😀', '\ud800', '\udc00');
  const texts = fc.string({ unit, minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(texts, fc.integer({ min: 1, max: 20 }), (text, length) => {
      const source = JSON.stringify(text);
      const sizes = { bytes: new TextEncoder().encode(text).length, characters: Array.from(text).length };
      for (const type of [bytes(length), characters(length)]) {
        const fits = text.isWellFormed() && sizes[type.kind === 'text' ? type.unit : 'bytes'] <= length;
        assert.equal(told(type, source, REFUSED, NULLED), fits ? text : 'null null', source);
      }
      const binary = Buffer.from(text);
      for (const encoding of ['hex', 'base64'] as const)
        assert.equal(
          told(raw(length, encoding), JSON.stringify(binary.toString(encoding)), REFUSED, NULLED),
          binary.length <= length ? binary.toString('hex').toUpperCase() : 'null null',
        );
    }),
    { numRuns: 300, seed: 32 },
  );
});

test('nothing, null and an empty text are missing', () => {
  const empty = 'there is an empty text, which is NULL to Oracle,';
  for (const [type, source, problem] of [
    [bytes(9), undefined, 'there is nothing'],
    [bytes(9), 'null', 'there is nothing'],
    [bytes(9), '""', empty],
    [CLOB, '""', empty],
    [raw(9, 'hex'), '""', empty],
    [JSON_TEXT, 'null', 'there is nothing'],
  ] as const) {
    assert.equal(told(type, source), `problem: ${problem}`);
    assert.equal(told(type, source, NULLED), null);
  }
  assert.equal(told(JSON_TEXT, '""'), '""');
  assert.equal(told(bytes(9), undefined, { kind: 'default', value: 'none' }), 'none');
  assert.equal(told(bytes(9), '""', { kind: 'default', value: 'none' }), 'none');
  assert.equal(told(NUMBER, 'null', { kind: 'default', value: 7.0 }), '7');
  assert.equal(told(BOOLEAN, 'null', { kind: 'default', value: false }), '0');
  assert.equal(
    told(NUMBER, 'null', { kind: 'default', value: 1234 }),
    'problem: there is nothing, and the default does not fit the type',
  );
});

test('a policy makes a misfit NULL or rounds it, which is told; a kind that cannot be rounded is refused', () => {
  assert.equal(told(NUMBER, '"abc"', REFUSED, NULLED), 'null null');
  assert.equal(told(bytes(2), '"abc"', REFUSED, NULLED), 'null null');
  assert.equal(told(NUMBER, '12.5', REFUSED, { kind: 'round', rule: 'half-up' }), 'rounded 13');
  assert.equal(
    told(NUMBER, '"abc"', NULLED, { kind: 'round', rule: 'half-up' }),
    'problem: there is a text of 3 characters, not a number,',
  );
  assert.equal(
    told(bytes(2), '"abc"', NULLED, { kind: 'round', rule: 'down' }),
    'problem: there is a text of 3 bytes',
  );
});

test('true is 1 and false is 0, and nothing else is either', () => {
  assert.equal(told(BOOLEAN, 'true'), '1');
  assert.equal(told(BOOLEAN, 'false'), '0');
  for (const [source, kind] of [
    ['1', 'a number'],
    ['"true"', 'a text of 4 characters'],
    ['[]', 'an array of 0 elements'],
  ] as const)
    assert.equal(told(BOOLEAN, source), `problem: there is ${kind}, neither true nor false,`);
});

test('bytes come from hex and from base64, and every digit of them counts', () => {
  for (const [type, text, hex] of [
    [raw(2, 'hex'), 'beEF', 'BEEF'],
    [raw(3, 'base64'), '+/+/', 'FBFFBF'],
    [raw(3, 'base64'), '-_-_', 'FBFFBF'],
    [raw(2, 'base64'), '+/8=', 'FBFF'],
    [raw(2, 'base64'), '+/8', 'FBFF'],
    [raw(2, 'base64'), '-_8=', 'FBFF'],
  ] as const)
    assert.equal(told(type, JSON.stringify(text)), hex, text);
  for (const [encoding, text] of [
    ['hex', 'abc'],
    ['hex', 'xy'],
    ['hex', 'ab zz'],
    ['base64', '+/9='],
    ['base64', 'a'],
    ['base64', 'YQ==='],
    ['base64', 'Y Q'],
    ['base64', '+_+_'],
  ] as const)
    assert.equal(
      told(raw(9, encoding), JSON.stringify(text)),
      `problem: there is a text of ${text.length} characters, not ${encoding},`,
    );
  assert.equal(told(raw(1, 'hex'), '"beef"'), 'problem: there are 2 bytes as hex');
  // Not decoded: a text of 20 MiB would be copied several times.
  for (const encoding of ['hex', 'base64'] as const) {
    const longest = JSON.stringify('A'.repeat(encoding === 'hex' ? 8 : 4));
    assert.doesNotMatch(told(raw(2, encoding), longest) ?? '', /too long/);
    const longer = JSON.stringify('A'.repeat(20));
    assert.equal(
      told(raw(2, encoding), longer),
      'problem: there is a text of 20 characters, too long for 2 bytes',
    );
  }
});

test('JSON keeps its kinds, its digits and, as a text, the order of its members', () => {
  const source =
    '{"b": [1.50, 1e3, -0.0, 1e400, 12345678901234567890123456789.5], "a": "\\u00e4", "a2": null}';
  assert.equal(
    told(JSON_TEXT, source),
    '{"b":[1.5,1000,0,1e400,123456789012345678901234567895e-1],"a":"ä","a2":null}',
  );
  assert.equal(told(JSON_TEXT, '[1e20,1e21,1e-7,1e-8]'), `[1${'0'.repeat(20)},1e21,0.0000001,1e-8]`);
  const longest = `{"${'a'.repeat(255)}":1}`;
  assert.equal(told(NATIVE_JSON, longest), longest);
  for (const scalar of ['"text"', 'true', '12', '1.5']) assert.equal(told(JSON_TEXT, scalar), scalar);
  assert.equal(told(NATIVE_JSON, '{"b":1.50,"a":[true,{}]}'), '{"a":[true,{}],"b":1.5}');
  assert.equal(told(JSON_TEXT, '{"a":1,"a":2,"x":"\\ud800"}'), '{"a":1,"a":2,"x":"\\ud800"}');
  for (const [json, problem] of [
    ['{"a":1,"a":2}', 'two members of the same name'],
    ['[1e400]', 'a number of more than 38 digits, or out of the range of NUMBER,'],
    [`[1${'0'.repeat(38)}1]`, 'a number of more than 38 digits, or out of the range of NUMBER,'],
    ['{"x":"\\ud800"}', 'a text that has a lone surrogate'],
    ['{"\\ud800":1}', 'a name that has a lone surrogate'],
    [`{"${'ä'.repeat(128)}":1}`, 'a name of more than 255 bytes'],
  ] as const)
    assert.equal(told(NATIVE_JSON, json), `problem: there is JSON with ${problem}`);
  const deep = readJson(`${'['.repeat(1001)}${']'.repeat(1001)}`, 2000) as Json;
  assert.deepEqual(valueFor({ type: JSON_TEXT, missing: REFUSED, misfit: REFUSED }, deep), {
    problem: 'there is JSON of more than 1000 levels',
  });
});

test('JSON in a column is the document’s value', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), fc.boolean(), (value, native) => {
      const json = readJson(JSON.stringify(value)) as Json;
      const written = valueFor({ type: { kind: 'json', native }, missing: NULLED, misfit: REFUSED }, json);
      if ('problem' in written) {
        assert.ok(native);
        return;
      }
      const again = written.bound === null ? 'null' : (readJson(written.bound) as Json);
      assert.equal(canonicalText(again), canonicalText(json));
    }),
    { numRuns: 200, seed: 32 },
  );
});

test('what JSON_SERIALIZE gives is read as what was bound, whatever its order and its spelling of numbers', () => {
  const bound = told(NATIVE_JSON, '{"price":100,"tags":["ä"]}');
  assert.equal(readBack(NATIVE_JSON, '{"tags" : ["\\u00e4"], "price" : 1E+2}'), bound);
  assert.notEqual(readBack(NATIVE_JSON, '{"tags":["\\u00e4"],"price":"100"}'), bound);
  assert.equal(readBack(NATIVE_JSON, 'broken'), 'broken');
  assert.equal(readBack(JSON_TEXT, '{"b":1,"a":2}'), '{"b":1,"a":2}');
  assert.equal(readBack(NATIVE_JSON, null), null);
});

test('no problem says anything of the value but its kind and its size', () => {
  const types: readonly ColumnType[] = [
    NUMBER,
    { kind: 'double' },
    bytes(5),
    characters(5),
    BOOLEAN,
    { kind: 'date', formats: ['iso', 'seconds'] },
    raw(4, 'hex'),
    raw(4, 'base64'),
    NATIVE_JSON,
  ];
  const secret = 'Qx7731';
  for (const type of types)
    for (const source of [
      `"${secret}"`,
      '77317731.7731',
      '7731e7731',
      `{"${secret}":1,"${secret}":2}`,
      '[7731e7731]',
    ]) {
      const text = told(type, source) ?? '';
      assert.equal(text.startsWith('problem') && /7731|Qx/.test(text), false, text);
    }
});
