/**
 * Copies the documents of one shard from Oracle back to Couchbase, for the way back after `contract`: compares versions, and lets
 * converge, the one repair, make Couchbase what Oracle is where they differ. It runs in `settle`, where Oracle orders all keys, and
 * again in `switch`, and after a forced move in `seal`, where converge gives each key back to Couchbase.
 */
import pMap from 'p-map';
import { ClockBehind } from '../protocol/order_of_key.ts';
import type { Phase } from '../protocol/phase.ts';
import type { Settled } from '../reconciliation/settle.ts';
import { type Finding, poison } from '../records/finding.ts';
import type { ShardRow } from '../records/run.ts';
import { type BatchLimits, keysOf, type Sized } from '../runs/batches.ts';
import { passedIn } from '../runs/passed.ts';
import { type Walked, walkShard } from '../runs/walk_shard.ts';
import { PoisonDocument } from '../stores/failure.ts';
import type { Pair } from '../stores/snapshot.ts';
import { compare } from '../verification/compare.ts';
import type { ComparePorts } from '../verification/compare_shard.ts';
import { look } from '../verification/look.ts';

export interface CopyBackPorts extends ComparePorts {
  /** Makes both stores agree about a key. Throws `PoisonDocument` for what Couchbase can never hold. */
  converge(key: string): Promise<Settled>;
  /** Sets a document aside, for an operator to see. May be told twice of one. */
  setAside(finding: Finding): Promise<void>;
}

/** Keys at the same time. */
const CONCURRENCY = 8;

export function copyBackShard(
  row: ShardRow,
  ports: CopyBackPorts,
  limits: BatchLimits,
  phase: Phase,
): Promise<Walked> {
  const act = async (batch: readonly Sized[], pairs: readonly Pair[]) => {
    const keys = keysOf(batch);
    const differing = keys
      .map((key, n) => ({ key, pair: pairs[n] as Pair }))
      // What the row of a deletion still has is nothing to copy.
      .filter(({ pair }) => !['remains', undefined].includes(compare(phase, pair, 'version')?.kind));
    const found = await pMap(differing, (each) => copyOne(each, ports), { concurrency: CONCURRENCY });
    const findings = found.filter((each) => each !== null);
    for (const finding of findings) await ports.setAside(finding);
    const [listed, failed] = [keys.length, findings.length];
    const applied = differing.length - failed;
    const counts = { listed, applied, failed, stale: listed - differing.length, gone: 0, bytes: 0 };
    const passed = passedIn(batch);
    await ports.record({ to: keys.at(-1) as string, counts, findings, passed });
  };
  return walkShard(row, ports, limits, {
    prepare: (batch, most) => look(keysOf(batch), ports, phase, most),
    act,
  });
}

async function copyOne(
  { key, pair }: { readonly key: string; readonly pair: Pair },
  ports: CopyBackPorts,
): Promise<Finding | null> {
  try {
    // 1. A deletion gives Couchbase a marker. 2. The worker dies before anybody is told to remove it. 3. The next one finds nothing
    // left to do, and it would stay for ever: so somebody is told to look before there is one.
    if (pair.oracle.presence !== 'live') await ports.repair(key);
    // Others keep writing it, and their receipts settle it; one more does no harm.
    if ((await ports.converge(key)) === 'busy') await ports.repair(key);
    return null;
  } catch (error) {
    if (error instanceof ClockBehind) {
      // The receipt waits with its reason, which operators see, and gives the key back later. The copy-back counts it as done: in `switch`
      // verification shuts the gate until then; in `seal`, after a forced move, nothing does, since `expand` takes such a key back itself.
      await ports.repair(key);
      return null;
    }
    if (error instanceof PoisonDocument) return poison(key, error.message);
    throw error;
  }
}
