/** Whether the soak notices what is lost without a trace. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { documentFrom } from '../../functions/protocol/fingerprint.ts';
import type { Phase } from '../../functions/protocol/phase.ts';
import { Book, type Mark } from '../../infra/demo/book.ts';
import { bodyOf } from '../../infra/demo/clients.ts';
import type { Stage } from '../../infra/demo/stage.ts';
import { Fallbacks } from './fallback.ts';

const text = (mark: Mark) => (mark === null ? null : bodyOf(1, mark));
const TIMES = { forgotten: 0, away: 0, shut: 0 };

/** One key: write 1 is in both stores, and `last` is acknowledged while Oracle forgets. */
class Played {
  readonly book = new Book(10, () => performance.now());
  readonly fallbacks: Fallbacks;
  held: readonly [couchbase: Mark, oracle: Mark] = [1, 1];
  aside: readonly Mark[] = [];

  constructor(phase: Phase, last: Mark) {
    const status = [{ collection: 'cities', effective: { phase, since: 0 }, decision: { kind: 'arrived' } }];
    const entries = () =>
      this.aside.map((mark) => ({
        ...{ deleted: mark === null, body: Buffer.from(text(mark) ?? '').toString('base64') },
      }));
    const stores = {
      held: async () => ({ couchbase: text(this.held[0]), oracle: text(this.held[1]) }),
      inCouchbase: async () => {
        const body = text(last);
        return {
          content: body === null ? null : documentFrom(Buffer.from(body), null),
          version: 9n,
          cas: 9n,
        };
      },
    };
    const oracle = { restorePoint: async () => this.write(last), fallBack: async () => {} };
    const stage = {
      ...{ crowd: { book: this.book }, stores, local: { oracle, couchbase: { calm: async () => {} } } },
      service: { ask: async (name: string) => (name === 'status' ? status : { entries: entries() }) },
    };
    this.fallbacks = new Fallbacks(stage as unknown as Stage, () => {}, TIMES);
    this.write(1);
  }

  write(mark: Mark): void {
    this.book.begin('cities/k', mark)('acknowledged');
  }

  /** What a read and a comparison would find wrong with a state, and what has left no trace. */
  async found(): Promise<(string | undefined)[]> {
    const [couchbase] = this.held;
    const wrong = await this.fallbacks.wrong();
    return [this.book.judge('cities/k', couchbase, 'it')?.kind, ...wrong.map(({ kind }) => kind)];
  }
}

for (const last of [2, null] as const) {
  const what = last === null ? 'a deletion' : 'a write';

  test(`${what} that Oracle forgets in settle must come back, or be set aside`, async () => {
    for (const [held, aside, wanted] of [
      [[1, 1], [], [undefined, 'lost']],
      [[1, 1], [1], [undefined, 'lost']],
      [[1, 1], [1, last], [undefined]],
      [[last, last], [], [undefined]],
      [[last, 1], [], [undefined, 'lost']],
    ] as const) {
      const played = new Played('settle', last);
      assert.equal(await played.fallbacks.strike(true), true);
      Object.assign(played, { held, aside });
      assert.deepEqual(await played.found(), wanted, JSON.stringify({ held, aside }));
      assert.deepEqual([...played.fallbacks.due], ['cities']);
    }
  });

  test(`${what} of expand must be there, whatever Oracle forgets`, async () => {
    const played = new Played('expand', last);
    await played.fallbacks.strike(true);
    assert.deepEqual(await played.found(), [last === null ? 'resurrected' : 'lost']);
  });
}

test('what a client has written over has left its trace', async () => {
  const played = new Played('settle', 2);
  await played.fallbacks.strike(false);
  played.write(3);
  played.held = [3, 3];
  assert.deepEqual(await played.found(), [undefined]);
  played.held = [1, 1];
  assert.deepEqual(await played.found(), ['lost']);
});

test('nothing is forgotten before the last time is repaired, nor in contract', async () => {
  const played = new Played('settle', 2);
  assert.equal(await played.fallbacks.strike(true), true);
  assert.equal(await played.fallbacks.strike(true), false);
  assert.equal(await new Played('contract', 2).fallbacks.strike(true), false);
});
