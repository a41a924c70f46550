/** Compares two ways of doing the same, in alternating rounds, so that a slow moment of the machine falls on both. */
const ROUNDS = 5;

/** @param rate runs once, and tells how many a second it did. */
export async function compare(
  name: string,
  ours: { readonly label: string; readonly rate: () => Promise<number> },
  bare: typeof ours,
): Promise<void> {
  const rates: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    rates[0].push(await ours.rate());
    rates[1].push(await bare.rate());
  }
  const [a = 0, b = 0] = rates.map((all) => all.sort((x, y) => x - y)[ROUNDS >> 1]);
  const shown = (label: string, rate: number) => `${label} ${rate.toFixed(0).padStart(6)}/s`;
  console.log(
    `${name.padEnd(34)} ${shown(ours.label, a)}   ${shown(bare.label, b)}   ratio ${(a / b).toFixed(2)}`,
  );
}

/** @returns how many times a second `act` can be done, `concurrency` at a time. */
export async function perSecond(
  operations: number,
  concurrency: number,
  act: (index: number) => Promise<unknown>,
): Promise<number> {
  let next = 0;
  const began = performance.now();
  const worker = async () => {
    while (next < operations) await act(next++);
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return (operations * 1000) / (performance.now() - began);
}
