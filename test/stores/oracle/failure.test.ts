import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { OperatorNeeded, PoisonDocument, StoreUnavailable } from '../../../functions/stores/failure.ts';
import { endsSession, failureOf } from '../../../functions/stores/oracle/failure.ts';
import { knownCodes } from '../../../functions/stores/oracle/meaning.ts';
import { document } from '../contract/subject.ts';
import { type TestDatabase, testDatabase } from './database.ts';

const TARGET = { store: 'oracle', operation: 'apply', collection: 'ORDERS', key: 'o-1' } as const;

/** As public documents have them, written down once more: a code that changes its kind, or is lost, fails here. */
const CODES = {
  lost: {
    NJS: '3 102 103 123 500 501 503 504 509 510 511 513 518 519 521 530',
    ORA: `22 28 31 45 378 602 603 609 1012 1014 1033 1034 1041 1043 1089 1090 1092 2390 2392 2394 2396 2399 3106 3111 3113 3114 3122 3134 3135
      3136 12153 12170 12505 12514 12535 12537 12541 12543 12547 12560 12570 12571 12583 12606 12608 12609 25401 25402 25403 25404 25405 25408
      25409 27146 28511 56600`,
  },
  busy: {
    NJS: '40 64 65 76',
    ORA: `1 18 19 20 40 51 54 55 57 60 1000 1013 1035 1555 1591 2049 2391 4020 4021 4030 4031 4036 4061 4065 4068 8103 8176 8177 12500 12510
      12516 12518 12519 12520 12526 12527 12528 12540 12549 12564 22924 24418 24457 24459 24496 30006 63300 63302`,
  },
  standby: { NJS: '', ORA: '16000 16456' },
  operator: {
    NJS: '515',
    ORA: `257 376 406 902 904 942 1017 1031 1045 1109 1115 1116 1135 1157 1219 1435 1502 1536 1562 1578 1628 1631 1632 1650 1652 1653 1654 1658 1659
      1680 1683 1688 1691 1692 1693 1694 1950 2292 2393 2395 3233 3234 3238 4098 25153 26026 28000 28001 28009 28040 28150 28365 28374 30032
      30036 41900 60003 60004 60006 60009 60010 60019 65114`,
  },
  poison: {
    NJS: '115 194',
    ORA: '1400 1407 1426 1438 1461 1465 1722 1830 1839 1841 1843 1847 1858 1861 1874 1875 2290 2291 11534 12899 14400 14402 28115 40441 40474 40604 42712',
  },
} as const;

const codesOf = (numbers: string, system: string) =>
  numbers
    .split(/\s+/)
    .filter((number) => number !== '')
    .map((number) => `${system}-${number.padStart(system === 'ORA' ? 5 : 3, '0')}`);

for (const [name, { ORA, NJS }] of Object.entries(CODES))
  test(`what Oracle and its driver say of the kind ${name} is sorted, and told with place and remedy`, () => {
    for (const code of [...codesOf(ORA, 'ORA'), ...codesOf(NJS, 'NJS')]) {
      // Of a document it is a column of somebody else whose values are taken: poison, below.
      if (code === 'ORA-00001') continue;
      const error = new Error(`${code}: some words\nHelp: https://docs.oracle.com/error-help/db/ora-00001/`);
      const failure = failureOf(error, TARGET, true);
      assert.match(failure.message, /^oracle apply in ORDERS, key "o-1": ./, code);
      assert.equal(
        endsSession(error),
        code.startsWith('ORA') && (name === 'lost' || name === 'standby'),
        code,
      );
      if (name === 'poison') assert.ok(failure instanceof PoisonDocument, code);
      else if (name === 'operator') {
        assert.ok(failure instanceof OperatorNeeded, code);
        assert.match(failure.message, new RegExp(`: ${code}: [a-z].*\\. [A-Z]`), code);
      } else {
        assert.ok(failure instanceof StoreUnavailable, code);
        assert.equal(failure.mayHaveApplied, name === 'lost', code);
      }
    }
  });

test('each code of the table is among those above', () => {
  const listed = Object.values(CODES).flatMap(({ ORA, NJS }) => [
    ...codesOf(ORA, 'ORA'),
    ...codesOf(NJS, 'NJS'),
  ]);
  assert.equal(new Set(listed).size, listed.length);
  assert.equal(knownCodes, listed.length);
});

test('where Oracle says only in what an error happened, the next code counts', () => {
  const wrapped = (first: string, next: string) =>
    failureOf(new Error(`${first}: error occurred\n${next}: some words\nORA-06512: at line 2`), TARGET, true);
  for (const first of ['ORA-00604', 'ORA-12801']) {
    assert.ok(wrapped(first, 'ORA-01652') instanceof OperatorNeeded);
    assert.ok(wrapped(first, 'ORA-12899') instanceof PoisonDocument);
    // What a trigger of somebody else says is known to nobody here.
    const unknown = wrapped(first, 'ORA-20001');
    assert.ok(unknown instanceof StoreUnavailable && unknown.mayHaveApplied);
  }
  const own = new TypeError('a bug\nORA-01652: some words');
  assert.equal(failureOf(own, TARGET, true), own);
});

test('why a listener refuses is told', () => {
  const refused =
    'NJS-511: connection to listener at host h port 1 was refused. (CONNECTION_ID=x)\nCause: ORA-12528';
  assert.match(failureOf(new Error(refused), TARGET, false).message, /NJS-511.*\(ORA-12528\)/);
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

test('a clash of unique values that is about no document is over soon', () => {
  const failure = failureOf(
    new Error('ORA-00001: unique constraint (A.B) violated'),
    { ...TARGET, key: null },
    true,
  );
  assert.ok(failure instanceof StoreUnavailable && !failure.mayHaveApplied);
});

test('what a trigger says is not repeated, since it may hold values; of a refusal in the commit the second line counts', () => {
  const raised = failureOf(new Error('ORA-20007: card 4111 is not accepted'), TARGET, true);
  assert.match(raised.message, /a trigger of the database refuses the document \(ORA-20007\)/);
  const deferred = 'ORA-02091: transaction rolled back\nORA-02290: check constraint (APP.POSITIVE) violated';
  const late = failureOf(new Error(deferred), TARGET, true);
  assert.ok(late instanceof PoisonDocument);
  assert.match(late.message, /ORA-02290: check constraint \(APP\.POSITIVE\)/);
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

test('a session that is of no use any more goes, and the next call opens another', async (t) => {
  const { store, server, connection } = database;
  if (server === null) return t.skip('nothing can be made to fail on a database of your own');
  const apply = () => store.apply('k6', { content: document('1'), version: 1n });
  await apply();
  // A failover of the session; the longest connect time; a standby that takes no writes.
  for (const [number, mayHaveApplied] of [
    [25408, true],
    [2399, true],
    [16000, false],
  ] as const) {
    const { number: before } = connection;
    const action = { kind: 'error', number, text: 'on order' } as const;
    await server.fault({ operation: 'execute', statement: 'UPDATE', times: 1, action });
    await assert.rejects(
      apply(),
      (error) => error instanceof StoreUnavailable && error.mayHaveApplied === mayHaveApplied,
    );
    assert.equal(connection.number, before);
    assert.equal(await apply(), false);
    assert.equal(connection.number, before + 1, `ORA-${number}`);
  }
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
