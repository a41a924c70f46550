/** Every gate, with all that opens it, and with one lie in it: no lie opens any. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Decision, decide } from '../../functions/control/decide.ts';
import type { Evidence, RunEvidence } from '../../functions/control/evidence.ts';
import type { ForcedMove } from '../../functions/phases/forced_mark.ts';
import { ROUTES } from '../../functions/protocol/phase.ts';
import type { Run, ShardRow } from '../../functions/records/run.ts';
import { verificationOf } from '../../functions/runs/summary.ts';
import { NOTHING, type Pair, type Seen } from '../../functions/stores/snapshot.ts';
import { compare } from '../../functions/verification/compare.ts';
import { totalsOf } from '../runs/totals.ts';
import { evidenceOf, GATES, type Gate, honest, KINDS, type Kind, LIES, SINCE, TIMES } from './lies.ts';

const FORCED: readonly ForcedMove[] = [{ from: 'expand', to: 'seal', at: SINCE, claim: 1 }];

function decided({ from, wanted, forced }: Gate, evidence: Evidence): Promise<Decision> {
  const effective = { phase: from, since: SINCE, by: 'test', ...(forced ? { forced: FORCED } : {}) };
  return decide(ROUTES[wanted].flags, effective, TIMES, async () => evidence);
}

/** Names of the conditions that hold a gate. */
async function heldBy(gate: Gate, evidence: Evidence): Promise<string[]> {
  const decision = await decided(gate, evidence);
  const conditions = 'conditions' in decision ? decision.conditions : [];
  const missing = conditions.filter(({ holds }) => !holds).map(({ name }) => name);
  assert.equal(decision.kind, missing.length === 0 ? 'move' : 'wait');
  return missing;
}

/** Each run that a gate needs. */
const NEEDED = GATES.flatMap((gate) =>
  KINDS.filter((kind) => gate.needs[kind] !== undefined).map((kind) => [gate, kind] as const),
);
const CONDITIONS: Readonly<Record<Kind, RegExp>> = {
  ...{ backfill: /^backfill of orders/, copyback: /^copy-back of orders/ },
  verification: /^verification of orders/,
};

test('each gate opens with the runs that it needs, and with none that begins earlier than these', async () => {
  for (const gate of GATES) assert.deepEqual(await heldBy(gate, evidenceOf(gate, null)), [], gate.name);
  for (const [gate, kind] of NEEDED) {
    const earliest = { ...honest(kind, gate), started: gate.needs[kind] as number };
    const held = await heldBy(gate, evidenceOf(gate, kind, [earliest]));
    assert.deepEqual(held, [], `${gate.name}: ${kind}`);
  }
});

let told = 0;
for (const { name, kinds = KINDS, tell } of LIES)
  test(`a lie opens no gate: ${name}`, async () => {
    for (const [gate, kind] of NEEDED) {
      const lie = kinds.includes(kind) ? tell(honest(kind, gate), gate) : null;
      if (lie === null) continue;
      told++;
      const where = `${gate.name}: ${kind}`;
      assert.deepEqual(await heldBy(gate, evidenceOf(gate, null)), [], `${where} opens without the lie`);
      const held = await heldBy(gate, evidenceOf(gate, kind, lie));
      assert.ok(
        held.some((each) => CONDITIONS[kind].test(each)),
        `${where}: ${held.join() || 'open'}`,
      );
    }
  });

test('a difference that a later run over all keys refutes, which has compared as much, holds no gate', async () => {
  for (const gate of GATES.filter(({ needs }) => needs.verification !== undefined)) {
    const first = honest('verification', gate);
    const found = (mode: RunEvidence['mode'], range: RunEvidence['range']): RunEvidence => ({
      ...{ ...first, id: 'found', started: first.started + 1, clean: false, mode, range },
    });
    const again = { ...first, id: 'again', started: first.started + 2 };
    for (const [mode, range] of [
      ['count', null],
      ['version', null],
      ['version', { after: null, upTo: 'm' }],
      ['content', { after: null, upTo: 'm' }],
    ] as const) {
      const runs = [first, found(mode, range), again];
      assert.deepEqual(
        await heldBy(gate, evidenceOf(gate, 'verification', runs)),
        [],
        `${gate.name}: ${mode}`,
      );
    }
  }
});

test('counts that are too low open no gate, and counts that are too high hold none that is proven', async () => {
  const none = { delayed: 0, due: 0, hidden: 0, waiting: 0, since: null };
  const many = { delayed: 1000, due: 1000, hidden: 1000, waiting: 0, since: null };
  for (const gate of GATES) {
    const unproven = evidenceOf(gate, gate.needs.verification === undefined ? 'copyback' : 'verification');
    for (const receipts of [none, many])
      for (const unread of [0, 1000]) {
        const counts = { receipts, unread, deadLetters: unread };
        assert.notDeepEqual(await heldBy(gate, { ...unproven, ...counts }), [], gate.name);
        assert.deepEqual(await heldBy(gate, { ...evidenceOf(gate, null), ...counts }), [], gate.name);
      }
  }
});

