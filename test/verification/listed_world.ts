/** Two small stores, a verification by their lists as in production, and one by increments, which looks only at what Couchbase has written since an earlier clean run. */
import { contains, type Shard } from '../../functions/protocol/shard.ts';
import type { Counts, ShardRow } from '../../functions/records/run.ts';
import { NOTHING, type Seen } from '../../functions/stores/snapshot.ts';
import { compare } from '../../functions/verification/compare.ts';
import { type ComparePorts, compareShard } from '../../functions/verification/compare_shard.ts';
import { VersionLists } from '../../functions/verification/version_lists.ts';

export interface Held {
  readonly cas: bigint;
  /** Other than the CAS only where an attribute says so. */
  readonly version: bigint;
  readonly expires: number | null;
}
export interface Row {
  readonly version: bigint;
  readonly handoff: bigint | null;
  readonly isLive: boolean;
  readonly expires: number | null;
}

/** What both stores have, what a damaged index tells of a document, and which keys the collection does not take. */
export interface World {
  readonly couchbase: Map<string, Held>;
  readonly oracle: Map<string, Row>;
  readonly damaged: Map<string, bigint>;
  readonly ignored: Set<string>;
}

/** By Couchbase's clock: when the earlier run began. It was clean, and no document was written since. */
export const CLEAN_SINCE = 1_000_000n;

export function world(size: number): World {
  const versions = Array.from(
    { length: size },
    (_, n) => [`k${String(n).padStart(5, '0')}`, 1000n + BigInt(n)] as const,
  );
  return {
    couchbase: new Map(versions.map(([key, version]) => [key, held(version)])),
    oracle: new Map(versions.map(([key, version]) => [key, row(version)])),
    damaged: new Map(),
    ignored: new Set(),
  };
}

export const held = (cas: bigint, more: Partial<Held> = {}): Held => ({
  cas,
  version: cas,
  expires: null,
  ...more,
});
export const row = (version: bigint, more: Partial<Row> = {}): Row => ({
  ...{ version, handoff: null, isLive: true, expires: null, ...more },
});

const liveIn = ({ oracle }: World) => [...oracle].flatMap(([key, { isLive }]) => (isLive ? [key] : []));
const takenIn = ({ couchbase, ignored }: World) => [...couchbase.keys()].filter((key) => !ignored.has(key));

export function seenOf({ couchbase, oracle }: World, key: string): { couchbase: Seen; oracle: Seen } {
  const [document, found] = [couchbase.get(key), oracle.get(key)];
  const { isLive, ...state } = found ?? row(0n);
  const presence = isLive ? 'live' : 'deleted';
  return {
    couchbase:
      document === undefined
        ? NOTHING
        : { ...NOTHING, ...document, presence: 'live', state: `live@${document.cas}` },
    oracle:
      found === undefined
        ? NOTHING
        : { ...NOTHING, ...state, presence, state: `${presence}@${found.version}` },
  };
}

const HOW = { phase: 'seal', mode: 'version', repair: false, most: 1000 } as const;
const ROW: ShardRow = {
  ...{ shard: 0, after: null, upTo: null, doneKey: null, state: 'open', changed: 0 },
  ...{ listed: 0, applied: 0, stale: 0, gone: 0, failed: 0, bytes: 0 },
};

/** Lists of both stores, as they are now. @param asked is told of each request. */
function listsOf(at: World, asked: () => void): VersionLists {
  const list = <Listed>(keys: readonly string[], of: (key: string) => Listed) => {
    const sorted = keys.toSorted();
    return async (shard: Shard, limit: number) => {
      asked();
      return sorted
        .filter((key) => contains(shard, key))
        .slice(0, limit)
        .map(of);
    };
  };
  return new VersionLists(
    {
      keys: list([...at.couchbase.keys()], (key) => key),
      versions: list([...at.couchbase.keys()], (key) => {
        const { version, expires } = at.couchbase.get(key) ?? held(0n);
        return { key, version: at.damaged.get(key) ?? version, expires };
      }),
      rows: list(liveIn(at), (key) => ({ key, ...(at.oracle.get(key) ?? row(0n)) })),
    },
    'seal',
    { of: (key) => (at.ignored.has(key) ? 'ignored' : 'taken') },
  );
}

/** As in production. */
export async function byLists(at: World) {
  const [found, looked]: [string[], string[]] = [[], []];
  const seen = { requests: 0, paced: 0 };
  const counts: Record<keyof Counts, number> = {
    ...{ listed: 0, applied: 0, stale: 0, gone: 0 },
    failed: 0,
    bytes: 0,
  };
  const add = (some: Partial<Counts>) => {
    for (const [name, value] of Object.entries(some)) counts[name as keyof Counts] += value;
  };
  const lists = listsOf(at, () => seen.requests++);
  const ports: ComparePorts = {
    keys: (shard, limit) => lists.next(shard, limit),
    sieve: {
      of: (key) => lists.of(key),
      pass: async (_, { alike = 0 }) => add({ listed: alike, stale: alike }),
    },
    ...{ sizes: async () => [], finish: async () => {}, careful: false, timely: () => true },
    turn: async (documents) => {
      seen.paced += documents;
      return { over: async () => {} };
    },
    permit: async () => ({ timely: () => true, holds: () => true }),
    couchbase: async (keys) => {
      looked.push(...keys);
      return keys.map((key) => seenOf(at, key).couchbase);
    },
    oracle: async (keys) => keys.map((key) => seenOf(at, key).oracle),
    record: async ({ counts: step, findings }) => {
      add(step);
      found.push(...findings.map(({ key, kind }) => `${kind} ${key}`));
    },
    repair: async () => {},
  };
  await compareShard(ROW, ports, { documents: 250, bytes: 1e6 }, HOW);
  return { found, looked, counts, ...seen };
}

/** What was written since the clean run is looked at and, where the stores have other numbers of keys, which of them has which. */
export function byIncrements(at: World, counting: boolean): string[] {
  const here = takenIn(at);
  const fresh = here.filter((key) => (at.couchbase.get(key)?.cas ?? 0n) >= CLEAN_SINCE);
  const isOdd = counting && here.length !== liveIn(at).length;
  const all = isOdd ? [...new Set([...here, ...liveIn(at)])] : [];
  const absent = all.filter((key) => !at.couchbase.has(key) || at.oracle.get(key)?.isLive !== true);
  return [...new Set([...fresh, ...absent])].filter(
    (key) => compare('seal', seenOf(at, key), 'version') !== null,
  );
}
