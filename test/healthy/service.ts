/** A healthy, busy service, hour after hour: apps, routers, the queue, the controller, and an operator who moves it there and back. */
import { type Decision, decide, helpful } from '../../functions/control/decide.ts';
import { marked } from '../../functions/control/forced.ts';
import { type EffectivePhase, parsePhase } from '../../functions/phases/effective_phase.ts';
import { type Phase, ROUTES } from '../../functions/protocol/phase.ts';
import { Router } from '../../functions/routing/router.ts';
import { Receipts } from '../../functions/stores/receipt.ts';
import { Measured } from './alarms.ts';
import { Apps } from './apps.ts';
import { HealthyQueue } from './queue.ts';
import { HealthyRuns } from './runs.ts';
import { HealthyStores } from './stores.ts';
import { Timeline } from './timeline.ts';
import { BAKE, REDELIVERY, REFRESH, REQUEST } from './times.ts';

export interface Wanted {
  readonly seed: number;
  /** Requests a second here, and how many of the service each stands for. */
  readonly rate: number;
  readonly scale: number;
  /** Where it begins, and for how many days it has been there. */
  readonly phase: Phase;
  readonly days: number;
  /** The share of reads after which both stores are compared. */
  readonly shadow?: number;
  /** Whether anybody works the queue off. */
  readonly reconciles?: boolean;
}

/** A move, and how long it came after all was true that it needs, without the time that its runs took. */
export interface Moved {
  readonly from: Phase;
  readonly to: Phase;
  readonly at: number;
  readonly late: number;
}

const [SECOND, MINUTE, DAY] = [1000, 60_000, 86_400_000];
const START = Date.UTC(2026, 0, 1);
/** Seconds until the controller looks again while a move is under way, and until an operator starts a backfill. */
const OPERATOR = 30_000;

export class HealthyService {
  readonly timeline: Timeline;
  readonly measured = new Measured();
  readonly stores: HealthyStores;
  readonly queue: HealthyQueue;
  readonly apps: Apps;
  readonly moves: Moved[] = [];
  readonly #runs: HealthyRuns;
  #stay: EffectivePhase;
  /** When all that the protocol demands of the next move was true, and when the flags asked for it. */
  #truth: number | null = null;
  #asked = 0;
  #wanted: Phase = 'legacy';

  constructor({ seed, rate, scale, phase, days, shadow = 0.01, reconciles = true }: Wanted) {
    this.timeline = new Timeline(START, seed);
    this.#stay = { phase, since: START - days * DAY, by: 'test' };
    this.#wanted = phase;
    this.stores = new HealthyStores(this.timeline);
    this.queue = new HealthyQueue(this.timeline, this.stores, this.measured, scale);
    this.#runs = new HealthyRuns(this.timeline, this.stores, this.queue, this.measured, () => this.#stay);
    const { random } = this.timeline;
    const pair = {
      couchbase: { ...this.stores.couchbase, require: () => {} },
      oracle: { ...this.stores.oracle, require: () => {} },
    };
    const routers = [1, 2, 3].map(() => {
      const router = new Router(
        () => pair,
        new Receipts(this.queue.send),
        () => random.chance(shadow),
      );
      const stay = this.#reader();
      return { router, phase: () => stay().phase };
    });
    this.apps = new Apps(this.timeline, routers, this.measured, rate);
    for (const _ of reconciles ? [1, 2] : []) this.queue.work(this.#reader());
    this.queue.watch();
    this.apps.work();
    this.#look();
    this.#daily();
    this.#watchTruth();
  }

  get phase(): Phase {
    return this.#stay.phase;
  }

  get started(): number {
    return START;
  }

  /** What operators set. */
  want(phase: Phase): void {
    this.#wanted = phase;
    this.#asked = this.timeline.now;
    this.#step();
  }

  /** Whether it gets there in time. */
  async arrives(phase: Phase, hours: number): Promise<boolean> {
    this.want(phase);
    const until = this.timeline.now + hours * 60 * MINUTE;
    while (this.phase !== phase && this.timeline.now < until) await this.pass(10 * SECOND);
    return this.phase === phase;
  }

  pass(milliseconds: number): Promise<void> {
    return this.timeline.run(this.timeline.now + milliseconds);
  }

  /** A container, which reads the phase anew when what it has is older than that. */
  #reader(): () => EffectivePhase {
    let [read, at] = [this.#stay, Number.NEGATIVE_INFINITY];
    return () => {
      if (this.timeline.now - at > REFRESH) [read, at] = [this.#stay, this.timeline.now];
      return read;
    };
  }

  /** As the state machine: once a minute, and again where a move is under way. */
  async #look(): Promise<void> {
    for (;;) {
      await this.timeline.sleep(MINUTE - 20 * SECOND);
      await this.#step();
      await this.timeline.sleep(20 * SECOND);
      if (this.#wanted !== this.phase) await this.#step();
    }
  }

  async #daily(): Promise<void> {
    for (;;) {
      await this.timeline.sleep(DAY / 2);
      await this.#runs.start('verify', 'version');
      await this.timeline.sleep(DAY / 2);
    }
  }

  async #step(): Promise<void> {
    const { now } = this.timeline;
    const count = (name: string, value: number) => this.measured.add(`Crossfade ${name}`, now, value);
    const times = { now, bake: BAKE, redelivery: REDELIVERY };
    const decision = await decide(ROUTES[this.#wanted].flags, this.#stay, times, async () => ({
      receipts: this.queue.counts(),
      ...{ deadLetters: 0, unread: 0, collection: this.#runs.evidence },
    }));
    const age = Math.max(0, Math.round((now - this.#stay.since) / 1000));
    const waits = decision.kind === 'wait';
    count('TransitAge', ['seal', 'switch'].includes(this.phase) ? age : 0);
    count('MoveWaiting', waits ? 1 : 0);
    count('MoveWaitingAge', waits ? age : 0);
    if (decision.kind === 'refused')
      this.measured.add('AWS/States ControllerMachine ExecutionsFailed', now, 1);
    if (waits) this.#help(decision);
    if (decision.kind === 'move') this.#move(decision.to);
  }

  #help(decision: Decision & { readonly kind: 'move' | 'wait' }): void {
    for (const { job, input } of helpful(decision.conditions))
      this.#runs.start(job === 'copy' ? 'copyback' : 'verify', (input.mode as 'version' | 'content') ?? null);
    const backfill = decision.conditions.some(
      ({ holds, command }) => !holds && command?.includes('backfill'),
    );
    if (backfill) this.timeline.sleep(OPERATOR).then(() => this.#runs.start('backfill', null));
  }

  #move(to: Phase): void {
    const { now } = this.timeline;
    const from = this.phase;
    const truth = this.#truth ?? now;
    this.moves.push({ from, to, at: now, late: now - truth - this.#runs.took(truth) });
    const { by } = marked({ from, to, by: 'test', why: '' }, 1, now);
    this.#stay = parsePhase(JSON.stringify({ phase: to, since: now + REQUEST, by }));
    this.#truth = null;
  }

  /** The bake is over, and every receipt of before it is settled. */
  async #watchTruth(): Promise<void> {
    for (;;) {
      await this.timeline.sleep(SECOND);
      const baked = this.#stay.since + BAKE;
      const isTrue = this.timeline.now >= baked && !this.queue.owes(baked);
      if (isTrue && this.#truth === null && this.phase !== this.#wanted)
        this.#truth = Math.max(this.timeline.now, this.#asked);
    }
  }
}
