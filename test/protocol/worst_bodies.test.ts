/**
 * Clients decide what a body looks like, and one request must not hold a container for minutes. So each of the worst bodies that are
 * known is measured beside a plain one with as many bytes, in the same process and at the same time: where the work is linear in the
 * bytes, both cost about the same; where it was quadratic, these cost hundreds to thousands of times as much.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonicalJson } from '../../functions/protocol/canonical.ts';
import { mergePatch } from '../../functions/routing/merge_patch.ts';
import { valuesOf } from '../../functions/stores/oracle/column.ts';
import { firstDifference } from '../../functions/verification/first_difference.ts';

/** How many times as much a bad body may cost. Far above what a busy machine makes of 1, far below what quadratic work does. */
const BOUND = 25;
/** The same of many members beside fewer: such pairs differ in nothing else, and a search among the others makes 15 of 1. */
const WIDE_BOUND = 8;
/** The least of several times counts: the compiler, the garbage collector and other processes only ever add to it. */
const TIMES = 5;

const AMOUNT = {
  ...{ name: 'AMOUNT', path: 'a', nullable: true },
  type: { kind: 'number', precision: 38, scale: 10 } as const,
};
const TARGET = { store: 'oracle', operation: 'write', collection: 'T', key: 'k' } as const;

const [LONG, DEEP] = [50_000, 990];
const nested = (depth: number, end = '') =>
  `${'{"z":1,"b":'.repeat(depth)}"${'x'.repeat(500_000)}${end}"${'}'.repeat(depth)}`;

/** Each in a buffer of its own, since forms are remembered. */
const form = (text: string) => canonicalJson(Buffer.from(text)) ?? assert.fail('It is not JSON');
const column = (number: string) => {
  const content = { body: Buffer.from(`{"a":${number}}`), expiresAt: null, digest: '' };
  assert.throws(() => valuesOf([AMOUNT], content, TARGET), /Mend the document/);
};
const compared = (a: string, b: string) =>
  firstDifference(Buffer.from(a), Buffer.from(b)) ?? assert.fail('They are the same');

/** Members in the reverse of their order, or one name again and again. */
const wide = (members: number) =>
  `{${Array.from({ length: members }, (_, n) => `"k${1_000_000 - n}":${n}`).join()}}`;
const repeated = (members: number) => `{${'"k":0,'.repeat(members)}"k":1}`;
const [WIDE, PARTS] = [30_000, 100];
/** One body of many members, beside as many members in a hundred bodies. */
const parts = (act: (members: number) => unknown) => () => {
  for (let part = 0; part < PARTS; part++) act(WIDE / PARTS);
};
const widely = (name: string, act: (members: number) => unknown) =>
  [name, () => act(WIDE), parts(act), WIDE_BOUND] as const;

const PLAIN_NUMBER = '1'.repeat(LONG);
const LONG_NUMBERS = {
  '1000…0001': `1${'0'.repeat(LONG)}1`,
  '0.1000…0001': `0.1${'0'.repeat(LONG)}1`,
};

/** What is measured, with a bad body and with a plain one. */
const WORST: readonly (readonly [name: string, bad: () => unknown, plain: () => unknown, bound?: number])[] =
  [
    ...Object.entries(LONG_NUMBERS).flatMap(([name, number]) => [
      [`form of ${name}`, () => form(number), () => form(PLAIN_NUMBER)] as const,
      [`column of ${name}`, () => column(number), () => column(PLAIN_NUMBER)] as const,
    ]),
    ['form of a long exponent', () => form(`1e${'9'.repeat(1_000_000)}`), () => form('1'.repeat(1_000_000))],
    ['form of a deep body', () => form(nested(DEEP)), () => form(nested(1))],
    [
      'patch of a deep body',
      () => mergePatch(nested(DEEP), nested(DEEP)),
      () => mergePatch(nested(1), nested(1)),
    ],
    [
      'first difference of deep bodies',
      () => compared(nested(DEEP), nested(DEEP, ' ').replace('x', '')),
      () => compared(nested(1), nested(1, ' ').replace('x', '')),
    ],
    widely('form of a wide body', (members) => form(wide(members))),
    widely('form of a body with one name', (members) => form(repeated(members))),
    widely('patch of a wide body', (members) => mergePatch(wide(members), wide(members))),
    widely('patch of a body with one name', (members) => mergePatch(repeated(members), '{"k":{"a":1}}')),
    widely('first difference of wide bodies', (members) =>
      compared(wide(members), wide(members).replace(':0', ':null')),
    ),
  ];

/** Milliseconds: the least of several times, until it is below `enough`. */
function timeOf(act: () => unknown, enough: number, times: number): number {
  let least = Number.POSITIVE_INFINITY;
  for (let time = 0; time < times && least >= enough; time++) {
    const before = performance.now();
    act();
    least = Math.min(least, performance.now() - before);
  }
  return least;
}

for (const [name, bad, plain, bound = BOUND] of WORST)
  test(`the ${name} costs about as much as that of a plain body`, () => {
    const usual = timeOf(plain, 0, 3);
    const worst = timeOf(bad, bound * usual, TIMES);
    assert.ok(worst < bound * usual, `It took ${worst} ms, and a plain body ${usual} ms`);
  });

test('what a patch makes of a name that stands many times is no longer than both texts', () => {
  const target = `{${'"a":0,'.repeat(1000)}"b":0}`;
  const patch = `{"a":{"c":"${'x'.repeat(1000)}"}}`;
  assert.ok(mergePatch(target, patch).length <= target.length + patch.length);
});
