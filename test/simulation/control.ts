/** The phase controller over a register that any number of them may write, with claims; and the operator, who sets flags and starts backfills. */
import { type Condition, isFree, measuredIn, type Times } from '../../functions/control/conditions.ts';
import { decide, forceable, helpful } from '../../functions/control/decide.ts';
import type { Evidence, RunEvidence } from '../../functions/control/evidence.ts';
import { type AskedMove, marked } from '../../functions/control/forced.ts';
import { type Claim, move, type Reading, type Register, standing } from '../../functions/control/publish.ts';
import { type EffectivePhase, parsePhase } from '../../functions/phases/effective_phase.ts';
import { type Flags, PHASES, type Phase, ROUTES } from '../../functions/protocol/phase.ts';
import type { Kind } from '../../functions/records/run.ts';
import type { Container } from './container.ts';
import type { ReceiptQueue } from './queue.ts';
import { BAKE, HIDDEN, REQUEST, type Rules } from './rules.ts';
import type { Runs } from './runs.ts';
import { lasting, type Process, type Scheduler } from './scheduler.ts';

/** Milliseconds between two looks. */
const AGAIN = 10_000;

export class Control {
  readonly #scheduler: Scheduler;
  readonly #rules: Rules;
  readonly #claims = new Map<number, Claim>();
  // It began long ago.
  #value = JSON.stringify({ phase: 'legacy', since: 0, by: 'test' });
  #version = 1;
  #changed = 0;
  /** When the phase before was left, of those moves that were the last ones. */
  readonly #left = new Map<Phase, number>();
  flags: Flags = ROUTES.legacy.flags;
  /** When a store has forgotten something, the last time: what was verified before proves nothing any more. */
  forgotten = Number.NEGATIVE_INFINITY;
  /** Is told of each move when it is published. */
  moved: (to: Phase, isForced: boolean) => void = () => {};

  constructor(scheduler: Scheduler, rules: Rules) {
    this.#scheduler = scheduler;
    this.#rules = rules;
  }

