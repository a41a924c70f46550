/** What is known of one document, over both stores and the books of Oracle. */
import type { ExplainPorts } from '../operations/explain.ts';
import type { Pair } from '../stores/snapshot.ts';
import { look } from '../verification/look.ts';
import { looksAt } from '../verification/ports.ts';
import type { Container } from './container.ts';
import { setAsidePorts } from './set_aside.ts';

/** Repairs and findings that are told of a document, and entries of what was set aside. */
const MOST = { notes: 20, entries: 100 };

export function explainPorts(
  { stores, phases, configuration }: Pick<Container, 'stores' | 'phases' | 'configuration'>,
  collection: string,
): ExplainPorts {
  const { ledger } = stores;
  const looks = looksAt(stores.of(collection), 'whole', Date.now, configuration.timing.call);
  return {
    phase: async () => (await phases.current(collection)).phase,
    look: async (key, phase) => (await look([key], looks, phase))[0] as Pair,
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
