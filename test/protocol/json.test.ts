import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { childAt, type Json, readJson, scalarIn } from '../../functions/protocol/json.ts';

const read = (text: string): Json => readJson(text) ?? assert.fail(`${text} is no JSON`);

/** What JSON.parse finds at the same place. */
function parsedAt(value: unknown, step: string | number): unknown {
  const inside =
    typeof value === 'object' && value !== null && Array.isArray(value) === (typeof step === 'number');
  return inside && Object.hasOwn(value, step) ? (value as Record<string | number, unknown>)[step] : undefined;
}

function same(json: Json | undefined, value: unknown): void {
  const scalar = json === undefined ? undefined : scalarIn(json);
  if (scalar === undefined) assert.equal(value, undefined);
  else if (scalar === null) assert.equal(value, null);
  else if (scalar.kind === 'container') assert.equal(typeof value, 'object');
  else if (scalar.kind === 'text') assert.equal(scalar.text, value);
  else if (scalar.kind === 'number') assert.equal(Number(scalar.decimal), Number(value));
  else assert.equal(scalar.is, value);
}

test('a member or an element is what JSON.parse finds there, at each level', () => {
  const name = fc.constantFrom('a', 'b', '0', '__proto__', 'length', 'é"\\', '');
  const { json } = fc.letrec((tie) => ({
    json: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom('null', 'true', 'false', '0', '-12.50e1', '"x"', '"\\u0041\\n"', '""'),
      fc.array(tie('json') as fc.Arbitrary<string>, { maxLength: 3 }).map((all) => `[${all}]`),
      // A name may stand twice.
      fc
        .array(fc.tuple(name, tie('json') as fc.Arbitrary<string>), { maxLength: 4 })
        .map((all) => `{${all.map(([key, value]) => `${JSON.stringify(key)}: ${value}`)}}`),
    ),
  }));
  const path = fc.array(fc.oneof(name, fc.nat(3)), { maxLength: 4 });
  fc.assert(
    fc.property(json as fc.Arbitrary<string>, path, (text, steps) => {
      let [found, value]: [Json | undefined, unknown] = [read(text), JSON.parse(text)];
      same(found, value);
      for (const step of steps) {
        if (found === undefined) return;
        [found, value] = [childAt(found, step), parsedAt(value, step)];
        same(found, value);
      }
    }),
    { numRuns: 2000 },
  );
});

/** Whether JSON.parse takes it. */
function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

test('each text that is one character away from JSON is JSON where JSON.parse says so', () => {
  const texts = [
    '{"a":1,"b\\n":[true,null,"\\u00e9"]}',
    ' [ -0.5e+10 , { } , [ ] , false ]\n',
    '{"":{"c" : "\\\\"}}',
  ];
  const instead = ['', ...' \t\v":,[]{}\\-+.0aeEnzZ\u0000'];
  for (const text of texts)
    for (let at = 0; at <= text.length; at++)
      for (const character of instead)
        for (const length of [0, 1]) {
          const other = text.slice(0, at) + character + text.slice(at + length);
          assert.equal(readJson(other) !== null, parses(other), JSON.stringify(other));
        }
});

test('how deep it may be nested is for the reader to say', () => {
  const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;
  assert.deepEqual([readJson(nested(3), 3) === null, readJson(nested(4), 3) === null], [false, true]);
  assert.notEqual(readJson(nested(5000), 10_000), null);
});
