import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { OperatorNeeded, PoisonDocument, StoreUnavailable } from '../../../functions/stores/failure.ts';
import { failureOf } from '../../../functions/stores/oracle/failure.ts';
import { document } from '../contract/subject.ts';
import { type TestDatabase, testDatabase } from './database.ts';

const TARGET = { store: 'oracle', operation: 'apply', collection: 'ORDERS', key: 'o-1' } as const;

const CODES: readonly (readonly [string, readonly (readonly [string, readonly number[]])[]])[] = [
  [
    'lost',
    [
      ['NJS', [500, 501, 503, 510, 511, 518, 521, 530, 123]],
      [
        'ORA',
        [28, 31, 1012, 1033, 1034, 1089, 1090, 1092, 2396, 3113, 3114, 3135, 12153, 12170, 12514, 12537],
      ],
      ['ORA', [12541, 12547, 12570, 12571]],
    ],
  ],
  [
    'busy',
    [
      ['ORA', [1, 18, 20, 54, 60, 1013, 4068, 8177, 12516, 12519, 12520, 30006]],
      ['NJS', [40, 76]],
    ],
  ],
  [
    'operator',
    [
      ['ORA', [257, 904, 942, 1017, 1031, 1536, 1653, 1654, 1688, 28000, 28001]],
      ['NJS', [515]],
    ],
  ],
  [
    'poison',
    [
      ['ORA', [1400, 1438, 1461, 1722, 2290, 2291, 12899, 40441, 40604, 42712]],
      ['NJS', [115, 194]],
    ],
  ],
];

for (const [name, groups] of CODES)
  test(`what Oracle and its driver say when a call is ${name} is sorted, and told with place and remedy`, () => {
    for (const [system, numbers] of groups)
      for (const number of numbers) {
        const code = `${system}-${String(number).padStart(system === 'ORA' ? 5 : 3, '0')}`;
        const failure = failureOf(new Error(`${code}: some words\nHelp: elsewhere`), TARGET, true);
        assert.match(failure.message, /^oracle apply in ORDERS, key "o-1": ./, code);
        if (name === 'poison') assert.ok(failure instanceof PoisonDocument, code);
        else if (name === 'operator') assert.ok(failure instanceof OperatorNeeded, code);
        else {
          assert.ok(failure instanceof StoreUnavailable, code);
          assert.equal(failure.mayHaveApplied, name === 'lost', code);
        }
      }
  });

test('a read that is lost was not to change anything', () => {
  const failure = failureOf(new Error('NJS-500: connection lost'), TARGET, false);
  assert.ok(failure instanceof StoreUnavailable && !failure.mayHaveApplied);
});

test('an error that nobody has thought of may have been applied; an error that is ours stays ours', () => {
  const unknown = failureOf(new Error('ORA-99999: a new one'), TARGET, true);
  assert.ok(unknown instanceof StoreUnavailable && unknown.mayHaveApplied);
  const bug = new TypeError('undefined is not a function');
  assert.equal(failureOf(bug, TARGET, true), bug);
});

let database: TestDatabase;
before(async () => {
  database = await testDatabase({ timeout: 1500 });
});
after(() => database.stop());

test('what Oracle refuses of a document names the table, the key and the remedy', async () => {
  const { store, table } = database;
  const over = store.apply('k1', { content: document('1'), version: 2n ** 64n });
  await assert.rejects(over, (error: Error) => {
    assert.ok(error instanceof PoisonDocument);
    assert.match(error.message, new RegExp(`oracle apply in ${table.name}, key "k1": .*Mend the document`));
    return true;
  });
  const large = document(new Uint8Array(20 * 1024 * 1024));
  await assert.rejects(store.apply('k2', { content: large, version: 1n }), /20971520 bytes.*Split/);
  const full = { content: document('1'), version: 2n ** 64n - 1n };
  await store.apply('k3', full);
  const write = { content: document('2'), condition: { kind: 'none' }, handedOff: false } as const;
  await assert.rejects(store.write('k3', write), PoisonDocument);
});

test('a server that is busy has done nothing; one that has lost its rights needs an operator', async (t) => {
  const { store, server } = database;
  if (server === null) return t.skip('nothing can be made to fail on a database of your own');
  const strike = (number: number) =>
    server.fault({
      operation: 'execute',
      statement: null,
      times: 1,
      action: { kind: 'error', number, text: 'on order' },
    });
  const apply = () => store.apply('k4', { content: document('1'), version: 1n });
  await strike(60);
  await assert.rejects(apply(), (error) => error instanceof StoreUnavailable && !error.mayHaveApplied);
  await strike(1031);
  await assert.rejects(apply(), OperatorNeeded);
  assert.equal(await apply(), true);
});

test('a peer that has gone silent is abandoned, and the next call opens a new pool', async (t) => {
  const { store, server } = database;
  if (server === null) return t.skip('nothing can be made to fail on a database of your own');
  const action = { kind: 'blackHole' } as const;
  await server.fault({ operation: 'execute', statement: 'UPDATE', times: 1, action });
  const apply = () => store.apply('k5', { content: document('1'), version: 1n });
  await assert.rejects(apply(), (error) => error instanceof StoreUnavailable && error.mayHaveApplied);
  assert.equal(await apply(), true);
});
