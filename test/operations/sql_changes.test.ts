/** What operators decide about rows that were changed by SQL. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callerWith } from '../../functions/operations/caller.ts';
import {
  type DecideSqlPorts,
  decideSqlChanges,
  enterAndDecideSql,
  type SqlDecision,
  sqlChangesPage,
} from '../../functions/operations/sql_changes.ts';
import type { Phase } from '../../functions/protocol/phase.ts';
import { NO_ROW, type OracleState } from '../../functions/protocol/state.ts';
import { PoisonDocument } from '../../functions/stores/failure.ts';
import type { SqlChange } from '../../functions/stores/oracle/sql_changes.ts';
import { sqlListLines, sqlOutcomeLine } from '../../infra/console/told/sql_changes.ts';
import { document } from '../stores/contract/subject.ts';
import { SQL_CHANGE } from './operator_samples.ts';

const TARGET = { store: 'oracle', operation: 'swap', collection: 'ORDERS', key: 'k' } as const;
const ROW: OracleState = { content: document('1'), version: 8n, handoff: 7n, handback: 0n };

/** @param changes that wait. */
function desk(changes: readonly SqlChange[], over: Partial<DecideSqlPorts> = {}, phase: Phase = 'settle') {
  const done: string[] = [];
  const ports: DecideSqlPorts = {
    count: async () => changes.length,
    list: async (_, after, most) => changes.filter(({ key }) => after === null || key > after).slice(0, most),
    surroundings: async () => ({ phase, timely: () => true }),
    row: async () => ROW,
    newest: () => 50n,
    replace: async (key, _, { content, version, handoff }) => {
      done.push(
        `${key}: ${content === null ? 'deleted' : 'written'} in ${version}, handed off at ${handoff}`,
      );
      return true;
    },
    repair: async (key) => void done.push(`${key}: receipt`),
    close: async ({ key }) => {
      done.push(`${key}: closed`);
      return true;
    },
    taken: () => true,
    timely: () => true,
    ...over,
  };
  const decide = (decision: Partial<SqlDecision> = {}) =>
    decideSqlChanges(
      { ...{ how: 'accept', key: 'k', confirm: true, after: null, limit: 10 }, ...decision },
      ports,
    );
  return { done, ports, decide };
}
const change = (of: Partial<SqlChange> = {}): SqlChange => ({ ...SQL_CHANGE, ...of });

test('an accepted change is written before its receipt is sent, and closed after both', async () => {
  const it = desk([change()]);
  assert.deepEqual((await it.decide({ confirm: false })).outcomes, [{ key: 'k', does: 'accept', why: null }]);
  assert.deepEqual(it.done, []);
  await it.decide();
  assert.deepEqual(it.done, ['k: written in 8, handed off at 7', 'k: receipt', 'k: closed']);
});

test('without a version of its own it gets one, a deletion leaves a tombstone, and contract sends no receipt', async () => {
  const unversioned = desk(
    [change({ what: 'unversioned' })],
    { row: async () => ({ ...ROW, handoff: null }) },
    'contract',
  );
  await unversioned.decide();
  assert.deepEqual(unversioned.done, ['k: written in 9, handed off at 8', 'k: closed']);
  for (const [row, handoff] of [
    [NO_ROW, '7'],
    // A repair has brought it back.
    [ROW, null],
  ] as const) {
    const deleted = desk([change({ what: 'delete', handoff })], { row: async () => row }, 'contract');
    await deleted.decide();
    assert.deepEqual(deleted.done, [`k: deleted in 9, handed off at ${handoff ?? 8}`, 'k: closed']);
  }
});

test('what a verification has found is written in a version above all that Couchbase has given out', async () => {
  for (const what of ['document', 'insert'] as const) {
    const it = desk([change({ what, user: null })]);
    await it.decide();
    assert.deepEqual(it.done, ['k: written in 51, handed off at 7', 'k: receipt', 'k: closed']);
  }
});

test('what cannot be accepted stays open, and says why', async () => {
  const poison = () => Promise.reject(new PoisonDocument(TARGET, 'it is too long'));
  const cases: [Partial<SqlChange>, Partial<DecideSqlPorts>, Phase, RegExp][] = [
    [{ what: 'columns' }, {}, 'settle', /^only columns were changed/],
    [{}, {}, 'switch', /^in switch Couchbase orders the documents/],
    // Its receipt could never be settled, and would stand in the way of moves as a dead letter.
    [
      {},
      { taken: () => false },
      'settle',
      /^KEY_NOT_TAKEN: the collection does not take the key, and nobody is served its row: leave the entry/,
    ],
    [{}, { row: async () => ({ ...ROW, version: 9n }) }, 'settle', /^the key was written since/],
    [
      { what: 'delete' },
      { row: async () => ({ ...ROW, version: 9n }) },
      'settle',
      /^the key was written since/,
    ],
    [{}, { row: async () => NO_ROW }, 'settle', /^the row is not there any more/],
    [{}, { replace: async () => false }, 'settle', /^the key was written at the same moment/],
    [{}, { replace: poison }, 'settle', /^it cannot be written: .*it is too long/],
    [
      {},
      { surroundings: async () => ({ phase: 'settle', timely: () => false }) },
      'settle',
      /^no time was left/,
    ],
    [{}, { close: async () => false }, 'settle', /^the row was changed once more/],
  ];
  for (const [of, over, phase, why] of cases) {
    const it = desk([change(of)], over, phase);
    const [outcome] = (await it.decide()).outcomes;
    assert.equal(outcome?.does, 'nothing');
    assert.match(outcome?.why ?? '', why);
    assert.ok(!it.done.includes('k: closed'));
  }
});

