/** What follows from what was read: which side it was read from, what several things amount to, and what nobody could read. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { couchbaseLines } from '../../functions/diagnosis/couchbase_lines.ts';
import { encryptionVerdict } from '../../functions/diagnosis/encryption.ts';
import { bad, doubtful, good, judged, reached, together } from '../../functions/diagnosis/line.ts';
import { accountVerdicts, ownerVerdicts } from '../../functions/diagnosis/login.ts';
import { loginVerdicts, oracleLines } from '../../functions/diagnosis/oracle_lines.ts';
import { rolesVerdict } from '../../functions/diagnosis/roles.ts';
import {
  type CollectionFacts,
  known,
  notGranted,
  type OracleFacts,
  unknown,
} from '../../functions/stores/facts.ts';
import { BULK_LIMITS } from '../../functions/stores/load.ts';
import { LOGINS, type Login } from '../../functions/stores/oracle/rights.ts';
import { COUCHBASE, ORACLE as FACTS, NOBODY as nobody, SAFE, ORACLE_WANTED as WANTED } from './facts.ts';

const stateOf = (facts: Partial<OracleFacts>, code: string, wanted: Partial<typeof WANTED> = {}) =>
  oracleLines({ ...FACTS, ...facts }, { ...WANTED, ...wanted }).find((line) => line.code === code)?.state;

test('the functions must reach a store, a machine of an operator need not; a refused login is bad from both', () => {
  const silent = unknown('no clear answer');
  assert.equal(reached(silent, 'functions', true).state, 'bad');
  assert.equal(reached(silent, 'here', true).state, 'unknown');
  assert.match(reached(silent, 'here', true).seen, /cannot be reached from this machine: no clear answer/);
  assert.match(reached(silent, 'here', false).seen, /its secret cannot be read/);
  for (const side of ['functions', 'here'] as const)
    assert.equal(reached(known('the account is locked'), side, true).state, 'bad');
  assert.equal(reached(known(null), 'here', true).state, 'good');
});

test('of a store that was not reached nothing is said but that, and what its address tells', () => {
  const codes = oracleLines(
    { ...FACTS, answers: nobody, encryption: known({ ...SAFE, encrypted: false }) },
    WANTED,
  );
  assert.deepEqual(
    codes.map(({ code, state }) => `${code} ${state}`),
    ['ORACLE bad', 'ORACLE_TLS doubtful'],
  );
});

test('what was not read is unknown, with the right that is missing', () => {
  const { state, seen, todo } = judged(notGranted('SELECT ON SYS.V_$DATABASE'), () => good('x'));
  assert.equal(state, 'unknown');
  assert.match(`${seen} ${todo}`, /lacks SELECT ON SYS\.V_\$DATABASE .*grant SELECT/);
  const others = oracleLines(FACTS, WANTED).filter((line) => line.state !== 'unknown');
  assert.deepEqual(
    others.map(({ code }) => code),
    ['ORACLE', 'ORACLE_TLS', 'ORACLE_LOGINS'],
  );
});

test('several things of one kind are as bad as the worst of them, which is named', () => {
  const [a, b, c] = [good('fine'), doubtful('slow', 'mend b'), bad('gone', 'mend c')];
  assert.deepEqual(
    together([
      ['a', a],
      ['b', b],
      ['c', c],
    ]),
    { ...c, seen: 'c: gone' },
  );
  assert.deepEqual(
    together([
      ['a', a],
      ['b', b],
    ]),
    { ...b, seen: 'b: slow' },
  );
  assert.deepEqual(
    together([
      ['a', a],
      ['d', good('fine')],
    ]),
    good('a, d: fine'),
  );
  const nothing = judged(nobody, () => a);
  assert.equal(
    together([
      ['b', b],
      ['n', nothing],
    ]).state,
    'unknown',
  );
});

test('sessions of the user are held against those of the functions, where they are known', () => {
  const facts = (value: string) => ({ ...FACTS, profile: known({ SESSIONS_PER_USER: value }) });
  const state = (value: string, sessions: number | null) =>
    accountVerdicts(facts(value), sessions).ORACLE_SESSIONS_PER_USER?.state;
  assert.deepEqual([state('100', 100), state('99', 100), state('99', null)], ['good', 'bad', 'doubtful']);
  assert.deepEqual([state('UNLIMITED', 100), state('DEFAULT', 100)], ['good', 'unknown']);
});

test('tables: none before the first deployment is no fault, some of them missing is one; so is a right on one that is there', () => {
  const tables = (missing: string[]) => ({
    tables: known({ wanted: 2, missing }),
    missingRights: known(['INSERT ON A']),
  });
  const states = (missing: string[]) =>
    ['ORACLE_TABLES', 'ORACLE_RIGHTS'].map((code) => stateOf(tables(missing), code));
  assert.deepEqual(states([]), ['good', 'bad']);
  assert.deepEqual(states(['A']), ['bad', 'good']);
  assert.deepEqual(states(['A', 'B']), ['doubtful', 'good']);
});

test('a user that may do more than it needs is doubtful, and so is one user for all functions', () => {
  const told = (surplus: readonly string[], logins: readonly Login[]) => {
    const facts = { missingRights: known([]), surplusRights: known(surplus) };
    const found = oracleLines({ ...FACTS, ...facts }, { ...WANTED, logins });
    return ['ORACLE_RIGHTS', 'ORACLE_LOGINS'].map((code) => found.find((line) => line.code === code));
  };
  const [rights, logins] = told([], ['work', 'control']);
  assert.deepEqual([rights?.state, logins?.state], ['good', 'good']);
  const many = Array.from({ length: 7 }, (_, n) => `INSERT ON T${n}`);
  const [more, one] = told(many, LOGINS);
  assert.deepEqual([more?.state, one?.state], ['doubtful', 'doubtful']);
  assert.match(more?.seen ?? '', /INSERT ON T0, .*INSERT ON T4, and 2 more$/);
  assert.match(`${more?.todo} ${one?.todo}`, /schema --revoke.*oracleWork and oracleControl/);
});

test('a release that does not know a type of a projection is bad, and one that does is good', () => {
  const needs = [
    { name: 'ORDER_HEADS', needs: [{ release: 23, what: 'PAID BOOLEAN' }] },
    { name: 'ORDER_HEADS.REST', needs: [{ release: 21, what: 'REST JSON' }] },
    { name: 'ORDERS' },
  ];
  const seen = (version: string) =>
    oracleLines({ ...FACTS, version: known(version) }, { ...WANTED, needs }).find(
      ({ code }) => code === 'ORACLE_VERSION',
    );
  assert.equal(seen('23.26.0.0.0')?.state, 'good');
  const { state, seen: said, todo } = seen('19.23.0.0.0') ?? assert.fail();
  assert.equal(state, 'bad');
  assert.match(
    `${said} ${todo}`,
    /ORDER_HEADS: PAID BOOLEAN, since 23ai, ORDER_HEADS: REST JSON, since 21c .*native: false/,
  );
  assert.doesNotMatch(seen('21.3.0.0.0')?.seen ?? '', /JSON/);
});

test('each other login has a line: whether it is accepted, and what it may do', () => {
  const facts = {
    ...{ answers: known(null), isRead: true, account: nobody },
    ...{ missingRights: known([]), surplusRights: known([]) },
  };
  const states = (changed: object) =>
    Object.entries(loginVerdicts(['work', 'control'], { ...facts, ...changed }, 'here')).map(
      ([code, { state }]) => `${code} ${state}`,
    );
  assert.deepEqual(states({}), ['ORACLE_WORK good', 'ORACLE_CONTROL good']);
  assert.match(states({ missingRights: known(['READ ON CROSSFADE_RUNS']) }).join(), /WORK bad/);
  assert.match(states({ surplusRights: known(['DELETE ON ORDERS']) }).join(), /WORK doubtful/);
  assert.match(states({ answers: known('the password was refused') }).join(), /WORK bad/);
  assert.match(states({ answers: nobody, isRead: false }).join(), /WORK unknown/);
});

test('readings are good, doubtful or bad by the limits of bulk work, and good where they are not watched', () => {
  const at = (value: number) => ({ readings: { undo: { kind: 'value', value } as const } });
  const { slow, pause } = BULK_LIMITS.undo ?? { slow: 0, pause: 0 };
  const states = [slow - 1, slow, pause].map((value) => stateOf(at(value), 'ORACLE_UNDO'));
  assert.deepEqual(states, ['good', 'doubtful', 'bad']);
  const unwatched = { bulkLimits: { ...BULK_LIMITS, undo: null } } as unknown as Partial<typeof WANTED>;
  assert.equal(stateOf(at(pause), 'ORACLE_UNDO', unwatched), 'good');
});

test('the owner must be able to create tables; from where it is not reached that is not known', () => {
  const owner = {
    answers: known(null),
    encryption: known(SAFE),
    quotas: known({ unlimited: true, tablespaces: [] }),
    triggers: nobody,
  };
  const states = (facts: object) =>
    Object.entries(ownerVerdicts({ ...owner, createsTables: known(true), ...facts })).map(
      ([code, { state }]) => `${code} ${state}`,
    );
  assert.deepEqual(states({}), ['ORACLE_OWNER good', 'ORACLE_OWNER_QUOTA good']);
  assert.deepEqual(states({ createsTables: known(false) }), ['ORACLE_OWNER bad', 'ORACLE_OWNER_QUOTA good']);
  assert.deepEqual(states({ answers: known('refused') }), ['ORACLE_OWNER bad']);
  assert.deepEqual(states({ answers: nobody }), ['ORACLE_OWNER unknown']);
});

test('a role counts for the collections that it covers', () => {
  const place = { bucket: 'shop', scope: 'sales', collection: 'orders' };
  const all = (part: object) =>
    ['data_reader', 'data_writer', 'query_select'].map((role) => ({ role, ...part }));
  const state = (part: object) => rolesVerdict(all(part), [place]).state;
  assert.equal(state({ bucket: '*' }), 'good');
  assert.equal(state({ bucket: 'shop', scope: 'sales', collection: 'orders' }), 'good');
  assert.equal(state({ bucket: 'shop', scope: 'sales', collection: 'carts' }), 'bad');
  assert.equal(state({ bucket: 'other' }), 'bad');
  assert.equal(rolesVerdict([{ role: 'bucket_full_access', bucket: 'shop' }], [place]).state, 'good');
});

test('that an index of versions answers is told, and none of it is no fault', () => {
  const seen = (listsVersions: boolean, primaryIndexes: CollectionFacts['primaryIndexes']) => {
    const orders = {
      listing: known('listed' as const),
      transactions: nobody,
      primaryIndexes,
      listsVersions,
    } as const;
    const facts = { ...COUCHBASE, collections: { orders } };
    const lines = couchbaseLines(facts, { side: 'functions', call: 3000, collections: {} });
    const line = lines.find(({ code }) => code === 'COUCHBASE_INDEXES');
    return [line?.state, line?.seen];
  };
  const both = [seen(true, known(['online'])), seen(true, nobody)].map(([state, text]) => [
    state,
    text?.replace(/.*, and/, 'and'),
  ]);
  assert.deepEqual(both, Array(2).fill(['good', 'and an index of versions answers']));
  assert.deepEqual(seen(false, known(['online']))[0], 'good');
  assert.doesNotMatch(String(seen(false, known(['online']))[1]), /versions/);
});

test('a connection that is not encrypted, or not checked, is doubtful, and the line says why', () => {
  const verdict = (encrypted: boolean, verified: boolean) =>
    encryptionVerdict({ encrypted, verified, how: 'the check is off' });
  assert.deepEqual(verdict(true, true), good('TLS: the check is off'));
  for (const [encrypted, seen] of [
    [true, /^TLS that is not checked: the check is off\./],
    [false, /^no TLS: the check is off\./],
  ] as const) {
    assert.equal(verdict(encrypted, false).state, 'doubtful');
    assert.match(verdict(encrypted, false).seen, seen);
  }
});
