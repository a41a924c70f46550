/** Whether this machine is too slow or too busy for the demo: how late its timers are, and how many processes want a processor. */

export interface Machine {
  /** Milliseconds on a clock that never goes back. */
  now(): number;
  /** Processes that want a processor, as the system averages them over a minute. */
  load(): number;
  readonly processors: number;
}

/** Milliseconds: between two beats, for how long they are remembered, and how late one is on a machine that is too slow. */
export const [BEAT, REMEMBERED, LATE] = [250, 180_000, 1000];
/** Processes that want one processor, on a machine that is too busy. */
const BUSY = 1.5;

interface Seen {
  readonly at: number;
  readonly late: number;
  readonly load: number;
}

export class Pulse {
  readonly #machine: Machine;
  #seen: Seen[] = [];
  #last: number;

  constructor(machine: Machine) {
    this.#machine = machine;
    this.#last = machine.now();
  }

  /** To be called every `BEAT` milliseconds. */
  beat(): void {
    const at = this.#machine.now();
    const late = Math.max(0, at - this.#last - BEAT);
    this.#last = at;
    this.#seen.push({ at, late, load: this.#machine.load() });
    while ((this.#seen[0] as Seen).at < at - REMEMBERED) this.#seen.shift();
  }

  /** What was measured in the last minutes. */
  get measured(): string {
    const { late, load } = this.#worst;
    return `${load.toFixed(1)} processes wanted ${this.#machine.processors} processors, and a timer was ${(late / 1000).toFixed(1)} s late`;
  }

  get isSlow(): boolean {
    const { late, load } = this.#worst;
    return late >= LATE || load / this.#machine.processors >= BUSY;
  }

  get #worst(): Omit<Seen, 'at'> {
    const most = (of: (seen: Seen) => number) => this.#seen.reduce((all, each) => Math.max(all, of(each)), 0);
    return { late: most(({ late }) => late), load: most(({ load }) => load) };
  }
}
