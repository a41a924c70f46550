/** What `force` tells of keys at risk: over SSM, SQS and Oracle, each of which may be away. */

import { RiskRows } from '../books/risk.ts';
import type { Controller } from '../control/controller.ts';
import type { RiskPorts } from '../operations/risks.ts';
import { notedIn } from '../records/finding.ts';
import { isOfMapping } from '../runs/stamp.ts';
import { CONFLICTS } from '../stores/oracle/set_aside_rows.ts';
import type { Reach } from '../stores/reach.ts';
import type { Container } from './container.ts';
import { type EvidenceQueues, lettersOf } from './evidence.ts';
import { countsOf } from './queue.ts';

/** @param timely whether there is time to look at more rows. */
export function riskPorts(
  { stores, queues, now }: Pick<Container, 'stores' | 'queues' | 'now'>,
  control: Controller,
  { RECEIPTS_QUEUE, DEAD_LETTERS_QUEUE }: EvidenceQueues,
  collection: string,
  reach: Reach,
  timely: () => boolean,
): RiskPorts {
  const oracle = <A>(question: () => Promise<A>) => reach.ask('oracle', question);
  const { ledger, findings, setAside } = stores;
  const rows = new RiskRows(stores.database);
  const { oracle: store, table } = stores.of(collection);
  const unchecked = new Map<string, Promise<number>>();
  const beyond = async (run: string) => {
    const [{ failed }, tallies] = [await ledger.totals(run), await findings.within(timely).tally(run)];
    return failed - notedIn(tallies);
  };
  return {
    effective: () => control.effective(collection),
    receipts: () => countsOf(queues, RECEIPTS_QUEUE),
    letters: async () => {
      const { open, waiting, unread } = await oracle(() =>
        lettersOf(stores, collection, queues, DEAD_LETTERS_QUEUE),
      );
      return { open: open - unread, waiting, unread };
    },
    history: (kind, most) => oracle(() => ledger.history(kind, collection, most)),
    isOfMapping: (run) => isOfMapping(run, stores.mapping(collection)),
    underWay: () => oracle(() => ledger.underWay(collection)),
    unchecked: (run) => {
      const known = unchecked.get(run) ?? oracle(() => beyond(run));
      unchecked.set(run, known);
      return known;
    },
    count: (runs, wanted) => oracle(() => rows.count(runs, wanted)),
    keys: (runs, wanted, after, most) => oracle(() => rows.keys(runs, wanted, after, most)),
    lettersOf: (state, after, most) => oracle(() => rows.letters(collection, state, after, most)),
    identities: async () => {
      const { phase } = await control.effective(collection);
      const sights = await oracle(() => stores.identity.sights(collection, phase));
      return sights.flatMap(({ problem }) => problem ?? []);
    },
    notDurable: () => oracle(() => stores.notDurable.until(collection)),
    now,
    conflicts: () => oracle(() => setAside.openConflicts(table.name)),
    conflictKeys: (after, most) =>
      oracle(async () => {
        const entries = await setAside.list(table.name, { reasons: CONFLICTS, open: true }, after, most);
        return entries.map(({ id, key, reason }) => ({ key, why: reason, cursor: id }));
      }),
    handedOff: (after) => oracle(() => store.countHandedOff({ after, timely })),
    handedOffKeys: (after, most) => oracle(() => store.handedOffKeys({ after, most, timely })),
  };
}
