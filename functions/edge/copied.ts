/** Whether a collection has been copied, as containers ask that do not decide about it. */
import type { Ledger } from '../books/ledger.ts';

/** Runs that are looked through. Milliseconds in which a copy that has ended may not be noticed. */
const [HISTORY, AGAIN] = [20, 10_000];

/** Asks Oracle every ten seconds at most about each collection, and no more once it has been copied. @param now milliseconds since the epoch. */
export function copiedSince(ledger: Pick<Ledger, 'history'>, now: () => number) {
  const asked = new Map<
    string,
    { readonly copied: Promise<boolean>; readonly since: number; until: number }
  >();
  const ask = async (collection: string, since: number) =>
    (await ledger.history('backfill', collection, HISTORY)).some(
      ({ started, outcome, options }) =>
        started >= since && outcome !== 'stopped' && options.range === undefined,
    );
  return (collection: string, since: number): Promise<boolean> => {
    const known = asked.get(collection);
    if (known !== undefined && known.since === since && now() < known.until) return known.copied;
    const copied = ask(collection, since);
    const noted = { copied, since, until: now() + AGAIN };
    asked.set(collection, noted);
    copied.then(
      (is) => {
        if (is) noted.until = Number.POSITIVE_INFINITY;
      },
      () => {
        noted.until = 0;
      },
    );
    return copied;
  };
}
