/**
 * Which documents need no look, since the lists of both stores alone show that they hold the same version. Both lists are whole ones, and of now: nothing that
 * an earlier run has found counts. A document that was deleted, was written by a clock that is behind, or came back by a failover lies in a list, or is missing in
 * one, as it is. So nothing has to be known of what has happened since.
 *
 * A list only ever excuses from a look. What one of them does not have, or has otherwise, is looked at as ever, and so are marks of deletions. Keys
 * come from where they always come from, so a document that the index of versions does not have is not passed over.
 */
import { byUtf8 } from '../protocol/order.ts';
import { type Phase, ROUTES } from '../protocol/phase.ts';
import type { Shard } from '../protocol/shard.ts';
import type { Sieve } from '../runs/passed.ts';
import type { WalkPorts } from '../runs/walk_shard.ts';
import type { ListedVersion } from '../stores/couchbase/listed_versions.ts';
import type { ListedRow } from '../stores/oracle/listed_versions.ts';
import { unionOf } from './union.ts';

/** The next of a shard, by the order of keys; fewer than `limit` only where there are no more. Versions may be fewer, and rows in any order. */
export interface Lists {
  readonly keys: WalkPorts['keys'];
  versions(shard: Shard, limit: number): Promise<readonly ListedVersion[]>;
  rows(shard: Shard, limit: number): Promise<readonly ListedRow[]>;
}

/** One in so many documents that the lists show to be the same is looked at all the same, the first of each worker among them: an index may be damaged. */
const CHECKED = 256;

export class VersionLists {
  readonly #lists: Lists;
  readonly #phase: Phase;
  readonly #sieve: Pick<Sieve, 'of'>;
  /** Of the page that was listed last. */
  #alike: ReadonlySet<string> = new Set();
  #passed = 0;

  /** @param sieve which keys are the collection's. */
  constructor(lists: Lists, phase: Phase, sieve: Pick<Sieve, 'of'>) {
    this.#lists = lists;
    this.#phase = phase;
    this.#sieve = sieve;
  }

  /** The next keys of both stores: see `union.ts`. */
  async next(shard: Shard, limit: number): Promise<string[]> {
    const [rows, keys, versions] = await Promise.all([
      this.#lists.rows(shard, limit),
      this.#lists.keys(shard, limit),
      this.#lists.versions(shard, limit),
    ]);
    const held = new Map(versions.map((each) => [each.key, each]));
    this.#alike = new Set(
      rows.filter((row) => agrees(this.#phase, held.get(row.key), row)).map(({ key }) => key),
    );
    return unionOf(
      { keys, complete: keys.length < limit },
      { keys: rows.map(({ key }) => key).sort(byUtf8), complete: rows.length < limit },
    );
  }

  /** Asked once for each key of the page that was listed last. */
  of(key: string): ReturnType<Sieve['of']> {
    const taking = this.#sieve.of(key);
    if (taking !== 'taken' || !this.#alike.has(key)) return taking;
    return this.#passed++ % CHECKED === 0 ? 'taken' : 'alike';
  }
}

/** Whether a look by version could find no difference: that of `compare.ts`. Exported for a property that holds it so. */
export function agrees(phase: Phase, held: ListedVersion | undefined, row: ListedRow): boolean {
  if (held === undefined || !row.isLive) return false;
  const isOrdered = row.handoff === null || ROUTES[phase].order === 'oracle';
  return isOrdered && held.version === row.version && held.expires === row.expires;
}
