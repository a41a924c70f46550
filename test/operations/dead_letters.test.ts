import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { causeIn, letterId } from '../../functions/books/letters.ts';
import { discard, listLetters, redrive } from '../../functions/operations/dead_letters.ts';
import { parseOperation } from '../../functions/operations/request.ts';
import { release, sweep } from '../../functions/operations/sweep.ts';
import { Unprojectable } from '../../functions/projection/projection.ts';
import type { Column } from '../../functions/stores/oracle/column.ts';
import { requireFit } from '../../functions/stores/oracle/table.ts';
import { document } from '../stores/contract/subject.ts';
import { Death, Desk } from './desk.ts';

const NAMES = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'long');
/** Messages, of which a document may have many. */
const queue = fc.array(NAMES, { maxLength: 12 });
const bodies = fc.uniqueArray(NAMES);
const LIVES = fc.integer({ min: 0, max: 60 });
const dies = (error: unknown) => assert.ok(error instanceof Death);

const HOUR = 3_600_000;

test('each document that was set aside is one letter with one message, wherever a sweep before has died', async () => {
  await fc.assert(
    fc.asyncProperty(queue, bodies, LIVES, async (queued, kept, lives) => {
      const desk = new Desk(queued, kept, lives);
      const all = [...new Set([...queued, ...kept])].sort();
      await sweep(desk.ports()).catch(dies);
      assert.deepEqual([...new Set([...desk.open, ...desk.queued])].sort(), all, 'nothing is lost');
      desk.lives = Number.POSITIVE_INFINITY;
      desk.pass(HOUR);
      await sweep(desk.ports());
      assert.deepEqual(desk.open.sort(), all);
      assert.deepEqual(desk.queued.sort(), [...new Set(queued)].sort());
      assert.equal(desk.unread, 0);
    }),
  );
});

test('a redrive that dies in the middle has lost nothing: done again, each letter has been sent', async () => {
  await fc.assert(
    fc.asyncProperty(queue, bodies, LIVES, async (queued, kept, lives) => {
      const desk = new Desk(queued, kept, lives);
      const all = [...new Set([...queued, ...kept])];
      await redrive({}, desk.ports()).catch(dies);
      for (const body of all)
        assert.ok([...desk.resent, ...desk.queued, ...desk.open].includes(body), `${body} is lost`);
      desk.lives = Number.POSITIVE_INFINITY;
      desk.pass(HOUR);
      const { skipped, left } = await redrive({}, desk.ports());
      const whole = all.filter((body) => body !== 'long');
      assert.deepEqual([...new Set(desk.resent)].sort(), whole.sort());
      assert.deepEqual([skipped, left], [all.includes('long') ? 1 : 0, false]);
      // What was too long to be kept stays where it is whole, and others see it.
      assert.ok(desk.messages.every(({ body, hidden }) => body === 'long' && !hidden));
      assert.equal(desk.queued.includes('long'), queued.includes('long'));
      assert.equal(desk.unread, 0);
    }),
  );
});

test('what is set aside again while it is sent again stays open, with Oracle or without', async () => {
  const kept = new Desk(['a'], ['a']);
  // 1 The receipt is sent again. 2 It is set aside again. 3 The letter is to be closed.
  kept.onResend = (body) => kept.setAside(body)();
  assert.equal((await redrive({}, kept.ports())).done, 0);
  assert.deepEqual([kept.open, kept.queued, kept.unread], [['a'], ['a', 'a'], 0]);

  const away = new Desk(['a'], ['a']);
  away.onResend = (body) => away.bury(body);
  assert.equal((await redrive({}, away.ports())).done, 1);
  assert.deepEqual([away.open, away.queued, away.unread], [[], ['a'], 1], 'the queue has it');
  await sweep(away.ports());
  assert.deepEqual([away.open, away.queued, away.unread], [['a'], ['a'], 1], 'its worker may still count it');
  away.pass(HOUR);
  await sweep(away.ports());
  assert.deepEqual([away.open, away.queued, away.unread], [['a'], ['a'], 0]);
});

test('a message of before its letter was closed is deleted, and one of after it opens the letter again', async () => {
  const desk = new Desk(['old', 'older'], ['old', 'older', 'new']);
  desk.time += HOUR;
  for (const letter of [...desk.letters.values()])
    await desk.ports().close(letter, letter.key === 'old' ? 'redriven' : 'discarded', desk.time);
  desk.time += HOUR;
  desk.bury('new');
  await sweep(desk.ports());
  assert.deepEqual([desk.open, desk.queued], [['new'], ['new']]);
});

test('a queue of few messages is asked patiently before it counts as empty', async () => {
  const desk = new Desk(['a', 'b'], []);
  desk.misses = 1;
  assert.equal((await sweep(desk.ports())).complete, true);
  assert.deepEqual([desk.open.sort(), desk.queued, desk.unread], [['a', 'b'], ['a', 'b'], 0]);
});

test('giving a message back is a courtesy: nothing fails where that does', async () => {
  const desk = new Desk(['a', 'long'], []);
  const ports = { ...desk.ports(), release: () => Promise.reject(new Error('MessageNotInflight')) };
  assert.deepEqual((await listLetters({}, ports)).letters.map(({ key }) => key).sort(), ['a', 'long']);
  desk.pass(HOUR);
  assert.equal((await redrive({}, ports)).done, 1);
  assert.deepEqual(desk.queued, ['long']);
});

