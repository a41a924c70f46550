/** Tombstones grow until the owner of the tables drops them: each look counts those of one collection, in turns. */
import { OutOfTime } from '../stores/reach.ts';

export interface TombstoneCountPorts {
  readonly collections: readonly string[];
  /** Tombstones of a collection that are an alarm: no more than one above this are counted. */
  readonly mostTombstones: number;
  countTombstones(collection: string, most: number): Promise<number>;
  /** Milliseconds since the epoch. */
  now(): number;
  count(metric: string, value: number): void;
  warn(message: string, about: Readonly<Record<string, unknown>>): void;
}

const MINUTE = 60_000;

/** The collection whose turn it is: it depends on the time alone, so that no container has to remember it. */
export function collectionOf(collections: readonly string[], now: number): string | undefined {
  return collections[Math.floor(now / MINUTE) % collections.length];
}

/** Where Oracle is away nothing is counted: other alarms say so. */
export async function countTombstones(ports: TombstoneCountPorts): Promise<void> {
  const { collections, mostTombstones: most } = ports;
  const collection = collectionOf(collections, ports.now());
  if (collection === undefined) return;
  try {
    const tombstones = await ports.countTombstones(collection, most + 1);
    ports.count('Tombstones', tombstones);
    if (tombstones > most)
      ports.warn('TOO_MANY_TOMBSTONES: the owner of the tables should drop some (npx crossfade tombstones)', {
        ...{ collection, most },
      });
  } catch (error) {
    if (error instanceof OutOfTime) return;
    ports.warn('Tombstones were not counted', { collection, cause: String(error) });
  }
}
