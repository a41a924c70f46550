/** A verification by content in one piece, over an Oracle alone. */
import assert from 'node:assert/strict';
import { recordAlone } from '../../functions/books/checkpoint.ts';
import { Findings } from '../../functions/books/findings.ts';
import { Ledger } from '../../functions/books/ledger.ts';
import { ProjectedBook } from '../../functions/books/projected_book.ts';
import type { Shard } from '../../functions/protocol/shard.ts';
import type { Step } from '../../functions/records/finding.ts';
import { summarize } from '../../functions/runs/summary.ts';
import { inspectedKeys, inspectOracle } from '../../functions/stores/oracle/inspect.ts';
import { type ComparePorts, compareShard } from '../../functions/verification/compare_shard.ts';
import { Listing } from '../../functions/verification/listing.ts';
import { projectedOf } from '../../functions/verification/projected_ports.ts';
import type { TestDatabase } from '../stores/oracle/database.ts';

type Database = Pick<TestDatabase, 'connection' | 'table'>;

const RANGE = { after: 'v:', upTo: 'v;' };
const LIMITS = { documents: 4, bytes: 1_000_000 };
const now = Date.now;

/** A verification by content over keys that begin with `v:`, in which Couchbase holds what Oracle does. */
export async function verified({ connection, table }: Database, id: string, repair: boolean) {
  const ledger = new Ledger(connection);
  const [findings, projected] = [new Findings(connection), new ProjectedBook(connection)];
  const begun = { id, kind: 'verify', collection: 'c', options: { mode: 'content', repair } } as const;
  await ledger.begin({ ...begun, stamp: 's', phase: 'expand', started: 1 }, [RANGE]);
  const { hold, row } = (await ledger.take(id, 0, 1)) ?? assert.fail();
  const how = { phase: 'expand', mode: 'content', repair, most: 100 } as const;
  const ports = {
    ...portsOf({ connection, table }, id),
    record: (step: Step) => recordAlone(connection, hold, step, now()),
    finish: () => ledger.finish(hold, now()),
  };
  assert.equal(await compareShard(row, ports, LIMITS, how), 'done');
  const run = (await ledger.run(id)) ?? assert.fail();
  const summary = await summarize(run, { ledger, findings, projected }, 2);
  const of = async (verdict: 'mismatch' | 'lenient') =>
    Object.fromEntries((await findings.of(id, verdict, 100)).map(({ key, detail }) => [key, detail]));
  return { summary, mismatches: await of('mismatch'), lenient: await of('lenient') };
}

function portsOf({ connection, table }: Database, run: string): Omit<ComparePorts, 'record' | 'finish'> {
  const of = { phase: 'expand', collection: 'c', run, now, timeout: 5000 } as const;
  const projected = projectedOf({ database: connection, table }, of);
  const oracle = (keys: readonly string[], most: number) =>
    inspectOracle(connection, table.name, keys, { bodies: true, most, now: now(), columns: [] });
  const listed = (shard: Shard, limit: number) =>
    inspectedKeys(connection, table.name, shard, { which: 'all', limit, now: now() });
  const lists = { couchbase: async () => [], oracle: listed, orphans: projected?.orphans };
  const listing = new Listing(lists, 'expand');
  return {
    ...{ oracle, projected, sizes: async () => [], careful: false, timely: () => true },
    // A deletion is no marker there.
    couchbase: async (keys, most) =>
      (await oracle(keys, most)).map((seen) =>
        seen.presence === 'deleted' ? { ...seen, presence: 'absent' } : seen,
      ),
    keys: (shard, limit) => listing.next(shard, limit),
    repair: async (key) => assert.fail(`a receipt for ${key}`),
    turn: async () => ({ over: async () => {} }),
    permit: async () => ({ timely: () => true, holds: () => true }),
  };
}
