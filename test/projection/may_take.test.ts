/** What is known of a projection by a key alone. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Predicate } from '../../functions/projection/projection.ts';
import { mayTake, takes } from '../../functions/projection/takes.ts';
import { readJson } from '../../functions/protocol/json.ts';

const predicate: fc.Arbitrary<Predicate> = fc.oneof(
  fc.record({ kind: fc.constant('key'), pattern: fc.constantFrom('*', 'order::*', 'cart::*', '*::1') }),
  fc.record({
    kind: fc.constant('equals'),
    path: fc.constantFrom('type', 'n'),
    value: fc.constantFrom('order', 1, true),
  }),
  fc.record({ kind: fc.constant('present'), path: fc.constantFrom('type', 'n') }),
);
const body = fc.record({ type: fc.constantFrom('order', 'cart', null), n: fc.constantFrom(1, '1', true) });

test('a projection takes no document of a key that it may not take', () => {
  const property = fc.property(
    fc.array(predicate, { maxLength: 3 }),
    fc.constantFrom('order::1', 'order::2', 'cart::1', 'other'),
    body,
    (where, key, value) => {
      const json = readJson(JSON.stringify(value)) ?? undefined;
      if (takes(where, key, json)) assert.ok(mayTake(where, key));
    },
  );
  fc.assert(property, { numRuns: 500 });
});

test('a key outside of a pattern is told without the document, and nothing else is', () => {
  const by = (pattern: string): Predicate => ({ kind: 'key', pattern });
  const typed: Predicate = { kind: 'equals', path: 'type', value: 'order' };
  assert.equal(mayTake([], 'k'), true);
  assert.equal(mayTake([typed, { kind: 'present', path: 'n' }], 'k'), true);
  assert.equal(mayTake([typed, by('order::*')], 'order::1'), true);
  assert.equal(mayTake([typed, by('order::*')], 'cart::1'), false);
  assert.equal(mayTake([by('*::1'), by('order::*')], 'order::2'), false);
});
