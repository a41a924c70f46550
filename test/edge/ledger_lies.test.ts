/** Lies that lie in the ledger: rows of runs in Oracle that look like evidence for a gate, and are none. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Ledger } from '../../functions/books/ledger.ts';
import { Letters } from '../../functions/books/letters.ts';
import { NotDurable } from '../../functions/books/not_durable.ts';
import { decide } from '../../functions/control/decide.ts';
import { gatherEvidence } from '../../functions/edge/evidence.ts';
import { ROUTES } from '../../functions/protocol/phase.ts';
import type { Kind, Outcome, Run } from '../../functions/records/run.ts';
import { parseRequest } from '../../functions/runs/request.ts';
import { stampOf } from '../../functions/runs/stamp.ts';
import { CONTROL } from '../../functions/stores/oracle/control_tables.ts';
import { NOT_DURABLE } from '../../functions/stores/oracle/not_durable_table.ts';
import { upgrade } from '../../functions/stores/oracle/upgrade.ts';
import { Reach } from '../../functions/stores/reach.ts';
import { GATES as ALL, type Gate, SINCE, TIMES } from '../control/lies.ts';
import { type TestDatabase, testDatabase } from '../stores/oracle/database.ts';
import { evidenceStores } from './evidence_stores.ts';

let database: TestDatabase;
let ledger: Ledger;
before(async () => {
  database = await testDatabase();
  await upgrade(database.connection, [CONTROL, NOT_DURABLE], null, () => {});
  ledger = new Ledger(database.connection);
});
after(() => database.stop());

const GATES = ALL.filter(({ forced }) => !forced);
const ORDERS = {
  couchbase: { bucket: 'shop', scope: '_default', collection: 'orders' },
  oracle: { table: 'ORDERS', columns: [{ name: 'CUSTOMER', path: '$.customer', type: 'text' }] },
};
const QUEUES = { RECEIPTS_QUEUE: 'receipts', DEAD_LETTERS_QUEUE: 'dead' };

interface Told extends Run {
  /** Null for a run that is not finished. */
  readonly outcome: Outcome | null;
  readonly mapping: unknown;
}

const stamped = ({ kind, collection, mapping }: Pick<Told, 'kind' | 'collection' | 'mapping'>) => {
  const job = kind === 'verify' ? 'verify' : 'copy';
  const input = { collection, ...(kind === 'copyback' ? { back: 'changed' } : {}) };
  return stampOf(parseRequest(input, job, [collection]), mapping);
};

let ids = 0;
async function write({ outcome, mapping, ...run }: Told): Promise<void> {
  const id = `${run.id}-${++ids}`;
  await ledger.begin({ ...run, id, stamp: stamped({ ...run, mapping }) }, []);
  if (outcome !== null) await ledger.end(id, outcome, run.started + 10_000);
}

/** The runs that a gate needs, as honest ones. Each test has a collection of its own. */
function runsOf({ from, needs }: Gate, collection: string): Told[] {
  const one = (kind: Kind, started: number): Told => ({
    ...{ id: kind, kind, collection, phase: from, started, stamp: '', mapping: ORDERS, outcome: 'clean' },
    options: kind === 'verify' ? { mode: 'content' } : {},
  });
  return [
    ...(needs.backfill === undefined ? [] : [one('backfill', SINCE + 300_000)]),
    ...(needs.copyback === undefined ? [] : [one('copyback', SINCE + 300_000)]),
    ...(needs.verification === undefined ? [] : [one('verify', SINCE + 400_000)]),
  ];
}

async function opens({ from, wanted }: Gate, collection: string): Promise<boolean> {
  const letters = new Letters(database.connection);
  const notDurable = new NotDurable(database.connection);
  const stores = evidenceStores({ ledger, letters, notDurable, mapping: () => ORDERS });
  const queues = { send: async () => ({ Attributes: {} }) } as never;
  const gather = () => gatherEvidence(stores, collection, queues, QUEUES, new Reach(() => true), from);
  const decision = await decide(
    ROUTES[wanted].flags,
    { phase: from, since: SINCE, by: 'test' },
    TIMES,
    gather,
  );
  return decision.kind === 'move';
}

