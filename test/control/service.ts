/** A live service in memory, on a clock that is a number: apps, routers with phases of their own age, receipts, and runs. */
import assert from 'node:assert/strict';
import type { Condition, Wanted } from '../../functions/control/conditions.ts';
import { type Decision, decide, helpful } from '../../functions/control/decide.ts';
import type { CollectionEvidence, Evidence, RunEvidence } from '../../functions/control/evidence.ts';
import { marked } from '../../functions/control/forced.ts';
import { move, standing } from '../../functions/control/publish.ts';
import { decidedMove, type RampSteps } from '../../functions/control/ramp.ts';
import { type EffectivePhase, parsePhase } from '../../functions/phases/effective_phase.ts';
import { phaseOfKey } from '../../functions/phases/ramp.ts';
import { perform } from '../../functions/protocol/call.ts';
import { copy } from '../../functions/protocol/copy.ts';
import { Payload } from '../../functions/protocol/payload.ts';
import { type Flags, type Phase, ROUTES } from '../../functions/protocol/phase.ts';
import { verify } from '../../functions/protocol/verify.ts';
import { settle } from '../../functions/reconciliation/settle.ts';
import { NO_PRECONDITION } from '../../functions/routing/precondition.ts';
import { Router } from '../../functions/routing/router.ts';
import { portOf } from '../../functions/stores/port.ts';
import { type Receipt, Receipts } from '../../functions/stores/receipt.ts';
import { Reference } from '../stores/reference.ts';
import { Death, MortalRegister } from './mortal_register.ts';

/** Seconds, as in the configuration that comes with Crossfade. */
export const [LEASE, REQUEST, REDELIVERY] = [30, 20, 120];
const BAKE = LEASE + REQUEST;

interface RouterState {
  readonly router: Router;
  phase: EffectivePhase;
  readAt: number;
}

export class Service {
  now = 1000;
  flags: Flags = ROUTES.legacy.flags;
  readonly stores = new Reference(() => 0);
  readonly routers: RouterState[];
  ramp: RampSteps = [];
  /** Steps of ramps that were decided on. */
  shares = 0;
  failed = 0;
  requests = 0;
  /** Of each key, what its writer was last told that it had written: a number, or null for a deletion. */
  readonly acknowledged = new Map<string, number | null>();
  readonly #highest = new Map<string, number>();
  /** Of each key, the number of the last deletion that was begun. */
  readonly #deletion = new Map<string, number>();
  readonly #register = new MortalRegister(() => this.now * 1000);
  #verifying: { readonly started: number; readonly phase: Phase; readonly left: Set<string> } | null = null;
  /** `again`: it has been delivered before, and is hidden until it is due. */
  readonly #receipts: { readonly receipt: Receipt; readonly due: number; readonly again: boolean }[] = [];
  #runs: CollectionEvidence = { name: 'c', ...{ backfills: [], copybacks: [], verifications: [] } };

  /** Milliseconds that its controller waits for each second that it should. */
  readonly #patience: number;

