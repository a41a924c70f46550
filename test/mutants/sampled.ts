/** A part of a list, drawn at random: the same with the same seed. */
export function sampled<T>(all: readonly T[], size: number, seed: number): T[] {
  const left = [...all];
  let state = seed >>> 0;
  const drawn: T[] = [];
  while (drawn.length < size && left.length > 0) {
    // Numerical Recipes' linear congruential generator: its upper bits are good enough to draw with.
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const [one] = left.splice(Math.floor((state / 2 ** 32) * left.length), 1);
    if (one !== undefined) drawn.push(one);
  }
  return drawn;
}
