/** A store's clock and its latency, measured by small questions. The clock comes as an argument. */

/** Both in milliseconds: the wall, and one that is never set back. */
export interface Watch {
  wall(): number;
  steady(): number;
}

const QUESTIONS = 5;

/**
 * Seconds that a store's clock is ahead of ours, negative where it is behind: only as far as it is outside of the time that the answer took.
 * @param ask gives the store's time in milliseconds since the epoch.
 */
export async function skewBy(watch: Watch, ask: () => Promise<number>): Promise<number> {
  const began = watch.wall();
  const told = await ask();
  const ended = watch.wall();
  if (told > ended) return (told - ended) / 1000;
  return told < began ? (told - began) / 1000 : 0;
}

/** The median of some questions, in milliseconds. */
export async function latencyOf(watch: Watch, ask: () => Promise<unknown>): Promise<number> {
  const taken: number[] = [];
  for (let n = 0; n < QUESTIONS; n++) {
    const began = watch.steady();
    await ask();
    taken.push(watch.steady() - began);
  }
  return taken.toSorted((a, b) => a - b)[Math.floor(QUESTIONS / 2)] ?? 0;
}
