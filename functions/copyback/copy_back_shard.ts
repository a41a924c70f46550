/**
 * Copies the documents of one shard from Oracle back to Couchbase, for the way back after `contract`: compares versions, and lets
 * converge, the one repair, make Couchbase what Oracle is where they differ. It runs in `settle`, where Oracle orders all keys, and
 * again in `switch`, where converge gives each key back to Couchbase.
 */
import pMap from 'p-map';
import type { Phase } from '../protocol/phase.ts';
import type { Settled } from '../reconciliation/settle.ts';
import { type BatchLimits, keysOf, type Sized } from '../runs/batches.ts';
import { type Finding, poison, type Walked, walkShard } from '../runs/walk_shard.ts';
import { PoisonDocument } from '../stores/failure.ts';
import type { ShardRow } from '../stores/oracle/ledger_rows.ts';
import { compare } from '../verification/compare.ts';
import { type ComparePorts, look } from '../verification/compare_shard.ts';
import type { Pair } from '../verification/seen.ts';

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
    const differing = keys.filter((_, n) => compare(phase, pairs[n] as Pair, 'version') !== null);
    const found = await pMap(differing, (key) => copyOne(key, ports), { concurrency: CONCURRENCY });
    const findings = found.filter((each) => each !== null);
    for (const finding of findings) await ports.setAside(finding);
    const [listed, failed] = [keys.length, findings.length];
    const applied = differing.length - failed;
    const counts = { listed, applied, failed, stale: listed - differing.length, gone: 0, bytes: 0 };
    await ports.record({ to: keys.at(-1) as string, counts, findings });
  };
  return walkShard(row, ports, limits, { prepare: (batch) => look(keysOf(batch), ports, phase), act });
}

async function copyOne(key: string, ports: CopyBackPorts): Promise<Finding | null> {
  try {
    // Others keep writing it, and their receipts settle it; one more does no harm.
    if ((await ports.converge(key)) === 'busy') await ports.repair(key);
    return null;
  } catch (error) {
    if (error instanceof PoisonDocument) return poison(key, error.message);
    throw error;
  }
}
