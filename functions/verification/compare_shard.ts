/** Compares both stores along the keys of one shard. What differs is a suspect: it may be a write on its way (`recheck.ts`). */
import { type Phase, ROUTES } from '../protocol/phase.ts';
import type { Finding, Step } from '../records/finding.ts';
import type { Markers, Mode, ShardRow } from '../records/run.ts';
import { type BatchLimits, keysOf, type Sized } from '../runs/batches.ts';
import { passedIn } from '../runs/passed.ts';
import { type Walked, type WalkPorts, walkShard } from '../runs/walk_shard.ts';
import { type Pair, stateOf } from '../stores/snapshot.ts';
import { compare } from './compare.ts';
import { type Looks, look } from './look.ts';

export interface ComparePorts extends WalkPorts, Looks {
  /** Moves the shard on, and writes down what was found, in one transaction. Throws `Overtaken`. */
  record(step: Step): Promise<void>;
  /** Sends a receipt: somebody makes both stores agree about the key. */
  repair(key: string): Promise<void>;
}

export interface Comparison {
  readonly phase: Phase;
  readonly mode: Mode;
  readonly repair: boolean;
  /** Suspects that are written down, a shard; those beyond are counted, and no run with one of them is clean. */
  readonly most: number;
}

export function compareShard(
  row: ShardRow,
  ports: ComparePorts,
  limits: BatchLimits,
  { phase, mode, repair, most }: Comparison,
): Promise<Walked> {
  let suspects = row.failed;
  const act = async (batch: readonly Sized[], pairs: readonly Pair[]) => {
    const keys = keysOf(batch);
    const found = pairs.flatMap((pair, n) => suspectIn(keys[n] as string, phase, pair, mode));
    const noted = found.slice(0, Math.max(0, most - suspects));
    if (repair) for (const { key } of found.slice(noted.length)) await ports.repair(key);
    // A marker goes by its receipt, which may never have been sent: its write was answered since both stores had it. In `contract` it stays.
    for (const [n, { couchbase }] of pairs.entries())
      if (couchbase.presence === 'deleted' && ROUTES[phase].flags.couchbaseWrites)
        await ports.repair(keys[n] as string);
    const [passed, failed] = [passedIn(batch), found.length];
    const { alike = 0 } = passed;
    const bytes = pairs.reduce((sum, { couchbase: { body } }) => sum + (body?.length ?? 0), 0);
    await ports.record({
      to: keys.at(-1) as string,
      counts: {
        ...{ listed: keys.length + alike, applied: keys.length - failed, failed },
        ...{ stale: alike, gone: 0, bytes },
      },
      findings: noted,
      passed,
      // From a list of keys nobody sees what lies under them.
      ...(mode === 'count' ? {} : { markers: markersIn(pairs) }),
    });
    suspects += failed;
  };
  return walkShard(row, ports, limits, {
    prepare: (batch, heaviest) => look(keysOf(batch), ports, phase, heaviest),
    act,
  });
}

/** Also those that go by the receipt that was sent just now: whoever reads Couchbase by itself has met them. */
function markersIn(pairs: readonly Pair[]): Markers {
  const marked = pairs.flatMap(({ couchbase: { presence, marked: at } }) =>
    presence === 'deleted' && at !== undefined ? [at] : [],
  );
  return { count: marked.length, oldest: marked.length === 0 ? null : Math.min(...marked) };
}

function suspectIn(key: string, phase: Phase, pair: Pair, mode: Mode): Finding[] {
  const difference = compare(phase, pair, mode);
  return difference === null ? [] : [{ key, verdict: 'suspect', ...difference, seen: stateOf(pair) }];
}
