/** Refusals go to clients, logs, dead letters and findings: they name keys and members, and never a value of a document. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { causeIn } from '../../functions/books/letters.ts';
import { parseConfiguration } from '../../functions/configuration/configuration.ts';
import { parseReceipt, shownBody } from '../../functions/edge/queue.ts';
import { parseOperation } from '../../functions/operations/request.ts';
import { parsePhase } from '../../functions/phases/effective_phase.ts';
import { newBreaker } from '../../functions/reconciliation/breaker.ts';
import { reconcile } from '../../functions/reconciliation/reconciler.ts';
import { parseRequest } from '../../functions/runs/request.ts';
import { parseShardMessage } from '../../functions/runs/shard_message.ts';
import { keysOf } from '../../functions/stores/couchbase/enumerate.ts';
import { type Column, requireColumn, valuesOf } from '../../functions/stores/oracle/column.ts';
import { failureOf } from '../../functions/stores/oracle/failure.ts';
import { NOTHING } from '../../functions/stores/snapshot.ts';
import { requireKey } from '../../functions/stores/storable.ts';
import { compare } from '../../functions/verification/compare.ts';
import { firstDifference } from '../../functions/verification/first_difference.ts';
import { document } from '../stores/contract/subject.ts';

const TARGET = { store: 'oracle', operation: 'write', collection: 'ORDERS', key: 'o-1' } as const;
/** A card's number, that no refusal may show: as it stands, and with enough digits for a log line of megabytes. */
const CARD = '4111111111111111';
const ENDLESS = CARD.repeat(20_000);
/** More than any refusal may have. */
const LONGEST = 2500;

const TYPES: readonly Column['type'][] = [
  { kind: 'text', bytes: 4 },
  { kind: 'number', precision: 5, scale: 2 },
  { kind: 'boolean' },
];
const columns = (value: string) =>
  TYPES.map((type) => () => {
    const column = { name: 'C', path: 'v', type, nullable: false };
    valuesOf([column], document(`{"v":${value}}`), TARGET);
  });
const poison = (code: string) => () => {
  throw failureOf(new Error(`${code}: it has ${CARD}\nORA-03301: (DOC_KEY:${ENDLESS})`), TARGET, true);
};
/** As Oracle 23ai words them, and as another version may. */
const QUOTING = [
  `ORA-00001: unique constraint (APP.CARD) violated on table APP.ORDERS columns (CARD)\nORA-03301: (ORA-00001 details) row with column values (CARD:'${CARD}') already exists`,
  `ORA-00001: unique constraint (APP.CARD) violated by ${CARD}`,
  `ORA-01722: unable to convert string value containing ${CARD} to a number: `,
  `ORA-01438: value ${CARD} greater than specified precision (5, 2) for column "APP"."ORDERS"."TOTAL"`,
  `ORA-12899: value too large for column "APP"."ORDERS"."NAME" (actual: 'n${CARD}', maximum: 10)`,
  `ORA-02290: check constraint (APP.POSITIVE) violated: ${CARD}\n(ORA-02290 details) ${CARD}`,
  `ORA-02291: integrity constraint (APP.CUSTOMER) violated - parent key not found: ${CARD}`,
  `ORA-01400: cannot insert NULL beside ${CARD}`,
  `ORA-02091: transaction rolled back\nORA-00001: unique constraint (APP.CARD) violated (${CARD})`,
  `ORA-01861: literal ${CARD} does not match format string`,
  `ORA-00604: error occurred at recursive SQL level 1\nORA-20001: ${CARD}`,
  `ORA-40441: JSON syntax error\nJZN-00078: Invalid JSON keyword '${CARD}' (line 1, position 2)`,
  `ORA-29999: nobody knows it, and it has ${CARD}`,
].flatMap((words) =>
  // Of a document, and of none: as where a table of ours is written, or a row is only tried.
  [TARGET, { ...TARGET, key: null }].map((target) => () => {
    throw failureOf(new Error(words), target, true);
  }),
);

/** What is refused with a value of a document in it, and must not show it. */
const WITH_VALUES: readonly (() => unknown)[] = [
  ...[CARD, ENDLESS, `-0.${ENDLESS}`, `${CARD}e-${ENDLESS}`, `1e${CARD}`].flatMap(columns),
  ...[`"${CARD}"`, `["${CARD}"]`, `{"a":${CARD}}`, `"${ENDLESS}"`].flatMap(columns),
  ...QUOTING,
  ...['ORA-01438', 'ORA-01722', 'ORA-40441', 'ORA-01461', 'NJS-115', 'NJS-194'].map(poison),
  ...[parseReceipt, parseShardMessage].flatMap((parse) =>
    [CARD, `"${CARD}"`, `{"${ENDLESS}`, `[${ENDLESS}]`, `${CARD}x`].map((text) => () => parse(text)),
  ),
  () => parseReceipt(`{"collection":"c","key":"k","phase":"${CARD}","expired":"0"}`),
  () => parseReceipt(`{"collection":"c","key":"k","phase":"expand","expired":"${ENDLESS}"}`),
  () => parseShardMessage(`{"run":"${ENDLESS}","collection":"c","shard":"${CARD}","token":"t"}`),
  () => parseRequest(CARD, 'copy', ['orders']),
  () => parseRequest({ collection: 'orders', mode: CARD }, 'verify', ['orders']),
  () => parseRequest({ collection: 'orders', shards: Number(CARD) }, 'copy', ['orders']),
  () => parseOperation('redrive', { why: CARD.slice(0, 4), cause: Number(CARD) }, []),
  () =>
    parsePhase(`{"phase":"expand","since":"${CARD}","by":"x"}`.replace('"phase"', `"${'p'.repeat(200)}"`)),
  () => parseConfiguration({ collections: CARD }, 'settings'),
];

