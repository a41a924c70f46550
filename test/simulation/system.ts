/** The whole system in one schedule: clients, routers, the queue, workers, the controller, and an operator who changes the flags. */

import { documentFrom } from '../../functions/protocol/fingerprint.ts';
import { type Phase, ROUTES } from '../../functions/protocol/phase.ts';
import type { Tampering } from '../model/tampering.ts';
import { wrongAtRest } from './at_rest.ts';
import { Clients } from './clients.ts';
import { Container } from './container.ts';
import { Control } from './control.ts';
import { Forgetting } from './forgetting.ts';
import { Hands } from './hands.ts';
import { History } from './history.ts';
import { Lives } from './lives.ts';
import { Operators } from './operators.ts';
import { type Focus, isForcing, isForgetting, isTouching, walksOf, weatherOf } from './plan.ts';
import { ReceiptQueue } from './queue.ts';
import { BAKE, type Rules, TURN } from './rules.ts';
import { Runs } from './runs.ts';
import { type Calm, lasting, type Process, Scheduler } from './scheduler.ts';
import { SimulatedStores } from './world.ts';

export interface Bug {
  readonly tampering?: Tampering;
  readonly rules?: Rules;
  /** What schedules are about in which it shows. */
  readonly focus?: Focus;
}

export interface Outcome {
  readonly seed: number;
  /** What is wrong; null for nothing. */
  readonly wrong: string | null;
  readonly steps: number;
  /** Numbers that were drawn. */
  readonly draws: number;
  readonly operations: number;
  /** Virtual seconds. */
  readonly seconds: number;
  readonly story: readonly string[];
  /** How often each kind of trouble has struck. */
  readonly strikes: ReadonlyMap<string, number>;
}

/** Keys that are asked for all the time, and keys that hardly anybody asks for. */
const [HOT, COLD] = [
  ['k0', 'k1', 'k2'],
  ['a0', 'k10', 'z0'],
];
export const KEYS = [...HOT, ...COLD];
/** The share of what clients ask that is about the others. */
const COLDNESS = 0.015;
/** Phases are longer, and the others are asked for more often. */
const LONG: readonly Focus[] = ['haste', 'forget', 'hands'];
type Sleep = (milliseconds: number) => Promise<void>;

/** Steps, and virtual milliseconds, in which a schedule must be over. */
const [STEPS, LONGEST] = [200_000, 2 * 3_600_000];

/** @param bug what is broken on purpose. @param calm where nothing rare happens. */
export async function simulate(seed: number, bug: Bug = {}, calm: readonly Calm[] = []): Promise<Outcome> {
  const scheduler = new Scheduler(seed, calm);
  const system = new System(scheduler, bug);
  const wrong = await system
    .run()
    .catch((error: unknown) => `It does not come to rest: ${(error as Error).message}`);
  const { steps, story, strikes, now } = scheduler;
  return {
    seed,
    wrong,
    steps,
    draws: scheduler.random.drawn,
    operations: system.history.operations,
    seconds: Math.round(now / 1000),
    ...{ story, strikes },
  };
}

class System {
  readonly history: History;
  readonly #clients: Clients;
  readonly #scheduler: Scheduler;
  readonly #stores: SimulatedStores;
  readonly #queue: ReceiptQueue;
  readonly #control: Control;
  readonly #walk: readonly Phase[];
  readonly #routers: readonly Container[];
  readonly #operators: Operators;
  readonly #forgetting: Forgetting | null;
  readonly #lives: Lives;
  readonly #hands: Hands | null;
  /** The share of what clients ask that is about keys that hardly anybody asks for. */
  readonly #cold: number;
  /** Milliseconds until the next phase is wanted, at most. */
  readonly #stay: number;
  #over = false;
  #wrong: string | null = null;

