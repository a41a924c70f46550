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

/** Compares how long one call takes, each after the one before, as one container of a function works: milliseconds. */
export async function compareLatency(
  name: string,
  ours: { readonly label: string; readonly act: (index: number) => Promise<unknown> },
  bare: typeof ours,
  calls: number,
): Promise<void> {
  const times: [number[], number[]] = [[], []];
  for (let index = 0; index < calls * ROUNDS; index++)
    for (const [which, { act }] of [ours, bare].entries()) {
      const began = performance.now();
      await act(index);
      times[which]?.push(performance.now() - began);
    }
  const [a, b] = times.map((all) => all.sort((x, y) => x - y)) as [number[], number[]];
  const at = (all: readonly number[], share: number) => all[Math.floor(all.length * share)] ?? Number.NaN;
  const shown = (all: readonly number[], share: number) => at(all, share).toFixed(2).padStart(6);
  const line = [0.5, 0.99].map(
    (share) =>
      `p${share * 100} ${ours.label} ${shown(a, share)}  ${bare.label} ${shown(b, share)}  ratio ${(at(a, share) / at(b, share)).toFixed(2)}`,
  );
  console.log(`${name.padEnd(34)} ${line.join('   ')}`);
}