  /** @param patient whether the controller waits at all. */
  constructor(routers: number, patient: boolean) {
    this.#patience = patient ? 1000 : 0;
    const { couchbase, oracle } = this.stores;
    const pair = { couchbase: { ...couchbase, require: () => {} }, oracle: { ...oracle, require: () => {} } };
    const receipts = new Receipts(this.send);
    this.routers = Array.from({ length: routers }, () => ({
      router: new Router(
        () => pair,
        receipts,
        () => false,
      ),
      phase: parsePhase(this.#register.value),
      readAt: this.now,
    }));
  }

  /** One after the other. */
  get visited(): readonly Phase[] {
    return this.#register.visited;
  }

  readonly send = async (receipt: Receipt): Promise<boolean> => {
    this.#receipts.push({ receipt, due: this.now + BAKE, again: false });
    return true;
  };

  /** What a router obeys: what it has read, until its lease is over. @param fresh whether it reads it anew before. */
  phaseOf(router: RouterState, fresh: boolean, key: string): Phase {
    if (fresh || this.now - router.readAt >= LEASE)
      [router.phase, router.readAt] = [parsePhase(this.#register.value), this.now];
    return phaseOfKey(router.phase, key);
  }

  /** The one writer of a key writes the next number, or deletes. */
  async write(which: number, fresh: boolean, key: string, deletes: boolean): Promise<void> {
    const router = this.#router(which);
    const surroundings = { phase: this.phaseOf(router, fresh, key), timely: () => true };
    const number = (this.#highest.get(key) ?? 0) + 1;
    this.#highest.set(key, number);
    if (deletes) this.#deletion.set(key, number);
    const place = { collection: 'c', key, precondition: NO_PRECONDITION };
    const write = deletes
      ? ({ verb: 'delete' } as const)
      : ({ verb: 'put', payload: new Payload(Buffer.from(String(number)), null) } as const);
    const answer = await router.router.write({ ...place, ...write }, surroundings);
    this.requests++;
    if (answer.kind === 'written' || answer.kind === 'absent')
      this.acknowledged.set(key, deletes ? null : number);
    else this.failed++;
  }

  /** What is read is what was acknowledged before the read began, or later. */
  async read(which: number, fresh: boolean, key: string): Promise<void> {
    const router = this.#router(which);
    const before = this.acknowledged.get(key);
    const answer = await router.router.read(
      { collection: 'c', key },
      { phase: this.phaseOf(router, fresh, key), timely: () => true },
    );
    this.requests++;
    if (answer.kind === 'found') {
      const seen = Number(Buffer.from(answer.document.body).toString());
      assert.ok(seen >= (before ?? 0), `${key}: ${seen} was read after ${before}`);
    } else if (answer.kind === 'absent') {
      const deleted = (this.#deletion.get(key) ?? 0) > (before ?? 0);
      assert.ok(deleted || before === undefined || before === null, `${key} is gone after ${before}`);
    } else this.failed++;
  }

  #router(which: number): RouterState {
    return this.routers[which % this.routers.length] as RouterState;
  }

  /** Receipts that are due are handled, in the phase that the reconciler reads now. */
  async drain(): Promise<void> {
    const due = this.#receipts.filter((each) => each.due <= this.now);
    for (const each of due) {
      this.#receipts.splice(this.#receipts.indexOf(each), 1);
      const { phase } = parsePhase(this.#register.value);
      if ((await settle(each.receipt, phase, this.stores, this.send, () => true)) === 'busy')
        this.#receipts.push({ ...each, due: this.now + REDELIVERY, again: true });
    }
  }

  /** The controller looks. @param calls that it lives for. @returns what it decided; null where it died. */
  async control(calls: number): Promise<Decision | null> {
    const register = this.#register.living(calls);
    const times = {
      now: this.now * 1000,
      bake: BAKE * this.#patience,
      redelivery: REDELIVERY * this.#patience,
    };
    try {
      const { effective, version } = await standing(register, REQUEST * this.#patience);
      const beside = { waits: () => [], ramp: this.ramp };
      const decision = await decide(
        this.flags,
        effective,
        times,
        async () => this.#evidence(),
        false,
        beside,
      );
      if (decision.kind === 'wait') await this.#help(decision.conditions, effective.phase);
      if (decision.kind !== 'move') return decision;
      const made = marked(
        { ...decidedMove(decision, effective, this.ramp), by: 'test', why: '' },
        version,
        times.now,
      );
      if (made.share !== undefined) this.shares++;
      await move(register, version, made, REQUEST * this.#patience);
      return decision;
    } catch (error) {
      if (!(error instanceof Death)) throw error;
      return null;
    }
  }

  /** What the controller starts, and the operator, who is told that a backfill is missing. */
  async #help(conditions: readonly Condition[], phase: Phase): Promise<void> {
    const missing = conditions.some(({ holds, kind }) => !holds && kind === 'backfill');
    if (missing) await this.#run('backfill', phase, (key) => this.#copyKey(key));
    for (const { job } of helpful(conditions)) await this.start(job, phase);
  }

  async start(job: Wanted['job'], phase: Phase): Promise<void> {
    if (job === 'verify') {
      this.#verifying ??= { started: this.now * 1000, phase, left: new Set(this.#highest.keys()) };
      return;
    }
    return this.#run('copyback', phase, async (key) => {
      const receipt = { collection: 'c', key, phase, cause: 'run', expired: 0n } as const;
      return (await settle(receipt, phase, this.stores, this.send, () => true)) === 'settled';
    });
  }

  async #run(kind: 'backfill' | 'copyback', phase: Phase, act: (key: string) => Promise<boolean>) {
    const started = this.now * 1000;
    let clean = true;
    for (const key of this.#highest.keys()) clean = (await act(key)) && clean;
    const all = { mode: null, range: null };
    const run: RunEvidence = { id: kind, phase, started, finished: started, clean, ...all };
    this.#runs = { ...this.#runs, [`${kind}s`]: [run] };
  }

  /** Suspects are looked at again until they have passed; a run of a phase that is over says nothing. */
  async verify(): Promise<void> {
    if (this.#verifying === null) return;
    const { started, phase, left } = this.#verifying;
    for (const key of left) if (await this.#agrees(key, phase)) left.delete(key);
    if (left.size > 0 && phase === parsePhase(this.#register.value).phase) return;
    const verification: RunEvidence = {
      id: 'verification',
      phase,
      started,
      finished: this.now * 1000,
      ...{ clean: left.size === 0, mode: 'content', range: null },
    };
    this.#runs = { ...this.#runs, verifications: [verification] };
    this.#verifying = null;
  }

  async #copyKey(key: string): Promise<boolean> {
    await perform(copy(), portOf(key, this.stores));
    return true;
  }

  async #agrees(key: string, phase: Phase): Promise<boolean> {
    return (await perform(verify(phase), portOf(key, this.stores))) === 'equal';
  }

  #evidence(): Evidence {
    const due = this.#receipts.filter((each) => each.due <= this.now).length;
    const hidden = this.#receipts.filter((each) => each.due > this.now && each.again).length;
    return {
      receipts: { delayed: this.#receipts.length - due - hidden, due, hidden, waiting: 0, since: null },
      ...{ deadLetters: 0, unread: 0, collection: this.#runs },
    };
  }
}
