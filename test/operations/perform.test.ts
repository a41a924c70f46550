/** Each operation reaches what it is about, and is answered with what it has found there. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HANDLERS, type Handlers } from '../../functions/operations/perform.ts';
import type { OperationName } from '../../functions/operations/request.ts';
import { holdingText } from '../../functions/phases/hold.ts';
import { BEGINNING, follow } from '../../functions/records/audit.ts';
import { ACTOR, WHY, World } from './operator_world.ts';

const collection = 'orders';
const why = WHY;
const HOLD = { before: ['seal' as const, 'switch' as const], by: ACTOR, at: 7, why };
const COMMIT = {
  ...({ from: 'expand', to: 'seal', version: 3, by: ACTOR, at: 7, why: null } as const),
  ...{ until: 60_007, outsideWindow: false, over: 0 },
};

/** The input of each operation, what it does, and a part of its answer. */
const OPERATIONS: Readonly<Record<OperationName, [object, readonly string[], object]>> = {
  explain: [{ collection, key: 'k' }, ['looked at orders/k in settle'], { key: 'k', phase: 'settle' }],
  preflight: [{ collection }, ['keys of orders'], { checked: 0, next: null }],
  'preflight-accept': [
    { collection, tooLarge: 3, why },
    ['entered orders: too large accepted', 'accepted 3 of orders'],
    { collection, tooLarge: 3 },
  ],
  verified: [{ collection }, ['verifications of orders'], { clean: null, oldest: null }],
  'dead-letters': [{ collection }, ['swept', 'swept'], { complete: true, ofNobody: 0 }],
  redrive: [
    { why },
    ['entered dead-letters redrive', 'swept', 'swept', 'sent a receipt', 'closed as redriven'],
    { done: 1, skipped: 0, left: false },
  ],
  discard: [{ why }, ['entered dead-letters discard', 'swept', 'swept', 'closed as discarded'], { done: 1 }],
  'leave-out': [
    { collection, caller: 'shop~0123456789ab', why },
    ['entered dead-letters leave-out', 'left out orders caller shop~0123456789ab'],
    { of: 'caller', subject: 'shop~0123456789ab', changed: true },
  ],
  'set-aside': [{ collection }, ['listed orders'], { total: 1, next: null }],
  'set-aside-body': [{ collection, id: 'i', from: 1 }, ['body of orders'], { bytes: 3, body: 'YiI=' }],
  'set-aside-decide': [
    { collection, how: 'keep', key: 'k', why },
    ['listed orders'],
    { total: 1, next: null },
  ],
  'sql-changes': [{ collection }, ['listed changes of orders'], { total: 1, next: null }],
  'sql-changes-decide': [
    { collection, how: 'accept', key: 'k', why, confirm: true },
    [
      ...['entered sql-changes accept', 'listed changes of orders', 'replaced a row of orders'],
      ...['sent a receipt of orders', 'closed a change of orders'],
    ],
    { total: 1, next: null },
  ],
  about: [{}, [], { parameters: '/x', collections: ['orders'] }],
  status: [{}, ['looked'], { length: 0 }],
  latencies: [{ collections: [collection] }, ['read 11 measurements'], { length: 1 }],
  doctor: [{ sessions: 9 }, ['diagnosed for 9 sessions'], { lines: [] }],
  certified: [{}, ['asked for certifications', 'asked for the certificate of orders'], { checked: null }],
  certificate: [
    { run: 'c-1' },
    ['asked for certifications', 'read c-1/0'],
    { run: 'c-1', certificates: [{}] },
  ],
  flags: [{}, ['flags read'], { length: 0 }],
  force: [{ collection, why }, ['asked what is at risk'], { moved: null }],
  'force-confirm': [{ collection, request: 1, look: true }, ['asked what is at risk'], { moved: null }],
  'at-risk': [{ collection, kind: 'handed-off' }, [], { next: null }],
  retire: [{ collection, why }, [], { moved: null, table: 'ORDERS' }],
  'retire-confirm': [{ collection, request: 1, look: true }, [], { moved: null, table: 'ORDERS' }],
  erase: [
    { collection, key: 'gone', why, confirm: true },
    [
      ...['looked at orders/gone in settle', 'entered orders: key erased', 'removed findings of orders'],
      ...['removed letters of orders', 'removed repairs of orders', 'removed conflicts of orders'],
    ],
    { confirmed: true, left: false },
  ],
  hash: [{ key: 'k' }, [], { hash: '#k' }],
  space: [
    { collection },
    ['measured orders'],
    { month: { documents: null, tombstones: 0, tombstonesDropped: 0, setAside: 0, ours: 0 } },
  ],
  tombstones: [{ collection, why }, ['looked'], { phase: null, table: 'ORDERS' }],
  'accept-identity': [
    { collection, why, truth: 'oracle' },
    ['entered orders: identity accepted', 'gates of orders shut until 7', 'accepted orders'],
    { collection, before: [] },
  ],
  hold: [
    { collection, why },
    [
      `hold of orders is ${holdingText({ hold: HOLD, commit: null })}`,
      'entered orders: moves into seal and switch held',
    ],
    { collection, hold: HOLD, audited: true, because: null },
  ],
  commit: [
    { collection, within: 60_000 },
    [
      ...['asked what can be committed', 'entered orders: commit of expand to seal'],
      `hold of orders is ${holdingText({ hold: null, commit: COMMIT })}`,
    ],
    { collection, from: 'expand', to: 'seal', commit: COMMIT },
  ],
  set: [
    { collection: null, changes: [{ flag: 'reads', value: 'oracle' }], why },
    ['entered all collections: flags set'],
    { seq: 1, at: 7, actor: ACTOR, detail: `reads oracle: ${WHY}` },
  ],
  audit: [{}, [], { entries: [], brokenAt: null }],
};

