/**
 * Which stores answer, within one look at all collections. A store that is away costs a time-out each time that it is asked, and a
 * look at 50 collections would take minutes. So the first questions to a store are asked one after the other, and a store that has
 * left two of them without an answer, without one in between, is not asked again in this look. One question alone says little: its
 * collection may be the only one that is wrong.
 */
import { StoreUnavailable } from './failure.ts';

/** The look has no time left for another question. */
export class OutOfTime extends Error {
  override readonly name = 'OutOfTime';
}

/** Questions in a row without an answer, and the store is away. */
const SILENT = 2;

interface Place {
  answers: boolean;
  silent: number;
  away: StoreUnavailable | null;
  /** While nobody knows whether it answers, one question at a time. */
  probe: Promise<void> | null;
}

export class Reach {
  readonly #timely: () => boolean;
  readonly #places = new Map<string, Place>();

  /** @param timely whether a question that is asked now is answered before time is up. */
  constructor(timely: () => boolean) {
    this.#timely = timely;
  }

  /** Asks a store. Throws `OutOfTime`, or the store's `StoreUnavailable` without asking, where there is no use in asking. */
  async ask<Answer>(store: string, question: () => Promise<Answer>): Promise<Answer> {
    const place = this.#place(store);
    while (!place.answers && place.away === null && place.probe !== null) await place.probe;
    if (place.away !== null) throw place.away;
    if (!this.#timely())
      throw new OutOfTime(`No time was left to ask ${store}: a store is slow. Look again in a minute`);
    const asked = this.#asked(place, question);
    if (!place.answers)
      place.probe = asked.then(
        () => this.#probed(place),
        () => this.#probed(place),
      );
    return asked;
  }

  /** Whether the store is not asked any more. */
  isAway(store: string): boolean {
    return this.#place(store).away !== null;
  }

  async #asked<Answer>(place: Place, question: () => Promise<Answer>): Promise<Answer> {
    try {
      const answer = await question();
      [place.answers, place.silent] = [true, 0];
      return answer;
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) [place.answers, place.silent] = [true, 0];
      else if (++place.silent >= SILENT) place.away = error;
      throw error;
    }
  }

  #probed(place: Place): void {
    place.probe = null;
  }

  #place(store: string): Place {
    const place = this.#places.get(store) ?? { answers: false, silent: 0, away: null, probe: null };
    this.#places.set(store, place);
    return place;
  }
}

/** Where a look cannot tell something, and the rest of it can be told all the same: why. Null for any other error. */
export function unreached(error: unknown): string | null {
  return error instanceof StoreUnavailable || error instanceof OutOfTime ? error.message : null;
}
