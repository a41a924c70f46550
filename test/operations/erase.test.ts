/** A key is erased where nothing uses it any more; what was removed and what remains is told, and the audit log does not name it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Caller } from '../../functions/operations/caller.ts';
import { type Erased, type ErasePorts, erase } from '../../functions/operations/erase.ts';
import { NOTHING } from '../../functions/stores/snapshot.ts';

const KEY = 'jane@example.org';
const ASKED = {
  name: 'erase',
  collection: 'orders',
  key: KEY,
  why: 'she has asked for it',
  confirm: true,
} as const;

class World {
  readonly entered: string[] = [];
  rows: Record<string, number> = { findings: 700, letters: 1, repairs: 2, conflicts: 0 };
  /** Rows that something needs. */
  needed: Record<string, number> = {};
  left = 100;
  over: Partial<ErasePorts> = {};
  hash: string | null = '#hash';
  tombstone: { gone: number | null } | null = { gone: Date.UTC(2026, 10, 1) };

  ask(over: Partial<typeof ASKED> | { confirm: false } | { why: string } = {}): Promise<Erased> {
    const enter = async (action: string, detail: string) => void this.entered.push(`${action}: ${detail}`);
    return erase({ ...ASKED, ...over } as typeof ASKED, { actor: 'ann', enter } as unknown as Caller, {
      ...{ taking: () => 'taken', phase: async () => 'contract' },
      look: async () => ({ couchbase: NOTHING, oracle: { ...NOTHING, presence: 'deleted' } }),
      ...{ letters: async () => [], setAside: async () => [], keyHash: async () => this.hash },
      tombstone: async () => this.tombstone,
      changedBySql: async () => 0,
      count: async (kind) => (this.rows[kind] ?? 0) + (this.needed[kind] ?? 0),
      remove: async (kind, _, most) => {
        assert.equal(this.entered.length, 1, 'what has no entry has not happened');
        const removed = Math.min(most, this.rows[kind] ?? 0);
        this.rows[kind] = (this.rows[kind] ?? 0) - removed;
        return removed;
      },
      timely: () => this.left-- > 0,
      ...this.over,
    });
  }
}

test('all that nothing needs goes, and what remains is told with its place', async () => {
  const world = new World();
  world.needed = { findings: 2 };
  const { rows, remains, left } = await world.ask();
  assert.deepEqual([rows, left], [{ findings: 700, letters: 1, repairs: 2, conflicts: 0 }, false]);
  assert.match(remains.join('\n'), /the tombstone in Oracle.*\n.*\n2 findings in Oracle: of a backfill/);
  assert.match(remains.join('\n'), /backups of Oracle/);
  assert.match(remains.join('\n'), /beginnings of keys .* \(CROSSFADE_FOREIGN\)/);
  assert.match(remains.join('\n'), /records of the topic of Kafka/);
  assert.deepEqual(world.entered, ['orders: key erased: #hash. she has asked for it']);
  assert.ok(!JSON.stringify([remains, world.entered]).includes(KEY));
});

test('what remains in the row of Oracle is told with the day from which on it can be dropped', async () => {
  const world = new World();
  const told = async () => (await world.ask({ confirm: false })).remains[0] ?? '';
  assert.match(
    await told(),
    /^the tombstone in Oracle, .* npx crossfade tombstones orders --confirm drops it from 2026-12-01 on \(with --older-than 15 from 2026-11-16 on\)/,
  );
  world.tombstone = { gone: null };
  assert.match(await told(), /It has no date: npx crossfade tombstones orders --date/);
  // A document whose time is up has its content until the controller has looked.
  world.tombstone = null;
  assert.match(await told(), /^the row in Oracle, .* has the content until .*Erase the key again then$/);
});

test('the entry has a digest where logs have keys as they are, and a reason that names the key is refused', async () => {
  const world = new World();
  world.hash = null;
  await world.ask();
  assert.match(world.entered[0] ?? '', /^orders: key erased: [\w-]{43}\. she/);
  await assert.rejects(world.ask({ why: `${KEY} has asked` }), { name: 'BadOperation', message: /without$/ });
});

test('without --confirm it is told what there is, and nothing is entered or removed', async () => {
  const world = new World();
  const { rows, confirmed } = await world.ask({ confirm: false });
  assert.deepEqual([rows.findings, confirmed, world.entered], [700, false, []]);
});