for (const [name, [input, done, expected]] of Object.entries(OPERATIONS) as [
  OperationName,
  [object, readonly string[], object],
][])
  test(`${name} does what it says, and no more`, async () => {
    const world = new World();
    if (name === 'force-confirm') await world.asked('force');
    if (name === 'retire-confirm') await world.asked('retire');
    const answer = (await world.ask(name, input)) as object;
    assert.deepEqual(world.done, done);
    for (const [member, value] of Object.entries(expected))
      assert.deepEqual(answer[member as keyof typeof answer], value, member);
  });

test('an operation that nothing is done for does not compile', () => {
  const { audit: _, ...incomplete } = HANDLERS;
  // @ts-expect-error its handler is missing
  const handlers: Handlers = incomplete;
  assert.deepEqual(Object.keys(handlers), Object.keys(OPERATIONS).slice(0, -1));
});

test('all of the audit log is told page by page, and a page holds no more than a function may answer', async () => {
  const world = new World();
  for (let n = 1; n <= 3; n++)
    world.log.push(
      follow(world.log.at(-1) ?? BEGINNING, {
        at: n,
        actor: ACTOR,
        action: 'a',
        detail: 'x'.repeat(900_000),
      }),
    );
  const page = async (after?: number) => {
    const { entries, ...rest } = (await world.ask('audit', { after })) as { entries: { seq: number }[] };
    return { seqs: entries.map(({ seq }) => seq), ...rest };
  };
  assert.deepEqual(await page(0), { seqs: [1, 2], next: 2 });
  assert.deepEqual(await page(2), { seqs: [3], next: 3 });
  assert.deepEqual(await page(3), { seqs: [], next: null });
  assert.deepEqual(await page(), { seqs: [3, 2], brokenAt: null });
  world.log.splice(
    0,
    2,
    ...world.log.slice(0, 1).map((entry) => ({ ...entry, detail: 'y'.repeat(3_000_000) })),
  );
  assert.deepEqual((await page(0)).seqs, [1]);
});

test('the end of the audit log is told, with the first entry that does not follow the one before', async () => {
  const world = new World();
  const second = { at: 2, actor: ACTOR, action: 'b', detail: '' };
  world.log.push(follow(BEGINNING, { ...second, at: 1, action: 'a' }));
  world.log.push(follow(world.log[0] ?? BEGINNING, second));
  const told = async () => (await world.ask('audit')) as { entries: { action: string }[]; brokenAt: unknown };
  assert.deepEqual(
    [(await told()).entries.map(({ action }) => action), (await told()).brokenAt],
    [['b', 'a'], null],
  );
  world.log[1] = { ...(world.log[1] as (typeof world.log)[number]), detail: 'another' };
  assert.equal((await told()).brokenAt, 2);
});
