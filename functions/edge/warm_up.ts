/** Opens what a container's requests will need before the first of them comes, in the time that Lambda gives to its start. */
import { type Phase, type StoreName, storesOf } from '../protocol/phase.ts';

export interface WarmUp {
  readonly collections: readonly string[];
  readonly phaseOf: (collection: string) => Promise<Phase>;
  /** Connects to a store, and reads from a collection there. */
  readonly open: (store: StoreName, collection: string) => Promise<unknown>;
  /** Resolves after so many milliseconds. */
  readonly sleep: (milliseconds: number) => Promise<unknown>;
}

/**
 * Lambda gives 10 s to a start, of which loading the code takes some; a start that takes longer is done again, at the
 * expense of a request. (AWS Lambda, "Understanding the Lambda execution environment lifecycle": init phase.)
 */
const LONGEST = 4000;

/**
 * Reads the phases first, then opens the stores that they need and no other, each once. Never rejects, and never takes longer than 4 s:
 * what fails or hangs here does so for the first request, too, which has bounds of its own.
 */
export async function warmUp(ports: WarmUp): Promise<void> {
  await Promise.race([openNeeded(ports), ports.sleep(LONGEST)]);
}

async function openNeeded({ collections, phaseOf, open }: WarmUp): Promise<void> {
  const phases = await Promise.allSettled(collections.map((name) => phaseOf(name)));
  const needed = new Map<StoreName, string>();
  for (const [index, read] of phases.entries())
    for (const store of read.status === 'fulfilled' ? storesOf(read.value) : [])
      if (!needed.has(store)) needed.set(store, collections[index] as string);
  await Promise.allSettled([...needed].map(([store, name]) => open(store, name)));
}
