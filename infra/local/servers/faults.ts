/** Faults on order, as both servers keep them. */

/** How many requests a fault strikes; every one from now on if null. */
export interface Ordered {
  readonly times: number | null;
  /** It strikes the second, the fourth, … of them if 2, and so on; each one if not given. */
  readonly every?: number;
}

export class FaultQueue<Fault extends Ordered> {
  #pending: { fault: Fault; left: number; seen: number }[] = [];

  order(fault: Fault): void {
    this.#pending.push({ fault, left: fault.times ?? Number.POSITIVE_INFINITY, seen: 0 });
  }

  clear(): void {
    this.#pending = [];
  }

  /** The first fault that strikes a request, if any; it has one strike less then. */
  strike(strikes: (fault: Fault) => boolean): Fault | null {
    const struck = this.#pending.find(
      (each) => strikes(each.fault) && ++each.seen % (each.fault.every ?? 1) === 0,
    );
    if (struck === undefined) return null;
    struck.left--;
    this.#pending = this.#pending.filter(({ left }) => left > 0);
    return struck.fault;
  }
}
