/** A restore goes the way of a client's write, in every phase: both stores hold it afterwards, and the audit log says who and why. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decidePorts } from '../../functions/edge/set_aside.ts';
import { callerWith } from '../../functions/operations/caller.ts';
import { enterAndDecide } from '../../functions/operations/decide_set_aside.ts';
import { parseOperation } from '../../functions/operations/request.ts';
import { perform } from '../../functions/protocol/call.ts';
import { UNCONDITIONAL } from '../../functions/protocol/condition.ts';
import { PHASES, type Phase } from '../../functions/protocol/phase.ts';
import { write } from '../../functions/protocol/write.ts';
import { type Act, BEGINNING, follow } from '../../functions/records/audit.ts';
import type { Entry } from '../../functions/stores/oracle/set_aside.ts';
import { portOf } from '../../functions/stores/port.ts';
import { document } from '../stores/contract/subject.ts';
import { Reference } from '../stores/reference.ts';

const [LOST, BY] = [document('"lost"'), document('"by"')];
const TIMING = { lease: 1000, refresh: 500, request: 8000, call: 1000, backfill: 13_000 };

/** @param client writes between the look at the key and the restore. */
function deployed(phase: Phase, client?: () => Promise<unknown>) {
  let looks = 0;
  const reference = new Reference(Date.now);
  const acts: [string, string, string][] = [];
  let state = 'open';
  const entry = { id: 'i', key: 'k', deleted: false, expires: null, replacedBy: BY.digest } as Entry;
  const pair = { ...reference, require: () => {} };
  const stores = {
    of: () => ({
      couchbase: { ...pair.couchbase, require: () => {} },
      oracle: { ...pair.oracle, require: () => {} },
      table: { name: 'ORDERS' },
    }),
    setAside: {
      count: async () => (state === 'open' ? 1 : 0),
      list: async () => (state === 'open' ? [entry] : []),
      body: async () => Buffer.from(LOST.body),
      decide: async (_table: string, _id: string, decided: { state: string }) => {
        state = decided.state;
        return true;
      },
    },
  };
  const parts = {
    ...{ stores, sendReceipt: async () => true, configuration: { timing: TIMING } },
    phases: {
      current: async () => {
        // The second look at the phase is that of the write.
        if (++looks === 2) await client?.();
        return { phase };
      },
    },
  } as unknown as Parameters<typeof decidePorts>[0];
  const audit = {
    write: async (act: Act) => {
      acts.push([act.actor, act.action, act.detail]);
      return follow(BEGINNING, act);
    },
  };
  const port = portOf('k', reference);
  return {
    acts,
    state: () => state,
    put: (content: typeof BY) => perform(write(phase, { content, condition: UNCONDITIONAL }), port),
    held: async () => [
      (await reference.couchbase.read('k', {})).content?.digest,
      (await reference.oracle.read('k', {})).content?.digest,
    ],
    restore: async (confirm: boolean, left = 5000) => {
      const input = { collection: 'orders', key: 'k', how: 'restore', why: 'it was lost', confirm };
      const operation = parseOperation('set-aside-decide', input, ['orders']);
      assert.ok(operation.name === 'set-aside-decide');
      const by = { collection: 'orders', by: 'user/me', why: operation.why };
      const caller = callerWith('user/me', audit, async () => 1);
      return enterAndDecide(
        operation,
        caller,
        decidePorts(parts, by, () => left),
      );
    },
  };
}

for (const phase of PHASES)
  test(`${phase}: what was set aside is written as a client writes it`, async () => {
    const it = deployed(phase);
    await it.put(BY);
    assert.equal((await it.restore(false)).outcomes[0]?.does, 'restore');
    assert.deepEqual([it.state(), it.acts], ['open', []]);
    assert.equal((await it.restore(true)).outcomes[0]?.does, 'restore');
    const [couchbase, oracle] = await it.held();
    if (phase !== 'contract') assert.equal(couchbase, LOST.digest);
    if (phase !== 'legacy') assert.equal(oracle, LOST.digest);
    assert.equal(it.state(), 'restored');
    const [[actor, action, detail] = ['', '', '']] = it.acts;
    assert.deepEqual(
      [actor, action, JSON.parse(detail).why],
      ['user/me', 'set-aside restore', 'it was lost'],
    );
  });

test('a later write of a client stays, and so does everything where no time is left', async () => {
  const it = deployed('expand');
  await it.put(BY);
  assert.match((await it.restore(true, 0)).outcomes[0]?.why ?? '', /does not answer: try again/);
  await it.put(document('"client"'));
  assert.match((await it.restore(true)).outcomes[0]?.why ?? '', /the key was written since/);
  assert.deepEqual([await it.held(), it.state()], [Array(2).fill(document('"client"').digest), 'open']);
});

for (const phase of PHASES)
  test(`${phase}: what a client writes between the look and the write stays`, async () => {
    const CLIENT = document('"client"');
    const it = deployed(phase, () => it.put(CLIENT));
    await it.put(BY);
    assert.match((await it.restore(true)).outcomes[0]?.why ?? '', /at the same moment/);
    const held = await it.held();
    assert.equal(held[phase === 'contract' ? 1 : 0], CLIENT.digest);
    assert.equal(it.state(), 'open');
  });
