/** Compares both stores along the keys of one shard. What differs is a suspect: it may be a write on its way (`recheck.ts`). */
import { type Phase, ROUTES } from '../protocol/phase.ts';
import type { Finding, Step } from '../records/finding.ts';
import type { Markers, Mode, ShardRow } from '../records/run.ts';
import { type BatchLimits, keysOf, type Sized } from '../runs/batches.ts';
import { passedIn } from '../runs/passed.ts';
import { type Walked, type WalkPorts, walkShard } from '../runs/walk_shard.ts';
import { type Pair, stateOf } from '../stores/snapshot.ts';
import { compare } from './compare.ts';
import { type JudgedRows, judgeBatch } from './judged_batch.ts';
import { addedUp } from './lenient.ts';
import { type Looks, look } from './look.ts';
import { holdAndJudge, type ProjectedPorts } from './projected_look.ts';

export interface ComparePorts extends WalkPorts, Looks {
  /** Moves the shard on, and writes down what was found, in one transaction. Throws `Overtaken`. */
  record(step: Step): Promise<void>;
  /** Sends a receipt: somebody makes both stores agree about the key. */
  repair(key: string): Promise<void>;
  /** Of a collection with projections, where their rows are to be compared. */
  readonly projected?: ProjectedPorts | undefined;
}

export interface Comparison {
  readonly phase: Phase;
  readonly mode: Mode;
  readonly repair: boolean;
  /** Suspects that are written down, a shard; those beyond are counted, and no run with one of them is clean. */
  readonly most: number;
}

interface Looked {
  readonly pairs: readonly Pair[];
  readonly judged: readonly JudgedRows[];
}

export function compareShard(
  row: ShardRow,
  ports: ComparePorts,
  limits: BatchLimits,
  comparison: Comparison,
): Promise<Walked> {
  const { phase, repair, most } = comparison;
  let suspects = row.failed;
  let named = 0;
  const act = async (batch: readonly Sized[], looked: Looked) => {
    const keys = keysOf(batch);
    const { found, noted } = await differing(keys, looked, ports, comparison, Math.max(0, most - suspects));
    if (repair)
      for (const { key, verdict } of found.slice(noted.length))
        if (verdict === 'suspect') await ports.repair(key);
    // A marker goes by its receipt, which may never have been sent: its write was answered since both stores had it. In `contract` it stays.
    for (const [n, { couchbase }] of looked.pairs.entries())
      if (couchbase.presence === 'deleted' && ROUTES[phase].flags.couchbaseWrites)
        await ports.repair(keys[n] as string);
    const lenient = lenientIn(keys, looked, found).slice(0, Math.max(0, LENIENT - named));
    await ports.record(stepOf(batch, looked, found.length, [...noted, ...lenient], comparison));
    suspects += found.length;
    named += lenient.length;
  };
  return walkShard(row, ports, limits, {
    prepare: async (batch, heaviest) => {
      const keys = keysOf(batch);
      const pairs = await look(keys, ports, phase, heaviest);
      const { projected } = ports;
      const rows = pairs.map(({ oracle }) => oracle);
      return { pairs, judged: projected === undefined ? [] : await judgeBatch(projected, keys, rows) };
    },
    act,
  });
}

/** Documents with lenient values that one worker names, a shard, about; all of them are counted. */
const LENIENT = 100;

/** What differs, in the order of the keys, and what of it is written down. @param room for so many. */
async function differing(
  keys: readonly string[],
  { pairs, judged }: Looked,
  { projected }: ComparePorts,
  { phase, mode, repair }: Comparison,
  room: number,
): Promise<{ readonly found: readonly Finding[]; readonly noted: readonly Finding[] }> {
  const found: Finding[] = [];
  for (const [n, pair] of pairs.entries()) {
    const key = keys[n] as string;
    const suspect = suspectIn(key, phase, pair, mode);
    if (suspect !== null) found.push(suspect);
    else if (projected !== undefined && judged[n]?.difference != null) {
      // Those that nobody writes down are counted by the first look, as others are.
      const isHeld = repair || found.length < room;
      const difference = isHeld ? await holdAndJudge(projected, key, repair) : judged[n].difference;
      if (difference !== null) found.push({ key, verdict: 'mismatch', ...difference, seen: stateOf(pair) });
    }
  }
  return { found, noted: found.slice(0, room) };
}

/** A document has one finding: a difference is more than a value that a policy has changed. */
function lenientIn(keys: readonly string[], { judged }: Looked, found: readonly Finding[]): Finding[] {
  const differ = new Set(found.map(({ key }) => key));
  return judged.flatMap(({ lenient }, n) => (differ.has(keys[n] as string) ? [] : (lenient ?? [])));
}

function stepOf(
  batch: readonly Sized[],
  { pairs, judged }: Looked,
  failed: number,
  findings: readonly Finding[],
  { mode }: Comparison,
): Step {
  const passed = passedIn(batch);
  const { alike = 0 } = passed;
  const bytes = pairs.reduce((sum, { couchbase: { body } }) => sum + (body?.length ?? 0), 0);
  return {
    to: batch.at(-1)?.key as string,
    counts: {
      ...{ listed: batch.length + alike, applied: batch.length - failed, failed },
      ...{ stale: alike, gone: 0, bytes },
    },
    findings,
    passed,
    // From a list of keys nobody sees what lies under them.
    ...(mode === 'count' ? {} : { markers: markersIn(pairs) }),
    ...(judged.length === 0 ? {} : { projected: addedUp(judged.flatMap(({ figures }) => figures)) }),
  };
}

/** Also those that go by the receipt that was sent just now: whoever reads Couchbase by itself has met them. */
function markersIn(pairs: readonly Pair[]): Markers {
  const marked = pairs.flatMap(({ couchbase: { presence, marked: at } }) =>
    presence === 'deleted' && at !== undefined ? [at] : [],
  );
  return { count: marked.length, oldest: marked.length === 0 ? null : Math.min(...marked) };
}

function suspectIn(key: string, phase: Phase, pair: Pair, mode: Mode): Finding | null {
  const difference = compare(phase, pair, mode);
  return difference === null ? null : { key, verdict: 'suspect', ...difference, seen: stateOf(pair) };
}