test('a key that is in use is not erased, and nothing of it goes', async () => {
  const live = { ...NOTHING, presence: 'live' } as const;
  const cases: [Partial<ErasePorts>, RegExp][] = [
    [{ look: async () => ({ couchbase: live, oracle: NOTHING }) }, /still there, in couchbase\. .*delete it/],
    [{ look: async () => ({ couchbase: NOTHING, oracle: live }) }, /still there, in oracle\. /],
    [{ letters: async () => [{ state: 'open' }] as never }, /A dead letter of the document is open/],
    [{ letters: async () => [{ state: 'waiting' }] as never }, /a receipt of it waits/],
    [
      { setAside: async () => [{ state: 'open' }, { state: 'kept' }] as never },
      /^1 copies .*nobody has decided/,
    ],
    [
      { taking: () => 'ignored', look: async () => ({ couchbase: live, oracle: live }) },
      /^KEY_NOT_TAKEN: orders does not take the key, and its table has a row of it/,
    ],
    [{ changedBySql: async () => 1 }, /^The row of the document was changed by SQL, and nobody has decided/],
  ];
  for (const [over, message] of cases) {
    const world = new World();
    world.over = over;
    await assert.rejects(world.ask(), { name: 'BadOperation', message });
    assert.deepEqual([world.entered, world.rows.findings], [[], 700]);
  }
});

test('a document that the API cannot delete any more, since its store is not written, is told with what deletes it', async () => {
  const live = { ...NOTHING, presence: 'live' } as const;
  const refused = async (
    phase: 'contract' | 'legacy' | 'settle',
    stores: Partial<Awaited<ReturnType<ErasePorts['look']>>>,
  ) => {
    const world = new World();
    const look = async () => ({ couchbase: NOTHING, oracle: NOTHING, ...stores });
    world.over = { phase: async () => phase, look };
    return world.ask().then(
      () => 'nothing was refused',
      ({ message }: Error) => message,
    );
  };
  const inContract = await refused('contract', { couchbase: live });
  assert.match(
    inContract,
    /\. In contract the API neither reads nor writes couchbase: delete it there past the API, then/,
  );
  assert.doesNotMatch(inContract, /by the API|receipt/);
  assert.match(
    await refused('legacy', { oracle: live }),
    /In legacy the API neither reads nor writes oracle: delete it there/,
  );
  assert.match(
    await refused('contract', { couchbase: live, oracle: live }),
    /Delete it by the API\. In contract .* couchbase/,
  );
  assert.match(
    await refused('settle', { couchbase: live }),
    /Delete it by the API, wait until its receipt is settled, then/,
  );
});

test('where time is up it says so, and goes on when it is asked again', async () => {
  const world = new World();
  world.left = 1;
  const { rows, left } = await world.ask();
  assert.deepEqual([rows.findings, left], [500, true]);
  world.left = 100;
  world.entered.length = 0;
  assert.equal((await world.ask()).rows.findings, 200);
});

test('of a key that the collection does not take, what Couchbase has is no concern of its own', async () => {
  const world = new World();
  const theirs = { ...NOTHING, presence: 'live' } as const;
  world.over = { taking: () => 'elsewhere', look: async () => ({ couchbase: theirs, oracle: NOTHING }) };
  assert.equal((await world.ask()).rows.findings, 700);
});

test('rows that are left in tables of projections go too, and those of a document that has expired stay until its row has no content', async () => {
  let found = 3;
  const removed: string[] = [];
  const projected = {
    count: async () => found,
    remove: async (key: string) => {
      removed.push(key);
      found = 0;
    },
  };
  const world = new World();
  world.over = { projectedLeft: projected };
  assert.equal((await world.ask({ confirm: false })).rows.projected, 3);
  assert.deepEqual([removed, found], [[], 3], 'nobody has confirmed it');
  const { rows, remains } = await world.ask();
  assert.deepEqual([rows.projected, removed], [3, [KEY]]);
  assert.doesNotMatch(remains.join('\n'), /rows in tables of projections, until/);
  found = 2;
  world.entered.pop();
  world.over = { projectedLeft: { ...projected, remove: async () => {} } };
  const expired = await world.ask();
  assert.equal(expired.rows.projected, 0);
  assert.match(
    expired.remains.join('\n'),
    /^2 rows in tables of projections, until the row of the document/m,
  );
});