/** What is refused with a name in it, of any length. */
const LONG = 'n'.repeat(1_000_000);
const WITH_NAMES: readonly (() => unknown)[] = [
  () => requireKey({ ...TARGET, key: LONG }),
  () => requireColumn({ name: 'C', path: `${LONG}]`, type: { kind: 'boolean' }, nullable: true }),
  () => parseReceipt(`{"${LONG}":1}`),
  () => parseReceipt(LONG),
  () => parseShardMessage(LONG),
  () => parsePhase(LONG),
  () => parsePhase(`{"phase":"expand","since":0,"by":"x","${LONG}":1}`),
  () => parseRequest({ collection: LONG }, 'copy', ['orders']),
  () => parseRequest({ collection: 'orders', after: `o${LONG}`, upTo: LONG }, 'copy', ['orders']),
  () => parseRequest({ collection: 'orders', [LONG]: 1 }, 'copy', ['orders']),
  () => parseOperation(LONG, {}, []),
  () => parseOperation('explain', { collection: LONG, key: 'k' }, ['orders']),
  () => {
    throw failureOf(new Error(`ORA-12899: value too large for column ${LONG}`), TARGET, true);
  },
  () => {
    throw failureOf(new Error(`ORA-20001: ${LONG}`), TARGET, true);
  },
];

function refusalOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    return String(error);
  }
  return assert.fail(`It is not refused: ${act}`);
}

test('no refusal shows a value of a document', () => {
  for (const act of WITH_VALUES) {
    const refusal = refusalOf(act);
    assert.doesNotMatch(refusal, /4111|1111/, `${act}`);
    assert.ok(refusal.length < LONGEST, `${act}: ${refusal.length} characters`);
  }
});

test('every refusal has a bound, whatever it names', () => {
  for (const act of WITH_NAMES) {
    const { length } = refusalOf(act);
    assert.ok(length < LONGEST, `${act}: ${length} characters`);
  }
});

test('a number that does not fit is told by its digits’ count', () => {
  const [, amount] = columns(`${CARD}.25`);
  assert.match(
    refusalOf(amount as () => unknown),
    /there is a number of 16 digits before the point and 2 digits after it at v, for the column C/,
  );
});

test('an index that gives a value for a key shows none of it', async () => {
  const cluster = { query: async () => ({ rows: [{ card: CARD }] }) };
  const connection = { use: (_: unknown, act: (...args: unknown[]) => unknown) => act(null, cluster) };
  const keyspace = { bucket: 'b', scope: 's', collection: 'c' };
  const keys = keysOf(connection as never, keyspace, { after: null, upTo: null }, { limit: 1, timeout: 1 });
  await assert.rejects(keys, (error: Error) => /gave an object for a key/.test(error.message));
});

test('a difference is told by its place, which has a bound, and by nothing of what stands there', () => {
  const body = (value: string) => Buffer.from(`{"${LONG}":{"~/":["${value}"]}}`);
  const place = firstDifference(body(CARD), body('x')) ?? '';
  assert.equal(place, `/${'n'.repeat(100)}…/~0~1/0`);
  const deep = (value: string) =>
    Buffer.from(`${`{"${'m'.repeat(50)}":`.repeat(500)}"${value}"${'}'.repeat(500)}`);
  assert.ok((firstDifference(deep(CARD), deep('x')) ?? '').length < LONGEST);
  const seen = (value: string) => ({ ...NOTHING, presence: 'live' as const, body: body(value) });
  const difference = compare('expand', { couchbase: seen(CARD), oracle: seen('x') }, 'content');
  assert.equal(difference?.kind, 'content');
  assert.doesNotMatch(difference?.detail ?? CARD, /4111/);
});

test('a message that is no receipt is shown by its size, and reasons of others have a bound', async () => {
  assert.equal(shownBody(`{"card":${CARD}}`), 'a text of 25 characters');
  assert.ok(shownBody(`{"collection":"c","key":"${LONG}","phase":"expand","expired":"0"}`).length < LONGEST);
  const ports = {
    ...{
      parse: () => assert.fail(LONG),
      settle: async () => 'settled' as const,
      breaker: newBreaker(),
      bake: 1,
    },
  };
  const fate = await reconcile({ body: '', deliveries: 20, sent: 0, now: 0 }, ports, 1);
  assert.ok(fate.kind === 'bury' && fate.why.length < LONGEST);
});

test('letters of documents with keys that are cut have one cause', () => {
  const causes = ['a', 'b'].map((unit) =>
    causeIn(refusalOf(() => requireKey({ ...TARGET, key: unit.repeat(400) }))),
  );
  assert.equal(causes[0], causes[1]);
  assert.doesNotMatch(causes[0] ?? '', /aaa/);
});