test('one open letter holds each gate that asks for letters, however many messages SQS tells of', async () => {
  for (const gate of GATES.filter(
    ({ needs, forced }) => needs.backfill === undefined && needs.verification !== undefined && !forced,
  ))
    for (const unread of [0, 1, 1000]) {
      const evidence = { ...evidenceOf(gate, null), deadLetters: 1 + unread, unread };
      assert.deepEqual(await heldBy(gate, evidence), ['dead letters'], gate.name);
    }
});

const BODY = Buffer.from('{"a":1}');
const live: Seen = { ...NOTHING, presence: 'live', version: 7n, expires: null, body: BODY, state: 'live@7' };
const gone: Seen = { ...NOTHING, presence: 'deleted', version: 7n, state: 'deleted@7' };
const unclear: Seen = { ...gone, remains: true, state: 'deleted@7/+remains' };
const SAME: Pair = { couchbase: live, oracle: live };
const ALL = ['expand', 'seal', 'switch', 'settle'];

/** One document among a thousand, and the phases in which it is wrong; `contents`: only contents show it. */
const WRONG: readonly (readonly [
  what: string,
  pair: Partial<Pair>,
  phases: readonly string[],
  contents?: true,
])[] = [
  ['another body', { oracle: { ...live, body: Buffer.from('{"a":2}') } }, ALL, true],
  ['an empty body', { couchbase: { ...live, body: Buffer.alloc(0) } }, ALL, true],
  [
    'a number that no double holds',
    { oracle: { ...live, body: Buffer.from('{"a":1.0000000000000000001}') } },
    ALL,
    true,
  ],
  ['another expiry', { oracle: { ...live, expires: 4_000_000_000 } }, ALL],
  ['an expiry in one store', { couchbase: { ...live, expires: 4_000_000_000 } }, ALL],
  ['an older version in Oracle', { oracle: { ...live, version: 6n } }, ALL],
  ['a newer version in Oracle', { oracle: { ...live, version: 8n } }, ALL],
  ['nothing in Oracle', { oracle: NOTHING }, ALL],
  ['nothing in Couchbase', { couchbase: NOTHING }, ALL],
  ['a tombstone in Oracle', { oracle: gone }, ALL],
  ['a marker over a document', { couchbase: gone }, ALL],
  ['a marker that is left', { couchbase: gone, oracle: gone }, ALL],
  ['a key that Oracle orders', { oracle: { ...live, handoff: 6n } }, ['expand', 'seal', 'switch']],
  [
    'a deletion that Oracle orders',
    { couchbase: NOTHING, oracle: { ...gone, handoff: 6n } },
    ['expand', 'seal', 'switch'],
  ],
  ['a tombstone that still has a body or columns', { couchbase: NOTHING, oracle: unclear }, ALL],
  ['a body that is too large to be moved', { couchbase: { ...live, presence: 'large' } }, ALL],
];

/** What a verification comes to that has looked at a thousand equal documents, and at this one. */
function verification(gate: Gate, wrong: Partial<Pair>): RunEvidence {
  const honestly = honest('verification', gate);
  const mode = gate.mode;
  const pairs = [...Array.from({ length: 1000 }, () => SAME), { ...SAME, ...wrong }];
  const found = pairs.flatMap((pair) => compare(gate.from, pair, mode) ?? []);
  const row = { shard: 0, after: null, upTo: null, doneKey: 'z', state: 'done', changed: 0 } as const;
  const counts = { listed: pairs.length, applied: 0, stale: 0, gone: 0, failed: found.length, bytes: 0 };
  const row0: ShardRow = { ...row, ...counts };
  const begun: Run = {
    id: 'r',
    kind: 'verify',
    collection: 'orders',
    options: { mode },
    stamp: '',
    phase: gate.from,
    started: 0,
  };
  const tallies = found.map(({ kind }) => ({ verdict: 'mismatch' as const, kind, count: 1 }));
  const { outcome } = verificationOf(begun, totalsOf([row0]), tallies, []);
  return { ...honestly, mode, clean: outcome === 'clean' };
}

for (const [what, wrong, phases, contents] of WRONG)
  test(`one wrong document among a thousand holds each gate that it concerns: ${what}`, async () => {
    for (const gate of GATES.filter(({ needs }) => needs.verification !== undefined)) {
      const held = (pair: Partial<Pair>) =>
        heldBy(gate, evidenceOf(gate, 'verification', [verification(gate, pair)]));
      assert.deepEqual(await held({}), [], `${gate.name} opens without it`);
      const concerns = phases.includes(gate.from) && (contents !== true || gate.mode === 'content');
      const isHeld = (await held(wrong)).some((name) => name.startsWith('verification'));
      assert.equal(isHeld, concerns, gate.name);
    }
  });

test('more than 150 lies were told', () => assert.ok(told > 150, String(told)));