test('what is left is closed, and nothing is written', async () => {
  const it = desk([change({ what: 'columns' })]);
  await it.decide({ how: 'leave' });
  assert.deepEqual(it.done, ['k: closed']);
});

test('in contract a deletion by SQL is not left before the row says that Couchbase may hold the document', async () => {
  const of = (handoff: string | null) => change({ what: 'delete', version: '8', handoff });
  const created = { ...ROW, version: 90n, handoff: 0n };
  const left = async (
    row: OracleState,
    handoff: string | null,
    phase: Phase = 'contract',
    confirm = true,
  ) => {
    const it = desk([of(handoff)], { row: async () => row }, phase);
    const [outcome] = (await it.decide({ how: 'leave', confirm })).outcomes;
    return [outcome?.does, ...it.done];
  };
  // A client has written it since, as if it had never been there.
  for (const [handoff, known] of [
    ['7', 7],
    [null, 8],
    ['0', 1],
  ] as const)
    assert.deepEqual(await left(created, handoff), [
      ...['leave', `k: written in 90, handed off at ${known}`, 'k: closed'],
    ]);
  assert.deepEqual(await left(created, '7', 'contract', false), ['leave']);
  assert.deepEqual(await left(ROW, '7'), ['leave', 'k: closed'], 'it says so already');
  assert.deepEqual(await left(created, '7', 'settle'), ['leave', 'k: closed'], 'repairs have told Couchbase');
  // Nothing is there that could say so.
  assert.deepEqual(await left(NO_ROW, '7'), ['nothing']);
  assert.deepEqual(await left(NO_ROW, '7', 'settle'), ['leave', 'k: closed']);
  const raced = desk([of('7')], { row: async () => created, replace: async () => false }, 'contract');
  assert.match(
    (await raced.decide({ how: 'leave' })).outcomes[0]?.why ?? '',
    /^the key was written at the same/,
  );
});

test('a page ends where time does, and the next goes on behind it', async () => {
  const changes = ['a', 'b', 'c'].map((key) => change({ key }));
  const it = desk(changes, { timely: () => false });
  const first = await it.decide({ how: 'leave' });
  assert.deepEqual([first.total, first.outcomes.length, first.next], [3, 1, 'a']);
  const second = await it.decide({ how: 'leave', after: first.next });
  assert.deepEqual([second.total, second.outcomes[0]?.key, second.next], [null, 'b', 'b']);
  const asked = { name: 'sql-changes', collection: 'orders', after: null, limit: 2 } as const;
  const page = await sqlChangesPage(asked, it.ports);
  assert.deepEqual([page.total, page.changes.map(({ key }) => key), page.next], [3, ['a', 'b'], 'b']);
  assert.match(
    sqlListLines('orders', page).join('\n'),
    /^"a" its document was changed, last .*, by SCOTT as scott with SQL\*Plus; version 8\n.*\n2 rows of 3\.\nMore: npx crossfade sql-changes list orders --after 'b'$/,
  );
  assert.equal(sqlOutcomeLine({ key: 'a', does: 'nothing', why: 'so' }, false), '"a" would stay open: so');
});

test('a decision is in the audit log before it is carried out, and one about no entries in particular is refused', async () => {
  const it = desk([change()]);
  const write = async ({ action, detail }: { action: string; detail: string }) => {
    it.done.push(`entered ${action} ${detail}`);
    return {} as never;
  };
  const caller = callerWith('user/me', { write }, async () => 1);
  const asked = {
    ...({ name: 'sql-changes-decide', collection: 'orders', how: 'leave', why: 'a report' } as const),
    ...{ confirm: true, after: null, limit: 10 },
  };
  await enterAndDecideSql({ ...asked, key: 'k' }, caller, it.ports);
  assert.match(it.done.join('\n'), /^entered sql-changes leave .*"why":"a report".*\nk: closed$/);
  await assert.rejects(enterAndDecideSql(asked, caller, it.ports), { name: 'BadOperation' });
});
