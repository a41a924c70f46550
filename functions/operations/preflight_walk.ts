/** Walks along the keys of Couchbase for as long as there is time, and tells what it finds batch by batch, so that it can be kept. */
import type { Shard } from '../protocol/shard.ts';
import { added, example, type Found, NOTHING_FOUND } from '../records/preflight.ts';
import { BATCH, batchesOf, type Sized } from '../runs/batches.ts';
import type { Alone } from '../runs/walk_shard.ts';
import { PoisonDocument } from '../stores/failure.ts';
import type { Taking } from '../stores/selection.ts';
import { type DocumentPorts, lookAt, measure, Notes } from './preflight_look.ts';

export interface WalkPorts extends DocumentPorts {
  /** The next keys of a range, in byte order; fewer than `limit` only where there are no more. */
  keys(shard: Shard, limit: number): Promise<readonly string[]>;
  /** Whose a key is; none: all are the collection's. */
  owner?(key: string): Taking | 'orphan';
}

/** Is told what each batch has shown, and up to which key that goes. */
export type Kept = (to: string, found: Found) => Promise<unknown>;

/** Keys that are listed at a time. */
const PAGE = 500;

/**
 * Looks at one batch at least. False where time is up before the end of the range. Throws where Couchbase does not answer.
 * @param alone how many of the first keys are looked at one by one, each written down before its document is read.
 */
export async function walkAlong(range: Shard, alone: Alone, ports: WalkPorts, kept: Kept): Promise<boolean> {
  let { after } = range;
  let isFirst = true;
  for (let left = alone.keys; ; ) {
    const limit = left > 0 ? Math.min(left, PAGE) : PAGE;
    const keys = await ports.keys({ after, upTo: range.upTo }, limit);
    const pieces = left > 0 ? keys.map((key) => [key]) : [keys];
    for (const piece of pieces) {
      if (left > 0) await alone.touch(piece[0] as string, --left);
      if (!(await together(piece, ports, kept, isFirst))) return false;
      isFirst = false;
    }
    if (keys.length < limit) return true;
    after = keys.at(-1) ?? after;
  }
}

/** False where time is up, perhaps before the last of the keys. @param isFirst whether nothing was looked at before. */
async function together(
  keys: readonly string[],
  ports: WalkPorts,
  kept: Kept,
  isFirst: boolean,
): Promise<boolean> {
  const { taken, before, rest } = sortedOut(keys, ports);
  const measured = await measure(taken, ports);
  const failures = new Map(
    measured.flatMap((each): [string, Error][] => ('failure' in each ? [[each.key, each.failure]] : [])),
  );
  const sized = measured.map((each) => ({ key: each.key, size: 'size' in each ? each.size : null }));
  let first = isFirst;
  for (const batch of batchesOf(sized, BATCH)) {
    const known = batch.filter(({ key }) => !failures.has(key));
    const found = await lookAt(known, ports, first);
    if (found === null) return false;
    const passed = batch.map(({ key }) => before.get(key) ?? NOTHING_FOUND);
    const told = passed.reduce(added, added(found, unmeasured(batch, failures)));
    await kept(batch.at(-1)?.key as string, told);
    if (!ports.timely()) return false;
    first = false;
  }
  if (rest === NOTHING_FOUND) return true;
  await kept(keys.at(-1) as string, rest);
  return ports.timely();
}

interface SortedOut {
  /** The collection's own. */
  readonly taken: readonly string[];
  /** What was found of others between one of them and the one before it. */
  readonly before: ReadonlyMap<string, Found>;
  /** Behind the last of them. */
  readonly rest: Found;
}

/** Documents of other keys are counted, and nothing else is asked of them. */
function sortedOut(keys: readonly string[], { owner = () => 'taken' }: Pick<WalkPorts, 'owner'>): SortedOut {
  const [taken, before] = [[] as string[], new Map<string, Found>()];
  let rest = NOTHING_FOUND;
  for (const key of keys) {
    const whose = owner(key);
    if (whose !== 'taken') rest = added(rest, ofOthers(key, whose));
    else {
      taken.push(key);
      if (rest !== NOTHING_FOUND) before.set(key, rest);
      rest = NOTHING_FOUND;
    }
  }
  return { taken, before, rest };
}

const ORPHAN = 'no pattern of any collection over these documents matches its key';

function ofOthers(key: string, whose: Exclude<Taking, 'taken'> | 'orphan'): Found {
  if (whose !== 'orphan') return { ...NOTHING_FOUND, [whose]: 1 };
  return { ...NOTHING_FOUND, orphans: 1, samples: [example('orphan', key, ORPHAN)] };
}

/** What is told of the keys of a batch that could not be measured. */
function unmeasured(batch: readonly Sized[], failures: ReadonlyMap<string, Error>): Found {
  const notes = new Notes();
  for (const { key } of batch) {
    const failure = failures.get(key);
    if (failure === undefined) continue;
    notes.measured(key, null);
    if (failure instanceof PoisonDocument) notes.refused(key, failure.message);
    else notes.fault('unread', key, `it could not be measured: ${failure.message}`);
  }
  return notes.found;
}