test('a sweep ends when its time is up, and says that the queue may have more', async () => {
  const desk = new Desk(['a', 'b', 'c', 'd', 'e'], []);
  let turns = 1;
  const swept = await sweep({ ...desk.ports(), timely: () => turns-- > 0 });
  assert.deepEqual([swept.complete, desk.open], [false, ['a', 'b', 'c']]);
  await release(swept, desk.ports());
});

test('what is given up is never sent, and what nobody has named stays', async () => {
  const desk = new Desk(['a', 'b', 'long'], ['a']);
  assert.deepEqual(await discard({ key: 'a' }, desk.ports()), { done: 1, skipped: 0, open: 0, left: false });
  assert.deepEqual(desk.queued, ['b', 'long']);
  const { letters } = await listLetters({}, desk.ports());
  assert.deepEqual(letters.map(({ key }) => key).sort(), ['b', 'long']);
  await discard({}, desk.ports());
  assert.deepEqual([desk.messages, desk.resent], [[], []]);
});

test('a redrive without the time for all of them says how many are left', async () => {
  const desk = new Desk([], ['a', 'b', 'c', 'long']);
  let turns = 2;
  const ports = { ...desk.ports(), timely: () => false, timelyToClose: () => turns-- > 0 };
  assert.deepEqual(await redrive({}, ports), { done: 2, skipped: 0, open: 2, left: true });
  assert.deepEqual(await redrive({}, desk.ports()), { done: 1, skipped: 1, open: 1, left: false });
});

test('what operators ask for is understood, or refused with what is wrong', () => {
  const parse = (name: string, value: unknown) => parseOperation(name, value, ['orders']);
  assert.deepEqual(parse('redrive', { key: 'k', why: 'mended' }), {
    name: 'redrive',
    key: 'k',
    why: 'mended',
  });
  assert.throws(() => parse('redrive', { why: '  no ' }), /redrive is asked for wrongly at why: say why/);
  assert.throws(
    () => parse('explain', { collection: 'x', key: 'k' }),
    /no collection "x": it is none of orders/,
  );
  assert.throws(
    () => parse('explain', { collection: 'orders', key: '' }),
    /wrongly at key: it must not be empty/,
  );
  assert.throws(() => parse('toString', {}), /no operation "toString": it is none of explain, preflight/);
});

test('reasons of many documents have one cause', () => {
  const reason = (key: string, shard: number) =>
    `run-${shard}, shard ${shard}: oracle write in ORDERS, key ${JSON.stringify(key)}: there is no number at total`;
  const causes = [reason('a', 1), reason('say "b", key', 22)].map(causeIn);
  assert.deepEqual(new Set(causes), new Set(['oracle write in ORDERS: there is no number at total']));
});

test('a column has one cause, whatever the sizes are of what does not fit it', () => {
  const column = { name: 'C', path: 'v', type: { kind: 'text', bytes: 2 }, nullable: true } as const;
  const number = { ...column, type: { kind: 'number', precision: 2, scale: 0 } } as const;
  const target = { store: 'oracle', operation: 'write', collection: 'ORDERS', key: 'k' } as const;
  const causeOf = (of: Column, value: string) => {
    try {
      requireFit({ name: 'ORDERS', columns: [of], projections: [] }, document(`{"v":${value}}`), target);
    } catch (error) {
      return causeIn((error as Error).message);
    }
    return 'it fits';
  };
  assert.match(causeOf(column, '"abc"'), /a text of … bytes at v, for the column C \(VARCHAR2\(2 BYTE\)\)/);
  assert.equal(causeOf(column, '"abc"'), causeOf(column, '"abcdef"'));
  assert.match(
    causeOf(number, '123'),
    /a number of … digits before the point and … digits after it at v, .*\(2, 0\)/,
  );
  assert.equal(causeOf(number, '123'), causeOf(number, '1234.5'));
});

test('a column of a projection has one cause, whatever the element and the size are of what does not fit it', () => {
  const causeOf = (place: number, problem: string, column: string | null = 'PRICE') => {
    const at = { table: 'LINES', column, path: `lines[${place}].price` };
    return causeIn(`oracle write in ORDERS, key "k[7]": ${new Unprojectable(at, problem).message}`);
  };
  assert.equal(
    causeOf(3, 'there is a text of 12 characters'),
    'oracle write in ORDERS: there is a text of … characters at lines[…].price, for the column PRICE of LINES. Mend the document, or the projection',
  );
  assert.equal(
    causeOf(3, 'there is a text of 12 characters'),
    causeOf(44, 'there is a text of 5 characters'),
  );
  assert.equal(causeOf(3, 'there is an array of 12 elements'), causeOf(4, 'there is an array of 5 elements'));
  const same = (place: number) => causeOf(place, `there is the same SKU as at lines[${place - 1}]`, null);
  assert.equal(same(3), same(44));
  assert.match(same(3), /the same SKU as at lines\[…\] at lines\[…\]\.price, for the table LINES/);
  assert.notEqual(causeOf(3, 'there is nothing'), causeOf(3, 'there is nothing', 'SKU'));
});

test('receipts of one document are one letter, and other messages are each their own', () => {
  const place = { collection: 'orders', key: 'k' };
  assert.equal(letterId('a', place), letterId('b', place));
  assert.notEqual(letterId('a', null), letterId('b', null));
});
