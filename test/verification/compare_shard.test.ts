/** What a comparison of one shard counts, writes down and asks to have repaired. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { documentFrom } from '../../functions/protocol/fingerprint.ts';
import type { Step } from '../../functions/records/finding.ts';
import type { ShardRow } from '../../functions/records/run.ts';
import { NOTHING, type Seen } from '../../functions/stores/snapshot.ts';
import {
  type ComparePorts,
  type Comparison,
  compareShard,
} from '../../functions/verification/compare_shard.ts';

const ROW: ShardRow = {
  ...{ shard: 0, after: null, upTo: null, doneKey: null, state: 'open', changed: 0 },
  ...{ listed: 0, applied: 0, stale: 0, gone: 0, failed: 0, bytes: 0 },
};
const live = (text: string): Seen => ({
  ...{ ...NOTHING, presence: 'live', version: 5n, body: Buffer.from(text), state: 'live@5' },
});
const MARKER: Seen = { ...NOTHING, presence: 'deleted', version: 5n, state: 'deleted@5', marked: 7000 };

/** The number at its end says when it was written. */
const markerOf = (key: string): Seen => ({ ...MARKER, marked: Number(/\d+$/.exec(key)?.[0] ?? 7000) });

interface How extends Partial<Comparison> {
  readonly projected?: ComparePorts['projected'];
  /** Of each document that is there. */
  readonly body?: string;
}

/** Documents whose names say what they are: equal ones, those that Oracle lacks, and markers of deletions. */
async function comparedIn(
  keys: readonly string[],
  { projected, body = '"four"', ...how }: How,
  row = ROW,
  batch = 2,
) {
  const [steps, repaired]: [Step[], string[]] = [[], []];
  const seen = (store: 'couchbase' | 'oracle') => async (asked: readonly string[]) =>
    asked.map((key) => {
      if (key.startsWith('marker')) return store === 'couchbase' ? markerOf(key) : NOTHING;
      return key.startsWith('lacks') && store === 'oracle' ? NOTHING : live(body);
    });
  const ports: ComparePorts = {
    ...{ keys: async () => keys, sizes: async () => [], finish: async () => {}, careful: false },
    ...{ turn: async () => ({ over: async () => {} }), timely: () => true },
    permit: async () => ({ timely: () => true, holds: () => true }),
    ...{ couchbase: seen('couchbase'), oracle: seen('oracle') },
    record: async (step) => void steps.push(step),
    repair: async (key) => void repaired.push(key),
    projected,
  };
  const comparison: Comparison = { phase: 'expand', mode: 'content', repair: false, most: 100, ...how };
  const limits = { documents: batch, bytes: 1000 };
  assert.equal(await compareShard(row, ports, limits, comparison), 'done');
  const noted = steps.flatMap(({ findings }) => findings.map(({ key }) => key));
  return { steps, repaired, noted };
}

test('each batch counts its keys, those that are equal, those that are not, and the bytes of Couchbase', async () => {
  const { steps, repaired } = await comparedIn(['a', 'lacks-b', 'marker-c'], {});
  assert.deepEqual(
    steps.map(({ to, counts }) => [to, counts]),
    [
      ['lacks-b', { listed: 2, applied: 1, failed: 1, stale: 0, gone: 0, bytes: 12 }],
      ['marker-c', { listed: 1, applied: 0, failed: 1, stale: 0, gone: 0, bytes: 0 }],
    ],
  );
  const [finding] = steps[0]?.findings ?? [];
  assert.deepEqual([finding?.key, finding?.verdict, finding?.kind], ['lacks-b', 'suspect', 'missing']);
  assert.deepEqual(repaired, ['marker-c'], 'nothing else is repaired where nobody asked for it');
});

test('each batch counts the markers that it has met, and tells when the oldest was written', async () => {
  const { steps } = await comparedIn(['a', 'marker-5', 'marker-3', 'marker-4', 'b', 'c'], {});
  assert.deepEqual(
    steps.map(({ markers }) => markers),
    [
      { count: 1, oldest: 5 },
      { count: 2, oldest: 3 },
      { count: 0, oldest: null },
    ],
  );
  const counted = await comparedIn(['a', 'marker-5'], { mode: 'count' });
  assert.deepEqual(
    counted.steps.map(({ markers }) => markers),
    [undefined],
  );
});

test('of suspects beyond what a shard writes down each is counted, and repaired at once where repairs are asked for', async () => {
  const keys = ['lacks-a', 'lacks-b', 'lacks-c', 'lacks-d', 'lacks-e'];
  for (const repair of [true, false]) {
    const { steps, repaired, noted } = await comparedIn(keys, { repair, most: 3 });
    assert.deepEqual(noted, ['lacks-a', 'lacks-b', 'lacks-c']);
    assert.deepEqual(repaired, repair ? ['lacks-d', 'lacks-e'] : []);
    assert.equal(
      steps.reduce((sum, { counts }) => sum + counts.failed, 0),
      5,
    );
  }
  // Those that were found before the shard was taken up count, too.
  const later = await comparedIn(keys.slice(0, 2), { most: 3 }, { ...ROW, failed: 2 });
  assert.deepEqual(later.noted, ['lacks-a']);
  const full = await comparedIn(keys.slice(0, 2), { most: 3 }, { ...ROW, failed: 7 });
  assert.deepEqual(full.noted, []);
});

