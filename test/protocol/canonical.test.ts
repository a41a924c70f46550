import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { canonicalJson } from '../../functions/protocol/canonical.ts';
import { canonicalDecimal } from '../../functions/protocol/decimal.ts';
import { documentFrom, fingerprint } from '../../functions/protocol/fingerprint.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const canonical = (text: string) => canonicalJson(bytes(text));
const same = (a: string, b: string) => fingerprint(bytes(a), null) === fingerprint(bytes(b), null);

test('white space, member order and the spelling of strings and numbers do not count', () => {
  for (const [a, b] of [
    ['{"a":1,"b":[true,null]}', ' { "b" : [ true , null ] ,\n"a":\t1.0 }\r'],
    ['"\\u0041\\/\\n"', '"A/\\u000a"'],
    ['"\\ud83d\\ude00"', '"😀"'],
    ['[1,10,100,0.5]', '[1.0,1e1,10E+1,5e-1]'],
    ['-0', '0'],
    ['0e99', '0.000'],
    ['{}', '{ }'],
    ['[[],{}]', '[ [ ] , { } ]'],
  ] as const)
    assert.ok(same(a, b), `${a} and ${b}`);
});

test('everything else counts', () => {
  for (const [a, b] of [
    ['9007199254740993', '9007199254740992'],
    ['1e400', '1e401'],
    ['12345678901234567890123456789012345678', '12345678901234567890123456789012345679'],
    ['0.1', '0.10000000000000000000000000000000000001'],
    ['1e99999999999999999999', '1e99999999999999999998'],
    ['1', '"1"'],
    ['1', '-1'],
    ['{"a":null}', '{}'],
    ['[1,2]', '[2,1]'],
    ['{"a":1,"a":2}', '{"a":2,"a":1}'],
    ['{"a":1,"a":1}', '{"a":1}'],
    ['"\\ud800"', '"\\ud801"'],
    ['"\\ud800"', '"\ufffd"'],
    ['"é"', '"e\u0301"'],
    ['""', ''],
    ['null', ''],
    ['[]', '{}'],
  ] as const)
    assert.ok(!same(a, b), `${a} and ${b}`);
});

test('what is not JSON counts byte for byte, and never equals JSON', () => {
  for (const text of [
    ...[
      '',
      ' ',
      '01',
      '+1',
      '1.',
      '.5',
      '1e',
      '0x1',
      'NaN',
      'Infinity',
      'undefined',
      "'a'",
      'nul',
      'truefalse',
    ],
    ...[
      '[1,]',
      '[,1]',
      '[1 2]',
      '[',
      ']',
      '[1',
      '{"a"}',
      '{"a":}',
      '{"a":1,}',
      '{a:1}',
      '{"a":1',
      '{1:2}',
      '1 2',
    ],
    ...['"\t"', '"a', '"\\x"', '"\\u12"', '\ufeff1', '{"a":1}}', '[1]]', '[1}', '{"a":1]', '--1', '1-1'],
  ])
    assert.equal(canonical(text), null, JSON.stringify(text));
  assert.equal(canonicalJson(new Uint8Array([0x22, 0xff, 0x22])), null);
  assert.notEqual(fingerprint(new Uint8Array([0xff]), null), fingerprint(new Uint8Array([0xfe]), null));
});

test('of JSON that JavaScript can hold, it accepts exactly what JSON.parse does, and keeps its meaning', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 6 }), fc.integer({ min: 0, max: 4 }), (text, indent) => {
      const form = canonical(text);
      assert.notEqual(form, null);
      assert.equal(canonical(form as string), form);
      assert.equal(canonical(JSON.stringify(JSON.parse(text), null, indent)), form);
    }),
  );
});

test('of arbitrary text it accepts no more and no less than JSON.parse', () => {
  const near = fc.array(
    fc.constantFrom(...'[]{}:,"\\ \t01-+.eEtrufalsn'.split(''), 'true', 'null', '"a"', '{"a":'),
  );
  fc.assert(
    fc.property(
      fc.oneof(
        near.map((parts) => parts.join('')),
        fc.string({ unit: 'binary' }),
      ),
      (text) => {
        let parses = true;
        try {
          JSON.parse(text);
        } catch {
          parses = false;
        }
        assert.equal(canonicalJson(new TextEncoder().encode(text)) !== null, parses, JSON.stringify(text));
      },
    ),
    { numRuns: 3000 },
  );
});

test('two spellings of one decimal have one form, whatever their exponents', () => {
  const anyDigits = fc.stringMatching(/^[1-9][0-9]{0,40}$/);
  fc.assert(
    fc.property(anyDigits, fc.integer({ min: -60, max: 60 }), fc.nat(20), (digits, exponent, zeros) => {
      const plain = canonicalDecimal(`${digits}e${exponent}`);
      assert.equal(canonicalDecimal(`${digits}${'0'.repeat(zeros)}E${exponent - zeros}`), plain);
      assert.equal(
        canonicalDecimal(`0.${'0'.repeat(zeros)}${digits}e${exponent + zeros + digits.length}`),
        plain,
      );
      assert.notEqual(canonicalDecimal(`${digits}e${exponent + 1}`), plain);
    }),
  );
});

test('nesting to 1,000 is compared as JSON; a body nested deeper, or of 20 MiB, is no trouble', () => {
  const nested = (depth: number, space: string) => `${'['.repeat(depth)}${space}${']'.repeat(depth)}`;
  assert.ok(same(nested(1000, ''), nested(1000, ' ')));
  assert.equal(canonical(nested(1001, '')), null);
  assert.equal(canonical(nested(1_000_000, '')), null);
  const long = `{"a":"${'\\n'.repeat(5_000_000)}","b":"${'x'.repeat(10_000_000)}"}`;
  assert.ok((canonical(long)?.length ?? 0) > 20_000_000);
});

test('the expiry is part of a document', () => {
  const [never, soon] = [documentFrom(bytes('{}'), null), documentFrom(bytes('{}'), 1_800_000_000_000)];
  assert.notEqual(never.digest, soon.digest);
  assert.match(never.digest, /^[\w-]{43}$/);
});
