/** A standard queue and the functions that work it off, on a simulated clock: in order, each message once, unless its worker dies. */
import type { SimulatedClock } from './simulated_clock.ts';

export interface SizedMessage {
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Milliseconds. */
  readonly sent: number;
}

/** One delivery. */
export interface Received extends SizedMessage {
  /** This time included. */
  readonly deliveries: number;
  /** Nobody else gets it for so many milliseconds from now. */
  hide(milliseconds: number): void;
}

/** Deliveries of a message until it is dead, and milliseconds that it is hidden for by itself: six invocations. */
const [MOST, HIDDEN] = [5, 1_800_000];

export class SizedQueue {
  readonly #clock: SimulatedClock;
  readonly #ready: { message: SizedMessage; deliveries: number }[] = [];
  #free: number;
  #work: (received: Received) => Promise<void> = async () => {};
  /** Whether the event source mapping is enabled. */
  enabled = true;
  readonly dead: SizedMessage[] = [];
  sent = 0;
  invocations = 0;

  constructor(clock: SimulatedClock, workers: number) {
    this.#clock = clock;
    this.#free = workers;
  }

  workedOffBy(work: (received: Received) => Promise<void>): void {
    this.#work = work;
  }

  /** @param delay seconds. */
  send(body: string, attributes: Readonly<Record<string, string>>, delay: number): void {
    this.sent++;
    const message = { body, attributes, sent: this.#clock.now() };
    this.#clock.after(delay * 1000, () => this.#add(message, 0));
  }

  /** Loses all that waits. @returns how many messages. */
  purge(): number {
    return this.#ready.splice(0).length;
  }

  /** Delivers what there is. */
  deliver(): void {
    while (this.enabled && this.#free > 0) {
      const next = this.#ready.shift();
      if (next === undefined) return;
      this.#free--;
      this.invocations++;
      this.#handle(next.message, next.deliveries + 1);
    }
  }

  #add(message: SizedMessage, deliveries: number): void {
    if (deliveries >= MOST) this.dead.push(message);
    else this.#ready.push({ message, deliveries });
    this.deliver();
  }

  async #handle(message: SizedMessage, deliveries: number): Promise<void> {
    let until = this.#clock.now() + HIDDEN;
    const hide = (milliseconds: number) => {
      until = this.#clock.now() + milliseconds;
    };
    try {
      await this.#work({ ...message, deliveries, hide });
    } catch {
      this.#clock.after(until - this.#clock.now(), () => this.#add(message, deliveries));
    }
    this.#free++;
    this.deliver();
  }
}
