/** The parameters of a phase, as SSM has them, for controllers that may die at any call. */
import type { Claim, Register } from '../../functions/control/publish.ts';

export class Death extends Error {}

/** Milliseconds after a change in which a read may still tell what was before. */
export const SETTLED = 1000;

/**
 * Parameters, and the one clock that counts. It tells the time in whole seconds, cut off, and when it was written exactly. Writes may land
 * later than they were sent, but within their sender's time.
 */
export class Store {
  now = 1_700_000_000_123;
  version = 1;
  changed = this.now;
  value = JSON.stringify({ phase: 'legacy', since: 0, by: 'deployment' });
  readonly claims = new Map<number, Claim>();
  readonly published: { readonly at: number; readonly value: string }[] = [];
  #late: { readonly at: number; readonly value: string }[] = [];
  #before = { value: this.value, version: 1, changed: this.changed };

  tick(milliseconds: number): void {
    this.now += milliseconds;
    const due = this.#late.filter(({ at }) => at <= this.now).sort((a, b) => a.at - b.at);
    this.#late = this.#late.filter(({ at }) => at > this.now);
    for (const { value, at } of due) this.#land(value, at);
  }

  #land(value: string, at: number): void {
    this.#before = { value: this.value, version: this.version, changed: this.changed };
    this.value = value;
    this.version++;
    this.changed = at;
    this.published.push({ at, value });
  }

  /**
   * @param calls that its user lives for. @param late milliseconds that its write needs.
   * @param old whether its reads tell what was before for as long as they may.
   */
  register(calls: number, late: number, old = false): Register {
    let left = calls;
    const live = () => {
      if (left-- <= 0) throw new Death();
    };
    return {
      read: async () => {
        live();
        const { value, version, changed } = old && this.now < this.changed + SETTLED ? this.#before : this;
        return { value, version, changed, now: Math.floor(this.now / 1000) * 1000 };
      },
      claimed: async (version) => {
        live();
        const claim = this.claims.get(version) ?? null;
        return old && claim !== null && this.now < claim.at + SETTLED ? null : claim;
      },
      claim: async (version, text) => {
        live();
        if (this.claims.has(version)) return false;
        this.claims.set(version, { text, at: this.now });
        return true;
      },
      write: async (value) => {
        live();
        if (late === 0) this.#land(value, this.now);
        else this.#late.push({ at: this.now + late, value });
        // It dies before it hears of it.
        live();
      },
    };
  }
}
