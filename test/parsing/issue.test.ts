/** What is told of a value that a schema refuses. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as v from 'valibot';
import { issueText, issueTexts } from '../../functions/parsing/issue.ts';

const LINE = v.strictObject({ sku: v.string(), count: v.optional(v.number()) });
const ORDER = v.strictObject({ lines: v.array(LINE), note: v.optional(v.string()) });
const texts = (value: unknown, schema: v.GenericSchema = ORDER) => issueTexts(schema, value);

test('what is right has no issue', () => {
  assert.deepEqual(texts({ lines: [{ sku: 'a' }], note: 'n' }), []);
});

test('a member that there is not, one that is missing and one of another type are told apart, with their places', () => {
  assert.deepEqual(texts({ lines: [{ sku: 'a', size: 1 }] }), ['lines.0.size: there is no such member']);
  assert.deepEqual(texts({ lines: [{}] }), ['lines.0.sku: it is missing']);
  assert.deepEqual(texts({ lines: [{ sku: 41111111 }] }), [
    'lines.0.sku: Invalid type: Expected string but received a number',
  ]);
  assert.deepEqual(texts('some text'), [
    'the whole: Invalid type: Expected Object but received a text of 9 characters',
  ]);
});

test('a member is missing in a schema that lets other members be, and in a variant, too', () => {
  const loose = v.object({ sku: v.string() });
  const either = v.variant('kind', [v.object({ kind: v.literal('a') }), v.object({ kind: v.literal('b') })]);
  assert.deepEqual(texts({}, loose), ['sku: it is missing']);
  assert.deepEqual(texts({}, either), ['kind: it is missing']);
  // Only an object lacks a member: an element that is undefined is not missing, but of a wrong type.
  assert.match(texts([undefined], v.array(v.string())).join(), /^0: Invalid type: .* received nothing$/);
  assert.deepEqual(
    texts({ kind: 'c' }, either).join(),
    'kind: Invalid type: Expected ("a" | "b") but received a text of 1 characters',
  );
});

test('where no member is expected, only a member is told to be unknown', () => {
  assert.deepEqual(texts(1, v.never()), ['the whole: Invalid type: Expected never but received a number']);
});

test('a message of our own schema stays as it is', () => {
  const even = v.pipe(
    v.number(),
    v.check((n) => n % 2 === 0, 'it is odd'),
  );
  assert.deepEqual(texts(3, even), ['the whole: it is odd']);
});

test('all members that there are not are told, in one element and in others, and what else is wrong comes after them', () => {
  const value = { lines: [{ sku: 'a', size: 1, color: 2 }, { sku: 5 }, { sku: 'c', width: 3 }], more: 4 };
  assert.deepEqual(texts(value).toSorted(), [
    'lines.0.color: there is no such member',
    'lines.0.size: there is no such member',
    'lines.1.sku: Invalid type: Expected string but received a number',
    'lines.2.width: there is no such member',
    'more: there is no such member',
  ]);
  assert.match(texts(value).at(-1) ?? '', /^lines.1.sku/);
  assert.deepEqual(value.lines[0], { sku: 'a', size: 1, color: 2 });
});

test('a path is as long as it may be, and no longer', () => {
  const [issue] = v.safeParse(v.strictObject({}), { ['m'.repeat(1000)]: 1 }).issues ?? [];
  assert.ok(issue);
  assert.equal(issueText(issue), `${'m'.repeat(300)}…: there is no such member`);
});