  constructor(scheduler: Scheduler, { tampering = {}, rules = {}, focus }: Bug) {
    const { random } = scheduler;
    this.#scheduler = scheduler;
    this.#lives = new Lives(scheduler);
    this.#stores = new SimulatedStores(scheduler, weatherOf(scheduler), tampering, rules, this.#lives);
    this.#queue = new ReceiptQueue(scheduler, this.#stores, rules);
    this.#control = new Control(scheduler, rules);
    this.#stores.isOver = (phase) => this.#control.isOver(phase);
    const forcing = focus === undefined ? isForcing(scheduler.seed) : focus === 'force' || focus === 'haste';
    this.#walk = random.pick(walksOf(focus, forcing));
    const isLong = focus !== undefined && LONG.includes(focus);
    this.#cold = isLong ? 0.1 : COLDNESS;
    this.#stay = isLong ? 6 * BAKE : 2 * BAKE;
    this.history = new History(scheduler, this.#queue);
    this.#lives.witnesses = { stores: this.#stores, history: this.history };
    this.#clients = new Clients(scheduler, this.#stores, this.#queue, this.history, rules, this.#lives);
    const phase = (process: Process) => this.#control.read(process);
    const touches = focus === undefined ? isTouching(scheduler.seed) : focus === 'hands';
    // In some schedules the pace is slow, and operators start runs whenever they like. Where others' work waits to be found by verifications, that
    // would keep gates shut.
    const crowded = focus === 'runs' || (random.chance(0.08) && !touches);
    const slow = crowded ? 0.4 : 0.01;
    const container = (name: string, time?: number, mortality?: number) =>
      new Container(scheduler, name, rules, phase, time, mortality);
    this.#routers = ['router-a', 'router-b', 'router-c'].map((name) => container(name));
    const worker = container('worker', TURN, 0.2);
    const runs = new Runs({
      ...{ scheduler, stores: this.#stores, queue: this.#queue },
      worker,
      rules,
      slow,
    });
    this.#operators = new Operators({
      ...{ scheduler, stores: this.#stores, control: this.#control, runs, history: this.history, keys: KEYS },
      isOver: () => this.#clients.stopped,
    });
    if (!touches && (crowded || random.chance(0.2))) this.#operators.startRuns(crowded ? 80_000 : 400_000);
    if (forcing) this.#operators.force(container('operator'), focus === 'haste');
    const forgets = focus === undefined ? isForgetting(scheduler.seed) : focus === 'forget';
    this.#forgetting = forgets ? this.#forget(focus === 'forget') : null;
    this.#hands = touches ? this.#others() : null;
    this.#queue.work(container('reconciler'));
    this.#control.work(container('controller'), runs, this.#queue);
    if (random.chance(0.3)) this.#control.work(container('controller-2'), runs, this.#queue);
  }

  #forget(often: boolean): Forgetting {
    // A document with an expiry that survives a failover may count as deleted once its time has come: see functions/protocol/README.md.
    this.#lives.mortal = false;
    const forgetting = new Forgetting({
      ...{ scheduler: this.#scheduler, stores: this.#stores, control: this.#control, clients: this.#clients },
      ...{ history: this.history, keys: KEYS, pause: often ? 300_000 : 900_000 },
      isOver: () => this.#clients.stopped,
      after: () => this.#operators.repair(),
    });
    forgetting.work();
    return forgetting;
  }

  /** Others are at work in Couchbase. */
  #others(): Hands {
    this.#operators.compare();
    return new Hands({
      ...{ scheduler: this.#scheduler, stores: this.#stores, control: this.#control, history: this.history },
      ...{ lives: this.#lives, queue: this.#queue, keys: KEYS, isOver: () => this.#clients.stopped },
    });
  }

  get broken(): string | null {
    return this.history.broken ?? this.#scheduler.wrong;
  }

  async run(): Promise<string | null> {
    this.#fill();
    const pause = 5000 + this.#scheduler.random.below(20_000);
    for (const name of ['ann', 'bob', 'cid'])
      this.#clients.work(name, this.#routers, { hot: HOT, cold: COLD, share: this.#cold }, pause);
    this.#operate().catch((error: unknown) => {
      this.#wrong ??= (error as Error).message;
      this.#over = true;
    });
    // Each time that a store forgets, and while others are at work, gates wait until everything has been compared.
    const most = this.#forgetting === null && this.#hands === null ? STEPS : 2 * STEPS;
    await this.#scheduler.run(() => this.#over || this.broken !== null, most);
    return this.broken ?? this.#wrong;
  }

  /** Some keys are there before anybody moves anything. */
  #fill(): void {
    for (const key of KEYS) {
      const value = this.#scheduler.random.chance(0.6) ? `old-${key}` : null;
      this.history.holding(key, value);
      if (value !== null)
        this.#stores.execute(key, 'couchbase.upsert', { content: documentFrom(Buffer.from(value), null) });
    }
  }

  async #operate(): Promise<void> {
    const operator = lasting('operator');
    const sleep = (milliseconds: number) => this.#scheduler.sleep(operator, milliseconds);
    await sleep(this.#scheduler.random.below(60_000));
    for (const [n, phase] of this.#walk.entries()) {
      this.#scheduler.tell(operator, `wants ${phase}`);
      this.#control.flags = ROUTES[phase].flags;
      // Now and then somebody changes their mind half-way.
      const isLast = n === this.#walk.length - 1;
      const hasty = !isLast && this.#scheduler.random.chance(0.2);
      const patience = hasty ? this.#scheduler.random.below(400_000) : LONGEST;
      const arrived = await this.#arrives(phase, patience, sleep);
      if (!arrived && !hasty)
        throw new Error(`It never comes to ${phase}, and stays in ${this.#control.phase}`);
      await sleep(this.#scheduler.random.below(this.#stay));
    }
    await this.#forgetting?.last(sleep);
    this.#clients.stopped = true;
    this.#hands?.rest();
    while (this.#forgetting?.isCrossing) await sleep(1000);
    await this.#rest(sleep);
    // A move that was claimed before somebody changed their mind may have been published since, and is taken back.
    if (!(await this.#arrives(this.#walk.at(-1) as Phase, LONGEST, sleep)))
      throw new Error(`It leaves where it should be, and stays in ${this.#control.phase}`);
    await this.#operators.heal(operator, this.#scheduler.now + LONGEST);
    await this.#rest(sleep);
    this.#wrong ??= await this.#atRest(operator);
    this.#over = true;
  }

  /** Whether the phase is reached within so many milliseconds. */
  async #arrives(phase: Phase, patience: number, sleep: Sleep): Promise<boolean> {
    const until = this.#scheduler.now + patience;
    while (this.#control.phase !== phase && this.#scheduler.now < until) await sleep(5000);
    return this.#control.phase === phase;
  }

  /** Until nothing is on its way any more. */
  async #rest(sleep: Sleep): Promise<void> {
    const until = this.#scheduler.now + LONGEST;
    while (this.#clients.busy > 0 || !this.#queue.empty) {
      if (this.#scheduler.now > until) throw new Error('Receipts are never settled');
      await sleep(1000);
    }
    await sleep(BAKE);
  }
  #atRest(operator: Process): Promise<string | null> {
    return wrongAtRest(operator, {
      ...{ clients: this.#clients, router: this.#routers[0] as Container, queue: this.#queue, keys: KEYS },
      ...{ stores: this.#stores, phase: this.#control.phase, operators: this.#operators },
      judges: [this.#forgetting, this.#hands],
    });
  }
}
