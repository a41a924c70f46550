import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { discard, type LetterPorts, listLetters, redrive } from '../../functions/operations/dead_letters.ts';
import { parseOperation } from '../../functions/operations/request.ts';
import { causeIn, type Letter, letterId } from '../../functions/stores/oracle/letters.ts';

class Death extends Error {}

/** A queue of dead letters and their copies, whose user may die at any call. */
class Desk {
  readonly messages: { body: string; hidden: boolean }[];
  readonly letters = new Map<string, Letter>();
  readonly resent: string[] = [];
  lives: number;

  constructor(bodies: readonly string[], kept: readonly string[], lives: number) {
    this.messages = bodies.map((body) => ({ body, hidden: false }));
    for (const body of kept) this.#keep(body);
    this.lives = lives;
  }

  #keep(body: string): void {
    const id = letterId(body, null);
    const place = { collection: 'c', key: body, body, whole: !body.startsWith('long') };
    this.letters.set(id, {
      id,
      ...place,
      reason: 'r',
      cause: 'r',
      state: 'open',
      times: 1,
      firstSeen: 0,
      lastSeen: 0,
    });
  }

  /** What SQS does once the time of hiding is over. */
  show(): void {
    for (const message of this.messages) message.hidden = false;
  }

  ports(): LetterPorts {
    const dying =
      <A extends unknown[], R>(act: (...args: A) => R) =>
      async (...args: A): Promise<R> => {
        if (this.lives-- <= 0) throw new Death();
        const result = act(...args);
        if (this.lives-- <= 0) throw new Death();
        return result;
      };
    const open = () => [...this.letters.values()].filter(({ state }) => state === 'open');
    return {
      receive: dying(() => {
        const some = this.messages.filter(({ hidden }) => !hidden).slice(0, 3);
        for (const message of some) message.hidden = true;
        return some.map(({ body }) => ({ body, handle: body, reason: null }));
      }),
      remove: dying((handle: string) => {
        this.messages.splice(
          this.messages.findIndex(({ body }) => body === handle),
          1,
        );
      }),
      release: dying((handle: string) => {
        for (const message of this.messages) if (message.body === handle) message.hidden = false;
      }),
      resend: dying((body: string) => void this.resent.push(body)),
      find: dying((body: string) => this.letters.get(letterId(body, null)) ?? null),
      adopt: dying(({ body }: { body: string }) => this.#keep(body)),
      groups: dying(() => []),
      open: dying(({ key }: { key?: string | undefined }, most: number) =>
        open()
          .filter((letter) => key === undefined || letter.key === key)
          .slice(0, most),
      ),
      close: dying((id: string, state: 'redriven' | 'discarded') => {
        this.letters.set(id, { ...(this.letters.get(id) as Letter), state });
      }),
      timely: () => true,
    };
  }
}

const bodies = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'long'), { minLength: 1 });

test('whoever dies in the middle of a redrive has lost nothing: done again, each letter has been sent', async () => {
  await fc.assert(
    fc.asyncProperty(bodies, bodies, fc.integer({ min: 0, max: 40 }), async (queued, kept, lives) => {
      const desk = new Desk(queued, kept, lives);
      const all = new Set([...queued, ...kept]);
      await redrive({}, desk.ports()).catch((error: unknown) => assert.ok(error instanceof Death));
      // Nothing is gone that was not sent.
      for (const body of all)
        assert.ok(
          desk.resent.includes(body) ||
            desk.messages.some((message) => message.body === body) ||
            desk.letters.get(letterId(body, null))?.state === 'open',
        );
      desk.lives = Number.POSITIVE_INFINITY;
      desk.show();
      const { skipped, left } = await redrive({}, desk.ports());
      const whole = [...all].filter((body) => body !== 'long');
      assert.deepEqual([...new Set(desk.resent)].sort(), whole.sort());
      assert.deepEqual([skipped, left], [all.has('long') ? 1 : 0, false]);
      // What was too long to be kept stays where it is whole.
      assert.deepEqual(
        desk.messages.map(({ body, hidden }) => [body, hidden]),
        queued.includes('long') ? [['long', false]] : [],
      );
    }),
  );
});

test('what is given up is never sent, and what nobody has named stays', async () => {
  const desk = new Desk(['a', 'b', 'long'], ['a'], Number.POSITIVE_INFINITY);
  assert.deepEqual(await discard({ key: 'a' }, desk.ports()), { done: 1, skipped: 0, left: false });
  assert.deepEqual(desk.messages.map(({ body }) => body).sort(), ['b', 'long']);
  const { letters } = await listLetters({}, desk.ports());
  assert.deepEqual(letters.map(({ key }) => key).sort(), ['b', 'long']);
  await discard({}, desk.ports());
  assert.deepEqual([desk.messages, desk.resent], [[], []]);
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

test('receipts of one document are one letter, and other messages are each their own', () => {
  const place = { collection: 'orders', key: 'k' };
  assert.equal(letterId('a', place), letterId('b', place));
  assert.notEqual(letterId('a', null), letterId('b', null));
});
