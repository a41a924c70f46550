/** What is known of one document, over both stores and the books of Oracle. */
import type { ExplainPorts, Looked } from '../operations/explain.ts';
import { phaseOfKey } from '../phases/ramp.ts';
import type { Phase } from '../protocol/phase.ts';
import { type Both, couchbaseSizes } from '../runs/ports.ts';
import { PoisonDocument } from '../stores/failure.ts';
import { bodySizes } from '../stores/oracle/inspect.ts';
import type { Pair } from '../stores/snapshot.ts';
import { look } from '../verification/look.ts';
import { looksAt } from '../verification/ports.ts';
import { explainsRows } from '../verification/projected_ports.ts';
import type { Container } from './container.ts';
import { setAsidePorts } from './set_aside.ts';

/** Bytes of the largest body that is read: its tree takes many times as much memory, in a function that others use, too. */
const LARGEST = 4 * 1024 * 1024;
/** Repairs and findings that are told of a document, and entries of what was set aside. */
const MOST = { notes: 20, entries: 100 };

export function explainPorts(
  { stores, phases, configuration }: Pick<Container, 'stores' | 'phases' | 'configuration'>,
  collection: string,
): ExplainPorts {
  const { ledger } = stores;
  return {
    taking: (key) => stores.of(collection).selection.of(key),
    phase: async (key) => phaseOfKey(await phases.current(collection), key),
    look: (key, phase) => measuredLook(stores.of(collection), key, phase, configuration.timing.call),
    ...explainsRows(stores.of(collection)),
    findings: (key) => stores.findings.ofKey(key, MOST.notes),
    repairs: (key) => stores.repairs.of(collection, key, MOST.notes),
    letters: (key) => stores.letters.ofKey(collection, key),
    setAside: (key) => setAsidePorts(stores, collection).list({ key }, null, MOST.entries),
    runs: async (key) => {
      const runs = await ledger.underWay(collection);
      return Promise.all(runs.map(async (run) => ({ ...run, shard: await ledger.shardWith(run.id, key) })));
    },
  };
}

/** Measures the bodies before it reads them, if it does. @param call the longest time of one call, in milliseconds. */
export async function measuredLook(both: Both, key: string, phase: Phase, call: number): Promise<Looked> {
  const [[couchbase = null], [oracle = null]] = await Promise.all([
    couchbaseSizes(both, call)([key]).catch(ofNoDocument),
    bodySizes(both.database, both.table.name, [key]),
  ]);
  const isLarge = Math.max(couchbase ?? 0, oracle ?? 0) > LARGEST;
  const looks = looksAt(both, isLarge ? 'outside' : 'whole', Date.now, call);
  const [pair] = await look([key], looks, phase);
  return { ...(pair as Pair), ...(isLarge ? { bytes: { couchbase, oracle } } : {}) };
}

/** A key that Couchbase cannot have is one of no document. */
function ofNoDocument(error: unknown): (number | null)[] {
  if (error instanceof PoisonDocument) return [null];
  throw error;
}
