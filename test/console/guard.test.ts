/** What `status` and `plan` say of the guard and of ways back, and `account` of the way that the guard needs. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Seen } from '../../functions/control/seen.ts';
import type { GuardNote } from '../../functions/phases/guard_note.ts';
import type { Phase } from '../../functions/protocol/phase.ts';
import type { Figures } from '../../functions/records/latencies.ts';
import { neededOf } from '../../infra/console/account/endpoints.ts';
import { guardLines, unjudgedLines } from '../../infra/console/told/guard.ts';
import { wayBackLine } from '../../infra/console/told/way_back.ts';
import { checkSettings } from '../../infra/settings.ts';
import { collection, compared, evidence } from '../control/given.ts';
import { TOPIC } from '../judges/variants.ts';
import config from '../shop.config.ts';

const SETTINGS = { minutes: 10, failed: 0.01, slower: 2, floor: 100, requests: 200 };
const NOTE: GuardNote = {
  ...({ from: 'expand', to: 'seal', version: 3, kind: 'fine' } as const),
  ...{ told: 'write: p99 50 ms, 40 ms before', at: 0, own: null },
};

const seen = (note: GuardNote | null, turnedBack = false): Seen =>
  ({
    collection: 'orders',
    effective: { phase: 'seal', since: 0, by: 'test' },
    decision: { kind: 'wait', phase: 'expand', wanted: 'settle', to: 'seal', conditions: [], forced: [] },
    moves: { holds: [], windows: [], guard: SETTINGS, holding: {}, watched: { note, turnedBack } },
  }) as unknown as Seen;

test('a guard needs a way to CloudWatch, and to SNS where operators are told of moves', () => {
  const needed = (guard: object | null, alarmTopic: string | null) => {
    const deployment = { ...config.deployment, alarmTopic };
    const settings = checkSettings({ ...config, guard, deployment }, 'here');
    return neededOf(settings).map(({ service }) => service);
  };
  const others = needed(null, TOPIC);
  assert.deepEqual(needed({}, null), [...others, 'monitoring']);
  assert.deepEqual(needed({}, TOPIC), [...others, 'sns', 'monitoring']);
});

test('status says what was found of this phase, and how to go forward again where the flags were set back', () => {
  assert.deepEqual(guardLines(seen(null)), []);
  assert.deepEqual(guardLines({ ...seen(null), moves: undefined } as never), []);
  assert.deepEqual(guardLines(seen(NOTE)), [
    '  guard    fine, 1970-01-01T00:00:00.000Z: write: p99 50 ms, 40 ms before',
  ]);
  assert.match(guardLines(seen({ ...NOTE, kind: 'unread' })).join(), /^ {2}GUARD {4}unread/);
  assert.deepEqual(guardLines(seen({ ...NOTE, to: 'switch' })), [], 'of another phase');
  const turned = guardLines(seen({ ...NOTE, to: 'switch', kind: 'turned' }, true)).join('\n');
  assert.match(turned, /set back from switch to expand, .*set inherit --collection orders/s);
});

test('plan says before the move what could not be compared with this phase', () => {
  const lines = (given: Partial<Figures> | null) => {
    const figures = { count: 1000, failed: 0, p50: 5, p99: 50, operation: 'read' as const, ...given };
    const requests = given === null ? [] : [figures];
    const latency = {
      collection: 'orders',
      phase: 'expand',
      from: 0,
      until: 1,
      requests,
      calls: [],
    } as const;
    return unjudgedLines(seen(null), latency, 20_000).join('\n');
  };
  assert.equal(lines({}), '');
  assert.match(lines({ failed: 20 }), /cannot judge the move to seal by read: failures .* 2\.00 % of 1000/);
  assert.match(lines({ p99: 12_000 }), /by read: latency .* p99 was 12000 ms/);
  assert.match(lines({ count: 7 }), /by read: 7 requests in the last 15 minutes: 200 are needed/);
  assert.match(lines(null), /by there were no requests lately/);
  assert.match(
    unjudgedLines(seen(null), { unread: 'LATENCIES_UNREAD: away' }, 20_000).join(),
    /cannot judge the move to seal: LATENCIES_UNREAD/,
  );
  const off = { ...seen(null), moves: { holds: [], windows: [], holding: {}, guard: null } };
  assert.deepEqual(unjudgedLines(off as unknown as Seen, undefined, 20_000), []);
});

const line = (from: Phase, to: Phase, given: Parameters<typeof wayBackLine>[2] = evidence()) =>
  wayBackLine('orders', { from, to }, given).join();

test('the way back is told with what it waits for, and with the time that a walk over all keys takes', () => {
  assert.match(
    line('legacy', 'expand'),
    /back from expand: to legacy as soon as the bake is over, without a store$/,
  );
  assert.match(line('settle', 'contract'), /back from contract: to settle as soon as/);
  assert.match(line('switch', 'settle'), /back from settle: to switch after copy-back of orders$/);
  const verification = { ...compared('seal', 0), finished: 700_000 };
  const known = evidence({ collection: collection({ verification }) });
  assert.match(
    line('seal', 'switch', known),
    /back from switch: to seal after .*copy-back of orders, .*; the last verification of all keys has taken 12 min$/,
  );
  assert.match(line('seal', 'switch', { missing: 'Oracle is away' }), /by version$/);
  assert.equal(line('seal', 'expand'), '', 'it is one itself');
});
