/** A collection on its way by a ramp, over a controller in memory. */
import assert from 'node:assert/strict';
import type { RampSteps } from '../../functions/control/ramp.ts';
import { phaseIn } from '../../functions/phases/stored_phase.ts';
import type { Phase } from '../../functions/protocol/phase.ts';
import { BAKE, Desk, REQUEST } from './desk.ts';
import { collection, compared, evidence, run } from './given.ts';

export const MINUTE = 60_000;
export const STEPS: RampSteps = [
  { percent: 10, minutes: 5 },
  { percent: 50, minutes: 7 },
  { percent: 100, minutes: 20 },
];
/** What any bake takes, with the write before it. */
export const SETTLED = BAKE + REQUEST;

export class RampDesk extends Desk {
  constructor(from: Phase, ramp = STEPS) {
    super({ orders: from });
    this.settings = { holds: [], windows: [], ramp };
    this.wishes.set('orders', 'settle');
  }

  get effective() {
    return phaseIn(this.register('orders'), REQUEST);
  }

  /** Where it is: the phase, and the share that is ahead. */
  get place(): string {
    const { phase, ramp } = this.effective;
    return ramp === undefined ? phase : `${phase} ${ramp.percent}`;
  }

  /** All that any move out of a phase needs, of runs of the stay that began at a time. */
  prove(phase: Phase, since = this.effective.since): void {
    const begun = since + 3 * BAKE;
    const runs = { backfill: run('expand', begun), copyback: run(phase, begun) };
    const verification = compared(phase, begun + 10);
    this.evidence.set('orders', evidence({ collection: collection({ ...runs, verification }) }));
  }

  async after(milliseconds: number): Promise<string> {
    this.now += milliseconds;
    await this.step();
    return this.place;
  }

  async waits(): Promise<string[]> {
    const [{ decision } = assert.fail()] = await this.step();
    const conditions = 'conditions' in decision ? decision.conditions : [];
    return conditions.filter(({ holds }) => !holds).map(({ name }) => name);
  }
}

/** In `seal`, proven, with the first share ahead. */
export async function ramped(): Promise<RampDesk> {
  const desk = new RampDesk('seal');
  desk.prove('seal', 0);
  assert.equal(await desk.after(0), 'seal 10');
  return desk;
}
