import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Answer, Operation, Value } from '../../functions/certification/operation.ts';
import { Register } from '../../functions/certification/register.ts';
import { type Event, type Forced, linearizable } from './history.ts';

const anyValue = fc.constantFrom<Value>(null, 'a', 'b');
const anyOperation: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({ kind: fc.constant('read' as const), value: fc.constant(null) }),
  fc.record({ kind: fc.constant('write' as const), value: anyValue }),
  fc.record({ kind: fc.constant('write' as const), value: anyValue, expected: anyValue }),
);
const anyAnswer = (operation: Operation): fc.Arbitrary<Answer | null> => {
  if (operation.kind === 'read')
    return fc.option(anyValue.map((value) => ({ kind: 'done' as const, value })));
  const kinds = operation.expected === undefined ? (['done'] as const) : (['done', 'refused'] as const);
  return fc.option(fc.constantFrom(...kinds).map((kind) => ({ kind })));
};
const anyEvent: fc.Arbitrary<Event> = anyOperation.chain((operation) =>
  fc
    .tuple(anyAnswer(operation), fc.integer({ min: 0, max: 40 }), fc.integer({ min: 1, max: 20 }))
    .map(([answer, invoked, length]) => ({
      ...operation,
      answer,
      invoked: invoked * 2,
      returned: answer === null ? Number.POSITIVE_INFINITY : invoked * 2 + length * 2 + 1,
    })),
);

/** Feed a finished history to the register in the order in which it happened. */
function followed(initial: Value, events: readonly Event[], forced?: Forced): boolean {
  const moments = events.flatMap((event, id) => [
    { at: event.invoked, happens: (register: Register) => register.invoke(id, event) },
    ...(event.answer === null
      ? []
      : [
          {
            at: event.returned,
            happens: (register: Register) => register.answer(id, event.answer as Answer),
          },
        ]),
  ]);
  if (forced !== undefined)
    moments.push({ at: forced.at, happens: (register: Register) => register.fluid(forced.values) });
  moments.sort((a, b) => a.at - b.at);
  return !moments.reduce((register, { happens }) => happens(register), Register.holding(initial)).broken;
}

/** Between two moments at which something begins or ends. */
const anyForced = fc.record({
  at: fc.integer({ min: 0, max: 40 }).map((moment) => moment * 2 + 0.5),
  values: fc.array(anyValue, { minLength: 1, maxLength: 2 }),
});

for (const [what, force] of [
  ['every history', fc.constant(undefined)],
  ['every history with a forced move', anyForced],
] as const)
  test(`the register and the search over finished histories agree on ${what}`, () => {
    let linear = 0;
    const property = fc.property(
      anyValue,
      fc.array(anyEvent, { maxLength: 6 }),
      force,
      (initial, events, forced) => {
        const expected = linearizable(initial, events, forced);
        if (expected) linear++;
        assert.equal(followed(initial, events, forced), expected);
      },
    );
    fc.assert(property, { numRuns: 3000 });
    assert.ok(linear > 300 && linear < 2900, `only one kind of history was generated: ${linear} of 3000`);
  });

test('a read that goes back in time is not explained', () => {
  const write = { kind: 'write', value: 'a', invoked: 0, returned: 10, answer: { kind: 'done' } } as const;
  const read = (value: Value, invoked: number): Event => ({
    kind: 'read',
    value: null,
    invoked,
    returned: invoked + 1,
    answer: { kind: 'done', value },
  });
  assert.equal(linearizable(null, [write, read('a', 2), read(null, 4)]), false);
  assert.equal(followed(null, [write, read('a', 2), read(null, 4)]), false);
  assert.equal(followed(null, [write, read(null, 2), read('a', 4)]), true);
});

test('an unanswered write may take effect late or never, but not twice', () => {
  const lost: Operation = { kind: 'write', value: 'a' };
  const reading = (register: Register, value: Value) =>
    register.invoke(1, { kind: 'read', value: null }).answer(1, { kind: 'done', value });
  const writing = (register: Register, value: Value) =>
    register.invoke(2, { kind: 'write', value }).answer(2, { kind: 'done' });
  const begun = Register.holding(null).invoke(0, lost);
  assert.equal(reading(reading(begun, null), 'a').broken, false);
  assert.equal(reading(writing(reading(begun, 'a'), 'b'), 'a').broken, true);
  assert.equal(reading(writing(begun, 'b'), 'a').broken, false);
});

test('after a forced move reads see what either store held, until a write takes effect', () => {
  const read = (register: Register, value: Value) =>
    register.invoke(1, { kind: 'read', value: null }).answer(1, { kind: 'done', value });
  const write = (register: Register, value: Value) =>
    register.invoke(2, { kind: 'write', value }).answer(2, { kind: 'done' });
  const forced = Register.holding('x').fluid(['a', 'b']);
  assert.equal(read(read(read(forced, 'a'), 'b'), 'a').broken, false);
  assert.equal(read(forced, 'x').broken, true);
  assert.equal(read(write(forced, 'c'), 'a').broken, true);
  assert.equal(read(forced.determine('a'), 'b').broken, true);
  assert.equal(read(write(forced, 'c').determine('a'), 'c').broken, false);
});