/** The rows of a document are those of its key: `ok`, none, or another one. */
function rowsPorts(
  locked: (key: string) => readonly string[],
  did: string[],
): NonNullable<ComparePorts['projected']> {
  const source = { kind: 'key', separator: '-', part: 0 } as const;
  const policy = { missing: { kind: 'null' }, misfit: { kind: 'refuse' } } as const;
  const column = { name: 'A', source, type: { kind: 'clob' } as const, ...policy };
  const rest = { where: [], each: null, identifiedBy: null, foreignKey: false, indexes: [] };
  const found = (values: readonly string[]) =>
    new Map([['T', values.map((value) => ({ place: 0, values: [value] }))]]);
  return {
    projections: [{ table: 'T', columns: [column], ...rest }],
    rows: async (keys) => keys.map((key) => found(key.startsWith('ok') ? ['ok'] : [])),
    hold: async (key, mend) => {
      const isThere = !key.startsWith('orphan');
      const content = isThere ? documentFrom(Buffer.from('{}'), null) : null;
      did.push(
        `${key} ${mend({ content, isExpired: false, found: found(locked(key)) }) === null ? 'looked at' : 'mended'}`,
      );
    },
  };
}

test('rows that differ at the first look are a difference only where they differ in the lock', async () => {
  for (const [repair, done] of [
    [false, 'looked at'],
    [true, 'mended'],
  ] as const) {
    const did: string[] = [];
    const locked = (key: string) => (key.startsWith('gone') ? [] : [key.split('-')[0] as string]);
    const keys = ['gone-1', 'late-2', 'ok-3', 'ok-4'];
    const { steps, repaired } = await comparedIn(keys, { repair, projected: rowsPorts(locked, did) });
    assert.deepEqual(did, [`gone-1 ${done}`, 'late-2 looked at'], 'what does not differ is not locked');
    assert.deepEqual(
      steps.flatMap(({ findings }) => findings.map(({ key, verdict, kind }) => [key, verdict, kind])),
      [['gone-1', 'mismatch', 'projected']],
    );
    assert.deepEqual(
      steps.map(({ counts, projected }) => [counts.applied, counts.failed, projected]),
      [
        [1, 1, [{ table: 'T', rows: 2, lenient: [] }]],
        [2, 0, [{ table: 'T', rows: 2, lenient: [] }]],
      ],
    );
    assert.deepEqual(repaired, [], 'no receipt is sent for them');
  }
});

test('a document that differs itself is a suspect first; where more differ than are written down, rows are locked to be mended alone', async () => {
  const did: string[] = [];
  const locked = () => [];
  const first = await comparedIn(['lacks-1', 'wrong-2'], { most: 1, projected: rowsPorts(locked, did) });
  assert.deepEqual([first.noted, did], [['lacks-1'], []]);
  assert.equal(first.steps[0]?.counts.failed, 2);
  const second = await comparedIn(['lacks-1', 'wrong-2'], {
    most: 1,
    repair: true,
    projected: rowsPorts(locked, did),
  });
  assert.deepEqual([second.noted, did, second.repaired], [['lacks-1'], ['wrong-2 mended'], []]);
});

test('rows of documents with long arrays are read in pieces that fit into memory, and into the time of a call', async () => {
  const [column] = rowsPorts(() => [], []).projections[0]?.columns ?? [];
  const values = Array.from({ length: 10_000 }, () => '1');
  const source = { kind: 'element', path: '' } as const;
  const list = { ...{ table: 'L', each: '', where: [], identifiedBy: null, foreignKey: false, indexes: [] } };
  const asked: number[] = [];
  const projected: NonNullable<ComparePorts['projected']> = {
    projections: [{ ...list, columns: [{ ...(column as object), name: 'A', source } as never] }],
    rows: async (keys) => {
      asked.push(keys.length * values.length);
      return keys.map(() => new Map([['L', values.map((_, place) => ({ place, values: ['1'] }))]]));
    },
    hold: async (key) => assert.fail(`${key} does not differ`),
  };
  const keys = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
  const { steps } = await comparedIn(keys, { projected, body: JSON.stringify(values) }, ROW, 7);
  assert.deepEqual(asked, [30_000, 30_000, 10_000]);
  assert.deepEqual(
    steps.map(({ projected }) => projected),
    [[{ table: 'L', rows: 70_000, lenient: [] }]],
  );
});
