import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { recordAlone } from '../../functions/books/checkpoint.ts';
import { Findings, note } from '../../functions/books/findings.ts';
import { Ledger } from '../../functions/books/ledger.ts';
import { Letters } from '../../functions/books/letters.ts';
import { RiskRows } from '../../functions/books/risk.ts';
import type { Finding } from '../../functions/records/finding.ts';
import { CONTROL } from '../../functions/stores/oracle/control_tables.ts';
import { upgrade } from '../../functions/stores/oracle/upgrade.ts';
import { type TestDatabase, testDatabase } from '../stores/oracle/database.ts';
import { watched } from './watched.ts';

let database: TestDatabase;
before(async () => {
  database = await testDatabase();
  await upgrade(database.connection, [CONTROL], null, () => {});
});
after(() => database.stop());

const found = (key: string, kind: string, verdict: Finding['verdict'] = 'suspect'): Finding => ({
  ...{ key, verdict, kind, detail: `${key} ${'x'.repeat(300)}`, seen: null },
});

async function noted(
  run: string,
  findings: readonly Finding[],
  mismatches: readonly string[],
): Promise<void> {
  const { connection } = database;
  const target = { store: 'oracle', operation: 'note', collection: 'c', key: null } as const;
  await connection.use(target, true, async (session) => {
    await note(session, run, findings, 1);
    await session.commit();
  });
  const findingsOf = new Findings(connection);
  for (const each of await findingsOf.of(run, 'suspect', 100))
    if (mismatches.includes(each.key)) await findingsOf.looked({ ...each, verdict: 'mismatch' });
}

test('keys with findings that stand are counted once each and listed in pages, outside of what was looked at again', async () => {
  const rows = new RiskRows(database.connection);
  const stale = ['b', 'c', 'd'].map((key) => found(key, 'stale'));
  await noted('risk-1', [found('a', 'missing'), ...stale, found('e', 'stale')], ['a', 'b', 'c', 'd']);
  await noted(
    'risk-2',
    [found('c', 'stale'), found('x', 'content'), found('p', 'poison', 'poison')],
    ['c', 'x'],
  );
  await noted('risk-3', [found('y', 'stale')], ['y']);
  const runs = [
    { run: 'risk-1', except: [] },
    { run: 'risk-2', except: [] },
  ];
  const mismatch = { verdicts: ['mismatch'] } as const;
  const others = { ...mismatch, kinds: ['missing', 'extra'], but: true };
  const keys = async (of: typeof runs, wanted: Parameters<typeof rows.count>[1], most: number) => {
    const all: string[] = [];
    for (let from: string | null = null; ; ) {
      const page = await rows.keys(of, wanted, from, most);
      for (const { why } of page) assert.ok(why.length <= 210);
      all.push(...page.map(({ key }) => key ?? '-'));
      if (page.length < most) break;
      from = page.at(-1)?.cursor ?? null;
    }
    assert.equal(await rows.count(of, wanted), all.length);
    return all.join('');
  };
  for (const most of [2, 100]) {
    assert.equal(await keys(runs, mismatch, most), 'abcdx');
    assert.equal(await keys(runs, others, most), 'bcdx');
    assert.equal(await keys(runs, { ...mismatch, kinds: ['missing', 'extra'] }, most), 'a');
    assert.equal(await keys(runs, { verdicts: ['suspect', 'busy'] }, most), 'e');
    assert.equal(await keys(runs, { verdicts: ['poison'] }, most), 'p');
    const except = [
      {
        run: 'risk-1',
        except: [
          { after: 'a', upTo: 'b' },
          { after: 'c', upTo: null },
        ],
      },
      { run: 'risk-2', except: [{ after: null, upTo: 'c' }] },
    ];
    assert.equal(await keys(except as never, mismatch, most), 'acx');
    assert.equal(await keys([], mismatch, most), '');
  }
});

