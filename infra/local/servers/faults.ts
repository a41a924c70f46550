/** Faults on order, as both servers keep them. */

/** How many requests a fault strikes; every one from now on if null. */
export interface Ordered {
  readonly times: number | null;
  /** It strikes the second, the fourth, … of them if 2, and so on; each one if not given. */
  readonly every?: number;
  /** Under which its strikes are counted; they are not where it is not given. */
  readonly name?: string;
}

export class FaultQueue<Fault extends Ordered> {
  #pending: { fault: Fault; left: number; seen: number }[] = [];
  #struck: Record<string, number> = {};

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
    const { name } = struck.fault;
    if (name !== undefined) this.#struck[name] = (this.#struck[name] ?? 0) + 1;
    this.#pending = this.#pending.filter(({ left }) => left > 0);
    return struck.fault;
  }

  /** How many requests each fault with a name has struck since this was asked the last time; of one name alone where it is given. */
  takeStruck(name: string | null): Readonly<Record<string, number>> {
    const { [name ?? '']: one, ...others } = this.#struck;
    const all = this.#struck;
    this.#struck = name === null ? {} : others;
    return name === null ? all : { [name]: one ?? 0 };
  }
}
