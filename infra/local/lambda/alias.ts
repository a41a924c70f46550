/**
 * An alias of a function: requests go to one version of it, or a share of them to another one. (lambda/latest/dg/configuring-alias-routing.html,
 * 2026-11-27.) It keeps what CloudWatch would: how each version did.
 */
import type { LocalFunction } from './function.ts';

export type Invocable = Pick<LocalFunction, 'invoke' | 'settings'>;

/** One invocation. */
export interface Sample {
  readonly at: number;
  readonly version: string;
  readonly milliseconds: number;
  readonly failed: boolean;
}

/** Samples at the least: no alarm here looks further back. */
const KEPT = 10_000;

export class LocalAlias implements Invocable {
  readonly samples: Sample[] = [];
  readonly #versions = new Map<string, Invocable>();
  readonly #now: () => number;
  readonly #draw: () => number;
  #route: { readonly version: string; readonly second: string; readonly share: number };

  /** @param version where it begins. @param draw a number from 0 to below 1. */
  constructor(version: string, target: Invocable, now = Date.now, draw = Math.random) {
    [this.#now, this.#draw] = [now, draw];
    this.#versions.set(version, target);
    this.#route = { version, second: version, share: 0 };
  }

  get settings() {
    return this.#of(this.#route.version).settings;
  }

  publish(version: string, target: Invocable): void {
    this.#versions.set(version, target);
  }

  /** Sends requests to a version, and this share of them to a second one. */
  route(version: string, second: string = version, share = 0): void {
    this.#route = { version, second, share };
  }

  async invoke(event: unknown, trace?: string): Promise<unknown> {
    const { version, second, share } = this.#route;
    const chosen = this.#draw() < share ? second : version;
    const at = this.#now();
    const ended = (failed: boolean) => {
      this.samples.push({ at, version: chosen, milliseconds: this.#now() - at, failed });
      if (this.samples.length > 2 * KEPT) this.samples.splice(0, KEPT);
    };
    try {
      const result = await this.#of(chosen).invoke(event, trace);
      ended(false);
      return result;
    } catch (error) {
      ended(true);
      throw error;
    }
  }

  #of(version: string): Invocable {
    const found = this.#versions.get(version);
    if (found === undefined) throw new Error(`There is no version ${version}`);
    return found;
  }
}
