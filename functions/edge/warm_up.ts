/** Opens what a container's requests will need before the first of them comes, in the time that Lambda gives to its start. */
import { type Phase, ROUTES, type StoreName, storesOf } from '../protocol/phase.ts';

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
/** A store that only follows is waited for no longer than this: requests are served without it. */
const LONGEST_OF_FOLLOWER = 1500;

/**
 * Reads the phases first, then opens the stores that they need and no other, each once. Never rejects, and never takes longer than 4 s, or 1.5 s
 * for a store that only follows: what fails or hangs here does so for the first request, too, which has bounds of its own.
 */
export async function warmUp(ports: WarmUp): Promise<void> {
  await Promise.race([openNeeded(ports), ports.sleep(LONGEST)]);
}

async function openNeeded({ collections, phaseOf, open, sleep }: WarmUp): Promise<void> {
  const read = await Promise.allSettled(collections.map((name) => phaseOf(name)));
  const phases = read.map((each) => (each.status === 'fulfilled' ? each.value : null));
  const needed = new Map<StoreName, string>();
  for (const [index, phase] of phases.entries())
    for (const store of phase === null ? [] : storesOf(phase))
      if (!needed.has(store)) needed.set(store, collections[index] as string);
  const opened = [...needed].map(([store, name]) => {
    const opening = open(store, name);
    const onlyFollows = phases.every((phase) => phase === null || !isNeeded(store, phase));
    return onlyFollows ? Promise.race([opening, sleep(LONGEST_OF_FOLLOWER)]) : opening;
  });
  await Promise.allSettled(opened);
}

/** Whether requests of the phase cannot be served without the store. */
function isNeeded(store: StoreName, phase: Phase): boolean {
  const { first, acknowledge } = ROUTES[phase];
  return first === store || (acknowledge === 'both' && storesOf(phase).includes(store));
}