const CHANGED: readonly (readonly [string, unknown])[] = [
  ['another bucket', { ...ORDERS, couchbase: { ...ORDERS.couchbase, bucket: 'old' } }],
  ['another table', { ...ORDERS, oracle: { ...ORDERS.oracle, table: 'OLD' } }],
  [
    'a column from another path',
    {
      ...ORDERS,
      oracle: { ...ORDERS.oracle, columns: [{ name: 'CUSTOMER', path: '$.buyer', type: 'text' }] },
    },
  ],
];
const part = { after: 'a', upTo: 'b' };
const LIES: readonly (readonly [string, (honest: Told) => Told[]])[] = [
  ...CHANGED.map(
    ([what, mapping]) => [`it was begun with ${what}`, (run: Told) => [{ ...run, mapping }]] as const,
  ),
  ['it is of another collection', (run) => [{ ...run, collection: 'others' }]],
  ['it is of a collection whose name begins alike', (run) => [{ ...run, collection: `${run.collection}2` }]],
  ['it is not finished', (run) => [{ ...run, outcome: null }]],
  ['it was stopped', (run) => [{ ...run, outcome: 'stopped' }]],
  ['it has set documents aside', (run) => [{ ...run, outcome: 'failures' }]],
  ['it was over a range', (run) => [{ ...run, options: { ...run.options, range: part } }]],
  ['it was clean, and is repeated with failures', (run) => [run, { ...run, outcome: 'failures' }]],
  ['it is of an earlier stay', (run) => [{ ...run, started: SINCE - 1 }]],
  [
    'it is a run of another kind',
    (run) => [{ ...run, kind: run.kind === 'verify' ? 'backfill' : 'verify', started: run.started + 1 }],
  ],
  [
    'it is hidden by many clean ones over a range, and so is the one after it that was not clean',
    (run) => [
      run,
      { ...run, started: run.started + 1, outcome: 'failures' },
      ...Array.from(
        { length: 4 },
        (_, n): Told => ({
          ...{ ...run, started: run.started + 2 + n, options: { ...run.options, range: part } },
        }),
      ),
    ],
  ],
];

test('each gate opens with the rows that it needs', async () => {
  for (const [n, gate] of GATES.entries()) {
    for (const run of runsOf(gate, `honest-${n}`)) await write(run);
    assert.equal(await opens(gate, `honest-${n}`), true, gate.name);
  }
});

test('writes without durability that are noted in Oracle shut each gate, until a later verification by content', async () => {
  const notDurable = new NotDurable(database.connection);
  assert.equal(await notDurable.until('undurable'), null);
  for (const [n, gate] of GATES.entries()) {
    const name = `undurable-${n}`;
    for (const run of runsOf(gate, name)) await write(run);
    const noted = SINCE + 500_000;
    // Two containers at once; what is noted is never set back.
    await Promise.all([notDurable.note(name, noted), notDurable.note(name, noted - 1)]);
    assert.equal(await notDurable.until(name), noted);
    // The clocks of two containers may differ by so much.
    const started = noted + 3_000;
    assert.equal(await opens(gate, name), false, gate.name);
    const proof = { id: 'proof', kind: 'verify', collection: name, phase: gate.from, started } as const;
    const options = { mode: 'content' } as const;
    await write({ ...proof, stamp: '', options, mapping: ORDERS, outcome: 'clean' });
    assert.equal(await opens(gate, name), true, gate.name);
  }
});

for (const [name, lie] of LIES)
  test(`a row of the ledger opens no gate: ${name}`, async () => {
    for (const gate of GATES)
      for (const wrong of runsOf(gate, '').map(({ kind }) => kind)) {
        const lying = `lying-${ids}`;
        for (const run of runsOf(gate, lying))
          for (const each of run.kind === wrong ? lie(run) : [run]) await write(each);
        assert.equal(await opens(gate, lying), false, `${gate.name}: ${wrong}`);
      }
  });
