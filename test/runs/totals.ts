/** What the ledger adds up in Oracle, added up here: of rows that a test has made. */
import type { ShardRow, Totals } from '../../functions/records/run.ts';

export function totalsOf(rows: readonly ShardRow[]): Totals {
  const sum = (name: 'listed' | 'applied' | 'stale' | 'gone' | 'failed' | 'bytes') =>
    rows.reduce((total, row) => total + row[name], 0);
  return {
    ...{ shards: rows.length, done: rows.filter(({ state }) => state === 'done').length },
    changed: Math.max(0, ...rows.map(({ changed }) => changed)),
    ...{ listed: sum('listed'), applied: sum('applied'), stale: sum('stale') },
    ...{ gone: sum('gone'), failed: sum('failed'), bytes: sum('bytes'), markers: null },
    passed: null,
  };
}

export function openOf(rows: readonly ShardRow[], most: number): number[] {
  const open = rows.filter(({ state }) => state === 'open').map(({ shard }) => shard);
  return open.slice(0, most);
}
