import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { foundAt, pathInElement, stepsFrom, stepsOf } from '../../functions/projection/path.ts';
import { jsonIn } from '../../functions/protocol/canonical.ts';

const at = (path: string, body: string) =>
  foundAt(jsonIn(Buffer.from(body)) ?? undefined, stepsFrom(path) ?? []);

test('a path names members and places, the last ones too, and in brackets members of any name', () => {
  for (const [path, steps] of [
    ['a', ['a']],
    ['a.b[0].c', ['a', 'b', 0, 'c']],
    ['[1][2]', [1, 2]],
    ['a.[1].b', ['a', 1, 'b']],
    ['a[0]b', ['a', 0, 'b']],
    ['a[-1].b', ['a', -1, 'b']],
    ['a["b.c"][0]', ['a', 'b.c', 0]],
    ['["[0]"].x', ['[0]', 'x']],
    ['[""]', ['']],
    ['a["\\"\\u00e9"]', ['a', '"é']],
    ['a"b', ['a"b']],
    ['META()', ['META()']],
    ['länge.名', ['länge', '名']],
  ] as const)
    assert.deepEqual(stepsOf(path), steps, path);
});

test('what is no path is told from one', () => {
  for (const path of [
    '',
    '.a',
    'a.',
    'a..b',
    'a[',
    'a]',
    'a[x]',
    'a[1',
    'a[--1]',
    'a[1.5]',
    'a["b]',
    'a["b"',
    'a["\\x"]',
    '.["a"]',
    'a["b"c"]',
    'a["\n"]',
  ])
    assert.equal(stepsOf(path), null, path);
  assert.deepEqual(stepsFrom(''), []);
});

test('each name can be written', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1, maxLength: 4 }), (names) => {
      assert.deepEqual(stepsOf(names.map((name) => `[${JSON.stringify(name)}]`).join('.')), names);
    }),
    { numRuns: 50 },
  );
});

test('a path leads to what is there, and to nothing where another thing is', () => {
  const body = '{"a":{"b":[1,[2,3],{"c.d":"x"}],"b.0":4},"":5,"n":null,"a":{"b":[6]},"l":[]}';
  // Of a name that stands twice the last counts, as for JSON.parse.
  for (const [path, found] of [
    ['a.b[-1]', '6e0'],
    ['a.b[0]', '6e0'],
    ['n', 'null'],
    ['[""]', '5e0'],
  ] as const)
    assert.equal(at(path, body), found, path);
  const list = '[1,[2,3],{"c.d":"x"}]';
  for (const [path, found] of [
    ['[1][-1]', '3e0'],
    ['[1][-2]', '2e0'],
    ['[-1]["c.d"]', '"x"'],
  ] as const)
    assert.equal(at(path, list), found, path);
  for (const path of [
    'a.b[1]',
    'a.b[-2]',
    'a.b.c',
    'a[-1]',
    'n[-1]',
    'l[-1]',
    'l[0]',
    'toString',
    'a.b.length',
  ])
    assert.equal(at(path, body), undefined, path);
  assert.equal(at('', '"all"'), '"all"');
});

test('the path of something in an element has its place', () => {
  assert.equal(pathInElement('lines', 3, 'price'), 'lines[3].price');
  assert.equal(pathInElement('a.b', 0, '["c.d"]'), 'a.b[0]["c.d"]');
  assert.equal(pathInElement('', 2, ''), '[2]');
});

test('a path is read in a time that grows with its length alone', () => {
  // A pattern that went over the same characters again would need minutes for these.
  const long = 50_000;
  for (const path of [
    '['.repeat(long),
    '["'.repeat(long),
    `a${'.a'.repeat(long)}.`,
    `["${'\\'.repeat(2 * long)}`,
  ])
    assert.equal(stepsOf(path), null);
  assert.equal(stepsOf(`a${'.a'.repeat(long)}`)?.length, long + 1);
});
