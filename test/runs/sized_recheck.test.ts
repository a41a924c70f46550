/** A verification with more suspects than one look has time for: what its execution uses up of the 25,000 events that it has. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Noted } from '../../functions/records/finding.ts';
import { takeStep } from '../../functions/runs/step.ts';
import { NOTHING, type Seen, stateOf } from '../../functions/stores/snapshot.ts';
import { recheck, standsAfter } from '../../functions/verification/recheck.ts';
import { Machines } from '../../infra/local/states/machines.ts';
import { machineOf } from '../infra/machine.ts';
import { SimulatedClock } from './simulated_clock.ts';

const ARN = 'arn:aws:states:eu-central-1:000000000000:stateMachine:VerifyAll';
/** Milliseconds of an invocation in which looks may begin, of one look, and for which a difference stands. */
const [TIME, LOOK, STANDS] = [280_000, 350, standsAfter('seal', 50_000, 20_000)];
const PAGE = 500;
const live = (state: string): Seen => ({ ...NOTHING, presence: 'live', version: 5n, state });
const PAIR = { couchbase: live('5'), oracle: NOTHING };
const keyAt = (n: number) => `k${String(n).padStart(7, '0')}`;

/** An execution whose shards are done and have left so many suspects, all of which stand. @returns its events, and all looks. */
async function verified(count: number) {
  const clock = new SimulatedClock();
  const noted: Noted[] = Array.from({ length: count }, (_, n) => ({
    ...{ run: 'r', key: keyAt(n), verdict: 'suspect', kind: 'missing', detail: '', seen: stateOf(PAIR) },
    ...{ looks: 0, firstSeen: 0, lastSeen: 0 },
  }));
  let looks = 0;
  const recheckOnce = () => {
    const ends = clock.now() + TIME;
    const ports = {
      suspects: async (after: string | null) => {
        const from = after === null ? 0 : Number(after.slice(1)) + 1;
        const page = noted.slice(from, from + PAGE);
        const suspects = page.filter(({ verdict }) => verdict === 'suspect');
        return { suspects, next: page.length < PAGE ? null : keyAt(from + PAGE - 1) };
      },
      looked: async (each: Noted) => {
        noted[Number(each.key.slice(1))] = each;
      },
      look: async () => {
        looks++;
        await clock.sleep(LOOK);
        return PAIR;
      },
      ...{ leftOut: async () => false, repair: async () => {} },
      ...{ now: () => clock.now(), timely: () => clock.now() < ends },
    };
    return recheck(ports, { phase: 'expand', mode: 'content', repair: false, stands: STANDS });
  };
  const machines = new Machines(undefined, clock);
  machines.define(ARN, machineOf('verify', 1));
  machines.use(async (_, __, argument) => ({
    Payload: await takeStep<object>((argument as { Payload: unknown }).Payload, {
      run: async () => ({ id: 'r' }) as never,
      begin: async () => ({ run: 'r', over: false, open: [] }),
      recheck: async () => ({ run: 'r', ...(await recheckOnce()) }),
      summarize: async () => ({ run: 'r', outcome: 'clean', open: [] }),
    }),
  }));
  const started = machines.call('StartExecution', { stateMachineArn: ARN, input: '{}', name: 'r' });
  const { executionArn } = started as { executionArn: string };
  const status = () => (machines.call('DescribeExecution', { executionArn }) as { status: string }).status;
  await clock.run(() => status() !== 'RUNNING', 30 * 24 * 3_600_000);
  assert.equal(status(), 'SUCCEEDED');
  assert.ok(noted.every(({ verdict }) => verdict === 'mismatch'));
  return { events: machines.eventsOf(executionArn), looks };
}

test('each look of a verification with many suspects takes all of its time: nine events for each of these, and not for each page', async () => {
  const few = await verified(1);
  const { events, looks } = await verified(3000);
  // All suspects were noted a moment ago, so those that are looked at first are looked at twice.
  const invocations = Math.ceil((looks * LOOK) / TIME);
  assert.ok(events <= few.events + 9 * (invocations + 1), `${events} events, ${looks} looks`);
  assert.ok(looks < 1.2 * 3000, `${looks} looks`);
});
