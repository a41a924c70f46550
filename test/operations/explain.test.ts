/** What is told of one document: what each store holds of it, how they differ, and what is still on its way to it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ExplainPorts, explain } from '../../functions/operations/explain.ts';
import { fingerprint } from '../../functions/protocol/fingerprint.ts';
import type { Letter } from '../../functions/records/letter.ts';
import type { Run, ShardRow } from '../../functions/records/run.ts';
import { NOTHING, type Seen } from '../../functions/stores/snapshot.ts';
import { explanationLines } from '../../infra/console/told/documents.ts';

const live = (body: string, version: bigint, given: Partial<Seen> = {}): Seen => ({
  ...{ presence: 'live', version, expires: null, body: Buffer.from(body), handoff: null, state: body },
  ...given,
});
const explained = (over: Partial<ExplainPorts>) =>
  explain('k', {
    ...{ phase: async () => 'settle', look: async () => ({ couchbase: NOTHING, oracle: NOTHING }) },
    ...{ findings: async () => [], repairs: async () => [], letters: async () => [] },
    ...{ setAside: async () => [], runs: async () => [], taking: () => 'taken', ...over },
  });

test('each side is told without what it holds: its size, its fingerprint, and when its time is up', async () => {
  const body = '{"a":1}';
  const { couchbase, oracle, difference } = await explained({
    look: async (key, phase) => {
      assert.deepEqual([key, phase], ['k', 'settle']);
      return { couchbase: NOTHING, oracle: live(body, 7n, { expires: 86_400, handoff: 5n }) };
    },
  });
  const none = { bytes: null, fingerprint: null, handoff: null };
  assert.deepEqual(couchbase, { presence: 'absent', version: '0', expires: null, ...none });
  assert.deepEqual(oracle, {
    ...{ presence: 'live', version: '7', expires: '1970-01-02T00:00:00.000Z', handoff: '5' },
    ...{ bytes: 7, fingerprint: fingerprint(Buffer.from(body), null) },
  });
  assert.notEqual(difference, null);
});

test('where both hold another body, it is told where they first differ; where they agree, nothing is', async () => {
  const looks = (a: string, b: string) =>
    explained({ look: async () => ({ couchbase: live(a, 7n), oracle: live(b, 7n) }) });
  const { difference, differsAt } = await looks('{"a":1,"b":{"c":2}}', '{"a":1,"b":{"c":3}}');
  assert.equal(differsAt, '/b/c');
  assert.notEqual(difference, null);
  const equal = await looks('{"a":1,"b":2}', '{"b":2,"a":1}');
  assert.deepEqual([equal.difference, equal.differsAt], [null, null]);
});

test('runs under way are told by the shard that the document is in, and whether it has passed the document', async () => {
  const row = (shard: number, after: string | null, upTo: string | null, given: Partial<ShardRow> = {}) =>
    ({ shard, after, upTo, doneKey: null, state: 'open', ...given }) as ShardRow;
  const runs = [
    ['not begun', row(1, 'a', 'z')],
    ['before it', row(1, 'a', 'z', { doneKey: 'j' })],
    ['at it', row(1, 'a', 'z', { doneKey: 'k' })],
    ['after it', row(1, null, null, { doneKey: 'l' })],
    ['done', row(1, 'a', 'z', { state: 'done' })],
    ['of others', null],
  ] as const;
  const found = await explained({
    runs: async () => runs.map(([id, shard]) => ({ ...({ id, kind: 'backfill' } as Run), shard })),
  });
  assert.deepEqual(
    found.runs.map(({ run, passed }) => [run, passed]),
    [
      ['not begun', false],
      ['before it', false],
      ['at it', true],
      ['after it', true],
      ['done', true],
    ],
  );
  assert.deepEqual(found.runs[0], { run: 'not begun', kind: 'backfill', shard: 1, passed: false });
});

test('of letters only what is known of them is told: their messages may hold more', async () => {
  const known = { reason: 'r', state: 'open', times: 2, firstSeen: 1, lastSeen: 2 } as const;
  const letter = { ...known, id: 'l', body: 'secret', cause: 'c', key: 'k' } as Letter;
  const { deadLetters } = await explained({ letters: async () => [letter] });
  assert.deepEqual(deadLetters, [known]);
});

test('bodies that are too large to be read are told by their sizes, and that they were not compared', async () => {
  const seen = (version: bigint): Seen => ({ ...live('', version), body: null });
  const found = (version: bigint) =>
    explained({
      look: async () => ({
        ...{ couchbase: seen(version), oracle: seen(7n) },
        bytes: { couchbase: 19_000_000, oracle: 18_000_000 },
      }),
    });
  const { couchbase, oracle, difference, notCompared, differsAt } = await found(7n);
  assert.deepEqual(
    [couchbase.bytes, oracle.bytes, difference, differsAt],
    [19_000_000, 18_000_000, null, null],
  );
  assert.match(notCompared ?? '', /too large/);
  assert.match(
    explanationLines(await found(7n)).join('\n'),
    /Versions and expiries agree.*\n.*Contents were not/,
  );
  assert.equal((await found(6n)).difference?.kind, 'stale');
});

test('of a key that the collection does not take it is told that nobody compares it, whatever both stores hold', async () => {
  for (const [taking, told] of [
    ['ignored', /keys\.ignore of the collection has a pattern/],
    ['elsewhere', /no pattern of its keys\.include/],
  ] as const) {
    const look = async () => ({ couchbase: live('1', 7n), oracle: NOTHING });
    const found = await explained({ taking: () => taking, phase: async () => 'expand', look });
    assert.deepEqual([found.taking, found.difference], [taking, null]);
    assert.match(explanationLines(found).join('\n'), told);
  }
});

test('rows of projections are told where the collection has any, and nothing of them else', async () => {
  const rows = { tables: [], problem: null };
  const seen = live('1', 7n);
  const { projected } = await explained({
    look: async () => ({ couchbase: NOTHING, oracle: seen }),
    projected: async (key, oracle) => {
      assert.deepEqual([key, oracle], ['k', seen]);
      return rows;
    },
  });
  assert.equal(projected, rows);
  assert.equal('projected' in (await explained({})), false);
});
