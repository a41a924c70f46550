/** Rows that were changed by SQL, over Oracle and the queue of receipts. */
import { lastsAfterLook } from '../configuration/configuration.ts';
import type { DecideSqlPorts, SqlChangePorts } from '../operations/sql_changes.ts';
import { askForRepair } from '../stores/receipt.ts';
import type { Container } from './container.ts';
import type { Stores } from './stores.ts';

type Parts = Pick<Container, 'phases' | 'sendReceipt' | 'configuration'> & {
  readonly stores: Pick<Stores, 'of' | 'sqlChanges'>;
};

/** They belong to a table, whatever its collection is called. */
export function sqlChangePorts(stores: Parts['stores'], collection: string): SqlChangePorts {
  const { name } = stores.of(collection).table;
  return {
    count: (wanted) => stores.sqlChanges.count(name, wanted),
    list: (wanted, after, most) => stores.sqlChanges.list(name, wanted, after, most),
  };
}

/** @param left milliseconds in which calls may begin. */
export function decideSqlPorts(
  { stores, phases, sendReceipt, configuration: { timing } }: Parts,
  collection: string,
  left: () => number,
): DecideSqlPorts {
  const { oracle, table, selection } = stores.of(collection);
  return {
    ...sqlChangePorts(stores, collection),
    taken: (key) => selection.takes(key),
    // As for a request of a client: no call begins so late that it would end after the bake of a move that was made meanwhile.
    surroundings: async () => {
      const { phase } = await phases.current(collection);
      const began = performance.now();
      return { phase, timely: () => left() > 0 && performance.now() - began < lastsAfterLook(timing) };
    },
    row: (key) => oracle.read(key),
    newest: () => BigInt(Date.now()) * 1_000_000n,
    replace: (key, from, to) => oracle.swap(key, { from, to }),
    repair: (key, phase) => askForRepair(sendReceipt, { collection, key, phase }),
    close: (change) => stores.sqlChanges.decide(table.name, change),
    timely: () => left() > timing.call,
  };
}
