/** Notes that writes go on without a store, by many containers at the same time. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AwayNotes } from '../../functions/edge/away_notes.ts';
import type { StoreName } from '../../functions/protocol/phase.ts';
import { type Away, awayIn } from '../../functions/records/away.ts';

const START = 1_000_000_000;

class Parameters {
  now = START;
  isAway = false;
  reads = 0;
  puts = 0;
  readonly failures: unknown[] = [];
  readonly values = new Map<StoreName, Away>();

  container(): AwayNotes {
    return new AwayNotes({
      read: async (store) => {
        this.reads++;
        if (this.isAway) throw new Error('throttled');
        return this.values.get(store) ?? null;
      },
      put: async (store, away) => {
        this.puts++;
        this.values.set(store, away);
      },
      now: () => this.now,
      failed: (error) => this.failures.push(error),
    });
  }
}

test('a hundred containers that skip a store for ten minutes note it about once a minute, and since when', async () => {
  const it = new Parameters();
  const containers = Array.from({ length: 100 }, () => it.container());
  for (; it.now < START + 600_000; it.now += 1000)
    for (const container of containers) {
      container.skipped('oracle');
      await container.changes();
    }
  assert.ok(it.puts <= 11, `${it.puts} puts`);
  assert.ok(it.reads <= 1100, `${it.reads} reads`);
  const { since, at } = it.values.get('oracle') ?? { since: 0, at: 0 };
  assert.equal(since, START);
  assert.ok(at >= START + 540_000);
});

test('a store that is away again has a new beginning', async () => {
  const it = new Parameters();
  const container = it.container();
  container.skipped('couchbase');
  await container.changes();
  it.now += 180_000;
  container.skipped('couchbase');
  await container.changes();
  assert.deepEqual(it.values.get('couchbase'), { since: it.now, at: it.now });
});

test('where SSM fails, writes go on, and the next minute notes it', async () => {
  const it = new Parameters();
  const container = it.container();
  it.isAway = true;
  for (let n = 0; n < 100; n++) {
    container.skipped('oracle');
    await container.changes();
  }
  assert.deepEqual([it.reads, it.failures.length], [1, 1]);
  it.isAway = false;
  it.now += 60_000;
  container.skipped('oracle');
  await container.changes();
  assert.equal(it.values.get('oracle')?.since, it.now);
  assert.equal(container.changes(), null);
});

test('a parameter that holds something else tells nothing', () => {
  assert.deepEqual(awayIn('{"since":1,"at":2,"more":3}'), { since: 1, at: 2 });
  for (const value of [undefined, '', 'null', '1', '{}', '{"since":"1","at":2}', '{"since":1.5,"at":2}'])
    assert.equal(awayIn(value), null, value);
});