  get phase(): Phase {
    return parsePhase(this.#value).phase;
  }

  /** As a process reads the parameter. */
  async read(process: Process): Promise<Reading> {
    await this.#scheduler.turn(process, '');
    if (this.#scheduler.random.chance(0.02)) throw new Error('throttled');
    const read = this.#reading();
    await this.#scheduler.turn(process, '');
    return read;
  }

  /** As SSM answers. */
  #reading(): Reading {
    const now = Math.floor(this.#scheduler.now / 1000) * 1000;
    return { value: this.#value, version: this.#version, changed: this.#changed, now };
  }

  /** Looks for ever. */
  async work(container: Container, runs: Runs, queue: ReceiptQueue): Promise<void> {
    const clock = lasting('schedule');
    for (;;) {
      await this.#scheduler.sleep(clock, AGAIN);
      container.invoke((process) => this.#step(process, container, runs, queue).catch(() => {}));
    }
  }

  async #step(process: Process, container: Container, runs: Runs, queue: ReceiptQueue): Promise<void> {
    const register = this.#register(process, container);
    const { effective, version, now } = await standing(register, this.#time);
    const times = this.#times(now);
    const gather = async () => this.#evidence(runs, queue, effective.phase, now);
    const decision = await decide(this.flags, effective, times, gather);
    if (decision.kind === 'wait') {
      const missing = decision.conditions.filter(({ holds }) => !holds);
      this.#scheduler.tell(process, `waits for ${decision.to}: ${measuredIn(missing)}`);
      this.#help(decision.conditions, runs);
    }
    if (decision.kind !== 'move') return;
    const { phase: from, to, forced } = decision;
    await this.#move(register, version, { from, to, forced, by: 'test', why: '' }, now);
  }

  /** As an operator who makes the next move whatever is measured. */
  async force(container: Container): Promise<void> {
    await container.invoke((process) => this.#force(process, container).catch(() => {}));
  }

  async #force(process: Process, container: Container): Promise<void> {
    const register = this.#register(process, container);
    const { effective, version, now } = await standing(register, this.#time);
    const found = forceable('c', this.flags, effective, this.#times(now));
    if ('refused' in found) return;
    const { phase: from, forced } = effective;
    const skips = !isFree(effective, found.to);
    await this.#move(
      register,
      version,
      { from, ...found, forced, by: 'test', why: 'forced: test', skips },
      now,
    );
  }

  async #move(register: Register, version: number, asked: AskedMove, now: number): Promise<void> {
    await move(register, version, marked(asked, version, now), this.#time);
  }

  #times(now: number): Times {
    return { now, bake: this.#rules.noBake ? 0 : BAKE, redelivery: HIDDEN };
  }

  get #time(): number {
    return this.#rules.noBake ? 0 : REQUEST;
  }

  #help(conditions: readonly Condition[], runs: Runs): void {
    if (conditions.some(({ holds, name }) => !holds && name.startsWith('backfill')))
      runs.start('copy', { collection: 'c', ifPossible: true });
    for (const { job, input } of helpful(conditions)) runs.start(job, { ...input, collection: 'c' });
  }

  #evidence(runs: Runs, queue: ReceiptQueue, phase: Phase, now: number): Evidence {
    const all = { mode: 'content', range: null } as const;
    const proven: RunEvidence = { id: 'proven', phase, started: now, finished: now, clean: true, ...all };
    const of = (kind: Kind): RunEvidence[] => {
      if (this.#rules.noGate) return [proven];
      const ended = runs.ended(kind);
      return this.#rules.staleEvidence ? ended.map((run) => ({ ...run, phase, started: now })) : ended;
    };
    const none = { delayed: 0, due: 0, hidden: 0, waiting: 0, since: null };
    return {
      receipts: this.#rules.noGate ? none : queue.counts(),
      ...{ deadLetters: queue.dead.length, unread: 0 },
      collection: {
        name: 'c',
        backfills: of('backfill'),
        copybacks: of('copyback'),
        verifications: of('verify').filter(({ started }) => started > this.forgotten),
      },
    };
  }

  /** Phases that somebody may act on. */
  get acting(): readonly Phase[] {
    return PHASES.filter((phase) => phase === this.phase || (this.#left.has(phase) && !this.isOver(phase)));
  }

  /** Whether the bake of the move that left a phase is over. */
  isOver(phase: Phase): boolean {
    return phase !== this.phase && this.#scheduler.now > (this.#left.get(phase) ?? 0) + BAKE;
  }

  #watch({ phase: next, forced = [] }: EffectivePhase): void {
    const { now } = this.#scheduler;
    if (next === this.phase) return;
    const { forced: before = [] } = parsePhase(this.#value);
    const isForced = forced.some(({ claim }) => !before.some((move) => move.claim === claim));
    this.moved(next, isForced);
    const last = Math.max(...this.#left.values());
    if (now < last + BAKE) this.#scheduler.wrong ??= `${next} comes ${now - last} ms after the move before`;
    this.#left.set(this.phase, now);
  }

  #register(process: Process, container: Container): Register {
    const turn = (label: string) => this.#scheduler.turn(process, label);
    return {
      read: async () => {
        await turn('');
        const read = this.#reading();
        if (!this.#rules.ownClock) return read;
        const { since } = parsePhase(read.value);
        return { ...read, changed: since - REQUEST, now: Math.max(0, container.clock.wall()) };
      },
      claimed: async (version) => {
        await turn('');
        return this.#claims.get(version) ?? null;
      },
      claim: async (version, text) => {
        await turn(`claims the move from version ${version}`);
        if (this.#claims.has(version)) return false;
        this.#claims.set(version, { text, at: this.#scheduler.now });
        return true;
      },
      write: async (value) => {
        await turn(`publishes ${value}`);
        const next = parsePhase(value);
        this.#watch(next);
        this.#value = value;
        this.#version++;
        this.#changed = this.#scheduler.now;
      },
    };
  }
}
