/** The time of a process as if it had a processor whenever it wants one, as functions have in Lambda. Here they wait for each other. */
import { readFileSync } from 'node:fs';

/** Milliseconds of one tick of /proc. (proc(5): a hundredth of a second wherever Linux runs Node.) */
const TICK = 10;

/** Milliseconds that a process has computed so far, and whether it wants to go on; null where the machine does not tell. */
function standing(pid: number): { readonly computed: number; readonly ready: boolean } | null {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return { computed: (Number(fields[11]) + Number(fields[12])) * TICK, ready: fields[0] === 'R' };
  } catch {
    return null;
  }
}

export class OwnTime {
  readonly #pid: number;
  readonly #now: () => number;
  #at: number;
  #computed = 0;
  #spent = 0;

  constructor(pid: number, now: () => number = () => performance.now()) {
    this.#pid = pid;
    this.#now = now;
    this.#at = now();
  }

  /** Milliseconds so far. A process that wants a processor has spent what it has computed, and any other one the time that has passed. */
  look(): number {
    const [at, seen] = [this.#now(), standing(this.#pid)];
    const passed = at - this.#at;
    this.#spent += seen?.ready === true ? Math.min(passed, seen.computed - this.#computed) : passed;
    this.#at = at;
    this.#computed = seen?.computed ?? this.#computed;
    return this.#spent;
  }
}
