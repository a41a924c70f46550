/**
 * When a worker of a run may act: in its turn, and only while the phase lasts that the run was begun in. A wait for the pace takes
 * minutes, and a batch may take as long; so the phase is looked at again after each wait, and before each act.
 */
import type { EffectivePhase } from '../phases/effective_phase.ts';
import type { Run } from '../records/run.ts';
import { requirePhase } from './phase_changed.ts';

export interface TurnPorts {
  /** The phase of the run's collection, read no longer ago than its lease. Throws where none is known. */
  readonly phase: () => Promise<EffectivePhase>;
  /** Waits until it is the turn of so many documents. False where that would take too long. */
  readonly wait: (documents: number) => Promise<boolean>;
  /** Whether a call that begins now ends before the function does. */
  readonly timely: () => boolean;
  /** Milliseconds, on a clock that can be set, and on one that can stand still while its sandbox is frozen. */
  readonly clock: { wall(): number; steady(): number };
  /** Milliseconds after the look in which calls may begin, so that all of them end within the bake after a move. */
  readonly lasts: number;
}

/** Leave to act on the phase of a run, for a limited time. */
export interface Permit {
  /** Whether a batch that begins now ends in time. */
  readonly timely: () => boolean;
  /** Whether a call that begins now ends before the phase may be over, whatever is left of the function's time. */
  readonly holds: () => boolean;
}

export class Turns {
  readonly #run: Run;
  readonly #ports: TurnPorts;

  constructor(run: Run, ports: TurnPorts) {
    this.#run = run;
    this.#ports = ports;
  }

  /** Waits for the turn of so many documents. False where that would take too long. Throws `PhaseChanged`. */
  async wait(documents: number): Promise<boolean> {
    await this.permit();
    const granted = await this.#ports.wait(documents);
    if (granted) await this.permit();
    return granted;
  }

  /** Looks at the phase. Throws `PhaseChanged`. */
  async permit(): Promise<Permit> {
    const { clock, lasts, phase, timely } = this.#ports;
    // As a request: its time begins before the phase is read, which may be a lease old.
    const [wall, steady] = [clock.wall(), clock.steady()];
    requirePhase(this.#run, await phase());
    const age = () => {
      const passed = clock.wall() - wall;
      // A wall clock that was set back tells no age.
      return passed < 0 ? Number.POSITIVE_INFINITY : Math.max(passed, clock.steady() - steady);
    };
    const holds = () => age() < lasts;
    return { timely: () => timely() && holds(), holds };
  }
}

/** The same act, which looks at the phase each time before it begins. */
export function permitted<A extends unknown[], R>(
  permit: () => Promise<unknown>,
  act: (...args: A) => Promise<R>,
): (...args: A) => Promise<R> {
  return async (...args) => {
    await permit();
    return act(...args);
  };
}
