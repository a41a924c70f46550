import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { FOLDERS, foundIn, ROOT, roundsOf, testsOf } from './folders.ts';
import { applied, type Mutant, mutantsOf } from './mutants.ts';
import { distance, nearestFirst } from './nearest.ts';
import { reasonOf, SAME } from './same.ts';
import { sampled } from './sampled.ts';
import { tokensOf } from './tokens.ts';
import { tried } from './try.ts';

const changes = (source: string) => mutantsOf(source).map((mutant) => applied(source, mutant));
const LIMIT = 60_000;
const FOUND = FOLDERS.map((folder) => ({ folder, found: foundIn(folder) }));

test('text, types and regular expressions are no code to mutate', () => {
  const template = ['`c $', '{d > e ? `f` : 1} && g`'].join('');
  const source = `const a: Array<b> = [/x > y && (z)/, 'a < b', ${template}]; // true && false`;
  assert.deepEqual(changes(source), []);
  assert.deepEqual(
    tokensOf('a / b / c').map(({ text }) => text),
    ['a', '/', 'b', '/', 'c'],
  );
});

test('operators, conditions, answers and statements are mutated, one at a time', () => {
  assert.deepEqual(changes('const a = b <= 1;'), ['const a = b < 1;', 'const a = b > 1;']);
  assert.deepEqual(changes('if (a) b();'), ['if (true) b();', 'if (false) b();', 'if (a) ;']);
  assert.deepEqual(changes('function a() { return -b - 1; }'), [
    'function a() { return undefined; }',
    'function a() { return -b + 1; }',
  ]);
  assert.deepEqual(changes('function* a() { yield* b(); }'), ['function* a() { ; }']);
});

test('each pure folder has mutants, and each of its tests is there', () => {
  for (const { folder, found } of FOUND) {
    assert.ok(found.length > 20, folder.name);
    assert.ok(testsOf(folder).length > 0, folder.name);
    const one = sampled(found, 3, 7);
    assert.deepEqual(one, sampled(found, 3, 7));
  }
});

test('a mutant is tried by the tests that load its file: the nearest first, the slow ones last, no others', () => {
  const [protocol, , parsing] = FOLDERS;
  assert.ok(protocol !== undefined && parsing !== undefined);
  const names = (rounds: string[][]) => rounds.map((round) => round.map((test) => test.slice(ROOT.length)));
  assert.deepEqual(names(roundsOf(parsing, 'functions/parsing/within.ts')), [
    ['test/parsing/within.test.ts'],
    ['test/parsing/refusals.test.ts'],
  ]);
  assert.deepEqual(names(roundsOf(protocol, 'functions/protocol/write.ts')).at(-1), [
    'test/model/bugs.test.ts',
  ]);
  // A file of types is loaded by nobody.
  const types = `${ROOT}functions/control/condition.ts`;
  assert.equal(distance(`${ROOT}functions/control/conditions.ts`, types), undefined);
  assert.deepEqual(nearestFirst([`${ROOT}functions/control/conditions.ts`], types), []);
});

test('each mutant that is known to behave the same is still there, once', () => {
  const all = FOUND.flatMap(({ found }) => found);
  for (const same of SAME) {
    const { file, line, was, is } = same;
    const found = all.filter((each) => each.file === file && reasonOf(each) === same.why);
    assert.equal(found.length, 1, `${file}  ${line}  ${was}  →  ${is}`);
  }
});

test('tests kill a mutant, let the source pass as it is, and do not wait for one that never ends', async () => {
  const file = 'functions/parsing/quoted.ts';
  const tests = ['test/parsing/quoted.test.ts'];
  const source = readFileSync(`${ROOT}/${file}`, 'utf8');
  const mutant = mutantsOf(source).find(({ was }) => was === '<=') as Mutant;
  assert.equal(await tried({ file, mutant }, tests, LIMIT), 'killed');
  assert.equal(await tried({ file }, tests, LIMIT), 'survived');
  const endless = { at: source.indexOf('export function'), was: '', is: 'for (;;);\n' };
  assert.equal(await tried({ file, mutant: endless }, tests, 1000), 'timed out');
});
