import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AtRisk } from '../../functions/operations/at_risk.ts';
import { LISTED, RISK_NAMES, RISKS, type RiskName } from '../../functions/operations/risks.ts';
import { withMark } from '../../functions/phases/forced_mark.ts';
import { listAtRisk } from '../../infra/console/force.ts';
import type { Service } from '../../infra/console/service.ts';
import { type Forced, forcedLines, forcedMoveLines } from '../../infra/console/told/forced.ts';

const MARK = {
  from: 'switch',
  to: 'seal',
  at: 1000,
  by: 'user/me',
  why: 'Oracle is away',
  claim: 17,
} as const;

const atRisk = (given: Partial<AtRisk> = {}): AtRisk => ({
  risks: RISK_NAMES.map((name) => ({ name, what: RISKS[name], count: 0, atLeast: 0, why: null, keys: [] })),
  receipts: { delayed: 1, due: 2, hidden: 3, waiting: 0 },
  ...{ compared: null, unknown: null, keys: [], ...given },
});

test('status and plan say which moves were forced, when, by whom and why, and what heals it', () => {
  assert.deepEqual(forcedMoveLines({}), []);
  const gone = forcedMoveLines({ forced: [{ ...MARK, by: null, why: null }] });
  assert.match(gone[0] ?? '', /switch → seal at .*: its claim 17 is gone$/);
  const lines = forcedMoveLines({ forced: [MARK], heals: 'npx crossfade verify start orders --repair' });
  assert.deepEqual(lines, [
    '  FORCED   switch → seal at 1970-01-01T00:00:01.000Z by user/me: Oracle is away',
    '           it is healed by a clean verification of all keys by content: npx crossfade verify start orders --repair',
  ]);
});

test('a force tells each kind with its count, or why it is not known, and never 0 for what is not known', () => {
  const risks = atRisk().risks.map((risk) => {
    if (risk.name === 'handed-off')
      return { ...risk, count: null, atLeast: 0, why: 'Oracle does not answer' };
    if (risk.name === 'undecided') return { ...risk, count: null, atLeast: 12, why: 'there are more' };
    if (risk.name === 'waiting')
      return { ...risk, count: 3, atLeast: 3, keys: [{ key: 'a"b', why: 'late' }] };
    return risk;
  });
  const forced: Forced = { atRisk: atRisk({ risks }), moved: null };
  const text = forcedLines(forced, 'orders').join('\n');
  assert.match(text, /handed-off +not known, because Oracle does not answer/);
  assert.match(text, /undecided +12 or more, because there are more/);
  assert.match(text, /waiting +3 /);
  assert.match(text, /waiting "a\\"b": late/);
  assert.match(text, /1 on their way, 2 due, 3 in work/);
  assert.match(text, /npx crossfade force orders --list\nNothing was done\. Say --confirm to move\.$/);
  const away = forcedLines({ ...forced, atRisk: atRisk({ risks, receipts: null }) }, 'orders').join('\n');
  assert.match(away, /receipts on their way: not known/);
});

test('a store that is away is the reason of many kinds, and is told once', () => {
  const why = 'Oracle is away';
  const risks = atRisk().risks.map((risk) => ({ ...risk, count: null, why }));
  const lines = forcedLines({ atRisk: atRisk({ risks }), moved: null }, 'orders');
  assert.equal(lines.filter((line) => line.includes(why)).length, 1);
  assert.equal(lines.filter((line) => /not known +\(/.test(line)).length, RISK_NAMES.length);
});

test('a move that was forced says where it is written down', () => {
  const moved = { ...MARK, by: withMark('user/me', [MARK]) };
  const told = (given: Partial<Forced>) =>
    forcedLines({ atRisk: atRisk(), moved, ...given }, 'orders').join('\n');
  assert.match(told({ audited: true }), /went from switch to seal\.\nnpx crossfade status orders tells/);
  assert.doesNotMatch(told({ audited: true }), /audit log/);
  assert.match(
    told({ audited: false, because: 'gone' }),
    /audit log has no entry of it: gone\. SSM says who and why/,
  );
  // Functions of the version before tell keys alone.
  const { risks: _, ...old } = atRisk({ keys: [{ key: 'k', why: 'stale' }] });
  assert.match(told({ atRisk: old as unknown as AtRisk }), /version before.*\n {2}"k": stale/);
});

test('all keys at risk are listed, kind by kind, until there are no more pages', async () => {
  const pages: Record<string, string | null> = { 'differing null': 'm', 'differing m': null };
  const asked: string[] = [];
  const ask = async (operation: string, { kind, after }: { kind: RiskName; after: string | null }) => {
    assert.equal(operation, 'at-risk');
    asked.push(`${kind} ${after}`);
    const next = pages[`${kind} ${after}`];
    return next === undefined
      ? { keys: [], next: null }
      : { keys: [{ key: `after ${after}`, why: 'w' }], next };
  };
  const lines: string[] = [];
  const terminal = {
    service: { ask } as unknown as Service,
    each: (_: unknown, line: string) => lines.push(line),
  };
  await listAtRisk(terminal, 'orders');
  assert.deepEqual(lines, ['differing "after null": w', 'differing "after m": w']);
  assert.equal(asked.length, LISTED.length + 1);
});

test('a request says who asks for what, and how another one does it; one that was confirmed says that it was done', () => {
  const asked = {
    id: 'force-orders-3',
    by: 'user/ann',
    why: 'Oracle is away',
    from: 'settle',
    to: 'switch',
  } as const;
  const told = (given: Partial<Forced>) =>
    forcedLines({ atRisk: atRisk(), moved: null, asked, ...given }, 'orders').join('\n');
  assert.match(told({}), /force-orders-3: user\/ann asks to go from settle to switch: Oracle is away\n/);
  assert.match(told({}), /Nothing was done\. .*npx crossfade confirm force-orders-3$/);
  const moved = { ...MARK, by: withMark('user/ben', [MARK]) };
  assert.doesNotMatch(told({ moved }), /Nothing was done/);
});