test('letters of a collection and of no known document are listed in pages, as many as are counted', async () => {
  const { connection } = database;
  const [rows, letters] = [new RiskRows(connection), new Letters(connection)];
  const kept = (n: number, place: { collection: string; key: string } | null) =>
    letters.keep(`risk message ${n}`, `reason ${n}`, place, 5);
  for (let n = 0; n < 5; n++) await kept(n, { collection: 'risky', key: `k${n}` });
  await kept(5, null);
  await kept(6, { collection: 'other', key: 'k' });
  const waits = { collection: 'risky', key: 'w' };
  await letters.keep('risk message 7', 'waits', waits, 5, { state: 'waiting' });
  const found: (string | null)[] = [];
  for (let from: string | null = null; ; ) {
    const page = await rows.letters('risky', 'open', from, 2);
    found.push(...page.map(({ key }) => key));
    if (page.length < 2) break;
    from = page.at(-1)?.cursor ?? null;
  }
  const { open, waiting } = await letters.count('risky', 5);
  assert.deepEqual([found.length, waiting], [open, 1]);
  assert.deepEqual(found.filter((key) => key !== null).sort(), ['k0', 'k1', 'k2', 'k3', 'k4']);
  assert.deepEqual(
    (await rows.letters('risky', 'waiting', null, 9)).map(({ key }) => key),
    ['w'],
  );
});

test('what a run has found is counted and told page by page: no statement reads more rows, however many there are', async () => {
  const ledger = new Ledger(database.connection);
  const run = { id: 'found', kind: 'verify', collection: 'found', options: {}, stamp: 's' } as const;
  await ledger.begin({ ...run, phase: 'seal', started: 0 }, [{ after: null, upTo: null }], 1);
  const { hold } = (await ledger.take('found', 0, 1)) ?? assert.fail();
  const verdictOf = (n: number): Finding['verdict'] =>
    n % 4 === 3 ? 'mismatch' : n < 16 ? 'suspect' : 'poison';
  const findings = Array.from({ length: 45 }, (_, n) =>
    found(`k${n + 10}`, n % 2 === 0 ? 'body' : 'expiry', verdictOf(n)),
  );
  const counts = { listed: 45, applied: 0, stale: 0, gone: 0, failed: 45, bytes: 0 };
  await recordAlone(database.connection, hold, { to: 'k54', counts, findings }, 2);
  for (const rows of [1, 7, 15, 45, 46]) {
    const { connection, statements } = watched(database.connection);
    const book = new Findings(connection, rows);
    assert.deepEqual(await book.tally('found'), [
      { verdict: 'mismatch', kind: 'expiry', count: 11 },
      { verdict: 'poison', kind: 'body', count: 15 },
      { verdict: 'poison', kind: 'expiry', count: 7 },
      { verdict: 'suspect', kind: 'body', count: 8 },
      { verdict: 'suspect', kind: 'expiry', count: 4 },
    ]);
    assert.equal(statements.length, Math.floor(45 / rows) + 1);
    assert.ok(statements.every(({ most }) => most === rows));
    const told = await book.of('found', 'mismatch', 3);
    assert.deepEqual(
      told.map(({ key, kind }) => `${key} ${kind}`),
      ['k13 expiry', 'k17 expiry', 'k21 expiry'],
    );
    assert.equal((await book.of('found', 'mismatch', 100)).length, 11);
    assert.equal(await book.unsettled('found', 'found'), 45);
    assert.equal(statements.filter(({ most }) => most === undefined).length, 1, 'the sums of shards alone');
  }
  assert.deepEqual(await new Findings(database.connection).tally('none'), []);
  let pages = 3;
  const hurried = new Findings(database.connection, 7).within(() => --pages > 0);
  await assert.rejects(hurried.tally('found'), { name: 'OutOfTime', message: /the run found has found/ });
  assert.equal(pages, 0, 'it has stopped after three pages of seven');
});
