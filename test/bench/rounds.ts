/** Compares two ways of doing the same, in alternating rounds, so that a slow moment of the machine falls on both. */

const ROUNDS = 5;

/** What a ratio is held against: at least so much for rates, at most so much for times. */
export interface Target {
  readonly atLeast?: number;
  readonly atMost?: number;
}

/** One line of the report. Rates are in units a second; times in milliseconds or microseconds; memory in MiB; costs in US dollars a million. */
export interface Figure {
  readonly name: string;
  readonly unit: '/s' | 'ms' | 'us' | 'MiB' | '$';
  readonly ours: Side;
  readonly bare: Side;
  readonly ratio: number;
  readonly target: Target | null;
}

export interface Side {
  readonly label: string;
  readonly median: number;
  /** The least and the most of all rounds. */
  readonly spread: readonly [least: number, most: number];
}

interface Way {
  readonly label: string;
  /** Runs once, and tells the figure. */
  readonly measure: () => Promise<number>;
}

export async function compareIn(
  unit: Figure['unit'],
  name: string,
  ours: Way,
  bare: Way,
  target: Target | null = null,
): Promise<void> {
  const found: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    found[0].push(await ours.measure());
    found[1].push(await bare.measure());
  }
  tell(name, unit, sideOf(ours.label, found[0]), sideOf(bare.label, found[1]), target);
}

/**
 * @param rate runs once, and tells how many a second it did. @param units how many it did: the processor's time that this process
 * itself took for each is told, too, since on one machine the servers' time is not.
 */
export async function compare(
  name: string,
  ours: { readonly label: string; readonly rate: () => Promise<number> },
  bare: typeof ours,
  target: Target | null = null,
  units: number | null = null,
): Promise<void> {
  const used: [number[], number[]] = [[], []];
  const way = ({ label, rate }: typeof ours, which: 0 | 1): Way => ({
    label,
    measure: async () => {
      const before = process.cpuUsage();
      const found = await rate();
      const { user, system } = process.cpuUsage(before);
      used[which].push((user + system) / (units ?? 1));
      return found;
    },
  });
  await compareIn('/s', name, way(ours, 0), way(bare, 1), target);
  if (units !== null)
    tell(`${name}, own CPU`, 'us', sideOf(ours.label, used[0]), sideOf(bare.label, used[1]), null);
}

/** What has been measured already, once a round. */
export function sideOf(label: string, all: readonly number[]): Side {
  const sorted = [...all].sort((x, y) => x - y);
  const median = sorted[sorted.length >> 1] ?? Number.NaN;
  return { label, median, spread: [sorted[0] ?? Number.NaN, sorted.at(-1) ?? Number.NaN] };
}

/** Prints a line, and tells whoever gathers them all. */
export function tell(
  name: string,
  unit: Figure['unit'],
  ours: Side,
  bare: Side,
  target: Target | null,
): void {
  const figure: Figure = { name, unit, ours, bare, ratio: ours.median / bare.median, target };
  console.log(lineOf(figure));
  process.send?.(figure);
}

function lineOf({ name, unit, ours, bare, ratio, target }: Figure): string {
  const digits = unit === 'ms' || unit === '$' ? 2 : 0;
  const shown = ({ label, median, spread: [least, most] }: Side) =>
    `${label} ${median.toFixed(digits).padStart(6)} ${unit} (${least.toFixed(digits)} to ${most.toFixed(digits)})`;
  const judged = target === null ? '' : `   ${isMet(ratio, target) ? 'met' : 'MISSED'}: ${textOf(target)}`;
  return `${name.padEnd(38)} ${shown(ours)}   ${shown(bare)}   ratio ${ratio.toFixed(2)}${judged}`;
}

export function isMet(ratio: number, { atLeast = 0, atMost = Number.POSITIVE_INFINITY }: Target): boolean {
  return ratio >= atLeast && ratio <= atMost;
}

function textOf({ atLeast, atMost }: Target): string {
  return [
    ...(atLeast === undefined ? [] : [`at least ${atLeast}`]),
    ...(atMost === undefined ? [] : [`at most ${atMost}`]),
  ].join(', ');
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

/** Compares how long one call takes, each after the one before, as one container of a function works. @param target of the median. */
export async function compareLatency(
  name: string,
  ours: { readonly label: string; readonly act: (index: number) => Promise<unknown> },
  bare: typeof ours,
  calls: number,
  target: Target | null = null,
): Promise<void> {
  const rounds: [number[][], number[][]] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    const times: [number[], number[]] = [[], []];
    for (let index = 0; index < calls; index++)
      for (const [which, { act }] of [ours, bare].entries()) {
        const began = performance.now();
        await act(round * calls + index);
        times[which]?.push(performance.now() - began);
      }
    for (const which of [0, 1] as const) rounds[which].push(times[which]);
  }
  const at = (which: 0 | 1, share: number) =>
    sideOf(
      which === 0 ? ours.label : bare.label,
      rounds[which].map((all) => all.sort((x, y) => x - y)[Math.floor(all.length * share)] ?? Number.NaN),
    );
  for (const share of [0.5, 0.99, 0.999])
    tell(`${name}, p${share * 100}`, 'ms', at(0, share), at(1, share), share === 0.5 ? target : null);
}
