import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { mergePatch } from '../../functions/routing/merge_patch.ts';

/** RFC 7396 section 2, on values: the pseudo-code as it stands there. */
function byTheBook(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const object = typeof target === 'object' && target !== null && !Array.isArray(target) ? target : {};
  const result = new Map(Object.entries(object));
  for (const [name, value] of Object.entries(patch))
    if (value === null) result.delete(name);
    else result.set(name, byTheBook(result.get(name), value));
  return Object.fromEntries(result);
}

const json = fc.jsonValue({ maxDepth: 4 });

test('a patched text says what the RFC’s own algorithm says of values', () => {
  fc.assert(
    fc.property(json, json, fc.boolean(), (target, patch, spaced) => {
      const [a, b] = [target, patch].map((value) => JSON.stringify(value, null, spaced ? 2 : 0)) as [
        string,
        string,
      ];
      const [parsed, expected] = [JSON.parse(mergePatch(a, b)), byTheBook(JSON.parse(a), JSON.parse(b))];
      assert.deepEqual(parsed, expected);
    }),
    { numRuns: 500 },
  );
});

test('what a patch leaves alone keeps its spelling, and of a name that it changes the last one counts', () => {
  const cases = [
    ['{"n":1e400,"m":1.0}', '{"m":2}', '{"n":1e400,"m":2}'],
    ['{"n":12345678901234567890.10}', '{"o":-0}', '{"n":12345678901234567890.10,"o":-0}'],
    ['{"a":1,"a":2,"b":"\\ud800"}', '{"c":null}', '{"a":1,"a":2,"b":"\\ud800"}'],
    ['{ "\\u0061" : [1, 2 ] }', '{"b":{"c":null,"d":[null]}}', '{"\\u0061":[1, 2 ],"b":{"d":[null]}}'],
    ['{"\\u0061":1}', '{"a":9007199254740993}', '{"\\u0061":9007199254740993}'],
    ['[1]', '{"a":{"b":null}}', '{"a":{}}'],
    ['{"a":1}', '[1.50]', '[1.50]'],
    ['{"a":1,"b":2,"a":{"c":3}}', '{"a":{"d":4}}', '{"b":2,"a":{"c":3,"d":4}}'],
    ['{"a":1,"b":2,"a":3}', '{"a":null}', '{"b":2}'],
    ['{"__proto__":1}', '{"__proto__":{"a":2}}', '{"__proto__":{"a":2}}'],
  ] as const;
  for (const [target, patch, patched] of cases) assert.equal(mergePatch(target, patch), patched);
});

test('the same patch twice is the same as once', () => {
  fc.assert(
    fc.property(json, json, (target, patch) => {
      const once = mergePatch(JSON.stringify(target), JSON.stringify(patch));
      assert.equal(mergePatch(once, JSON.stringify(patch)), once);
    }),
  );
});

test('nesting as deep as documents may be is no trouble', () => {
  const deep = (inner: string) => `${'{"a":'.repeat(999)}${inner}${'}'.repeat(999)}`;
  assert.equal(mergePatch(deep('{"x":1}'), deep('{"x":null,"y":2}')), deep('{"y":2}'));
});
