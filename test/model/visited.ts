/**
 * The states that a search has been in, each remembered by 64 bits of hash, with the most freedom it was entered
 * with. Among a hundred million states, the chance that any one is mistaken for another is about 1 in 4,000.
 */
export class Visited {
  #slots = 1 << 16;
  #table = new Int32Array(this.#slots * 3);
  size = 0;

  /** Whether this state is new, or was only ever entered with less freedom than now (an integer, 0 or more). */
  enter(state: readonly number[], freedom: number): boolean {
    if (this.size * 2 > this.#slots) this.#grow();
    const [high, low] = hash(state);
    const at = this.#find(high, low);
    const entered = this.#table[at + 2] as number;
    if (entered > freedom) return false;
    if (entered === 0) this.size++;
    this.#table[at] = high;
    this.#table[at + 1] = low;
    this.#table[at + 2] = freedom + 1;
    return true;
  }

  #find(high: number, low: number): number {
    const table = this.#table;
    let slot = (high ^ (low >>> 7)) & (this.#slots - 1);
    for (;;) {
      const at = slot * 3;
      if (table[at + 2] === 0 || (table[at] === high && table[at + 1] === low)) return at;
      slot = (slot + 1) & (this.#slots - 1);
    }
  }

  #grow(): void {
    const old = this.#table;
    this.#slots *= 2;
    this.#table = new Int32Array(this.#slots * 3);
    for (let at = 0; at < old.length; at += 3) {
      if (old[at + 2] === 0) continue;
      const [high, low] = [old[at] as number, old[at + 1] as number];
      this.#table.set(old.subarray(at, at + 3), this.#find(high, low));
    }
  }
}

/** MurmurHash3's mixing steps (Appleby, public domain) over the numbers, twice with different seeds. */
function hash(numbers: readonly number[]): [number, number] {
  let [a, b] = [0x9747b28c, 0x3c6ef372];
  for (const number of numbers) {
    a = mix(a, number, 0xcc9e2d51, 0x1b873593);
    b = mix(b, number, 0x239b961b, 0xab0e9789);
  }
  return [finish(a ^ numbers.length), finish(b + (a | 0))];
}

function mix(hash: number, number: number, c1: number, c2: number): number {
  let k = Math.imul(number, c1);
  k = (k << 15) | (k >>> 17);
  const h = hash ^ Math.imul(k, c2);
  return (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0;
}

function finish(hash: number): number {
  let h = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
