/** A whole way there and back under a steady load: the service stands still in each phase, while one fault after the other strikes. */
import { setTimeout } from 'node:timers/promises';
import { PHASES, type Phase } from '../../functions/protocol/phase.ts';
import type { Fault } from '../../infra/demo/book.ts';
import type { Operator } from '../soak/operator.ts';
import type { Poison } from '../soak/poison.ts';
import { type Ground, type Kind, kindsIn, suffered } from './kind.ts';
import { claimOf, type Stretch } from './stretch.ts';

/** Milliseconds: of a fault, after it, whose requests are counted with it, and of calm between two of them. */
export interface Times {
  readonly fault: number;
  readonly after: number;
  readonly calm: number;
}

export interface WayParts extends Ground {
  readonly poison: Poison;
  readonly operator: Operator;
  readonly times: Times;
  /** Texts that names of faults must have one of, parted by commas. */
  readonly only: string;
  /** The phases in which faults strike on the way there. */
  readonly phases: readonly Phase[];
  /** Whether they strike on the way back, too. */
  readonly back: boolean;
  readonly tell: (line: string) => void;
}

/** Asked for by operators in this order; all other phases are passed through. */
const STOPS = ['expand', 'settle', 'contract'] as const satisfies readonly Phase[];

export class Way {
  readonly stretches: Stretch[] = [];
  readonly #parts: WayParts;

  constructor(parts: WayParts) {
    this.#parts = parts;
  }

  /** Throws `Stuck`. @returns what is wrong with what both stores hold, and with what Couchbase holds at the end. */
  async there(): Promise<void> {
    const { stage } = this.#parts;
    await stage.holdController(true);
    await this.#visit('legacy', 'legacy');
    for (const phase of PHASES.slice(1)) {
      const stop = STOPS.find((each) => PHASES.indexOf(each) >= PHASES.indexOf(phase)) ?? phase;
      await this.#move(phase, stop, phase);
      await this.#visit(phase, phase);
    }
  }

  /** Throws `Stuck`. @returns what is wrong with what both stores hold in `expand`, and Couchbase in `legacy`. */
  async back(): Promise<Fault[]> {
    const { stage, poison, operator } = this.#parts;
    const found: Fault[] = [];
    for (const phase of [...PHASES].reverse().slice(1)) {
      const visit = `${phase} again`;
      // Where both stores are compared the controller looks on, and may not go on.
      await this.#move(phase, phase === 'legacy' ? 'legacy' : 'expand', visit);
      if (phase === 'legacy') await this.#calm(visit);
      else await this.#visit(phase, visit);
      if (phase !== 'expand') continue;
      await stage.holdController(false);
      await operator.rest();
      await stage.rest();
      await stage.settled();
      found.push(...(await stage.crowd.check('both')), ...(await poison.wrong('expand')));
      stage.crowd.start();
      await stage.holdController(true);
    }
    await stage.rest();
    return [...found, ...(await stage.crowd.check('couchbase'))];
  }

  /** Until the first collection is there, which alone is asked for; where operators can stop, all of them. */
  async #move(phase: Phase, target: Phase, visit: string): Promise<void> {
    const { stage, operator } = this.#parts;
    const from = performance.now();
    await stage.want(target);
    await stage.holdController(false);
    await stage.until((all) => {
      for (const each of all) operator.help(each);
      const asked = phase === target || phase === 'expand' ? all : all.slice(0, 1);
      return asked.every(({ effective }) => effective.phase === phase);
    }, `it does not come to ${phase}`);
    await stage.holdController(true);
    this.#stretch({ kind: 'move', name: `to ${phase}`, visit, claim: 'must', from, struck: 0 });
  }

  async #visit(phase: Phase, visit: string): Promise<void> {
    const { only, phases, back } = this.#parts;
    const strikes = phases.includes(phase) && (back || visit === phase);
    await this.#calm(visit);
    for (const kind of strikes ? kindsIn(phase, only) : []) {
      await this.#suffer(phase, visit, kind);
      await this.#calm(visit);
    }
  }

  async #suffer(phase: Phase, visit: string, kind: Kind): Promise<void> {
    const { times, tell } = this.#parts;
    const from = performance.now();
    const struck = await suffered(kind, this.#parts, times.fault);
    await setTimeout(times.after);
    tell(`${visit}: ${kind.name}: ${struck} struck`);
    const claim = claimOf(phase, kind.patient);
    this.#stretch({ kind: 'fault', name: kind.name, visit, claim, from, struck });
  }

  async #calm(visit: string): Promise<void> {
    const from = performance.now();
    await setTimeout(this.#parts.times.calm);
    this.#stretch({ kind: 'calm', name: '', visit, claim: 'must', from, struck: 0 });
  }

  #stretch(stretch: Omit<Stretch, 'to'>): void {
    this.stretches.push({ ...stretch, to: performance.now() });
  }
}
