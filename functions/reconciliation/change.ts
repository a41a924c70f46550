/** Settles the receipt that a change feed has led to: what it finds was written past the API, if it is not there already. */
import { CallFailed } from '../protocol/call.ts';
import { type Phase, ROUTES } from '../protocol/phase.ts';
import { type CouchbaseState, floorOf, isNothing, type OracleState, sameContent } from '../protocol/state.ts';
import type { Receipt, SendReceipt } from '../stores/receipt.ts';
import { type Change, type Settled, type Stores, settle } from './settle.ts';

/**
 * `none`: both stores agreed, so it was a write of our own, or one that was found already. `touch`: another CAS over the same content. `foreign`: Oracle did
 * not have it.
 */
export type Told = 'none' | 'touch' | 'foreign';

/**
 * As `settle`. Where Oracle orders the keys, a document that was only touched is left alone: a repair would write it, and who touches each write would touch
 * that one too, and tell of it, for ever.
 */
export async function settleChange(
  receipt: Receipt,
  phase: Phase,
  stores: Stores,
  send: SendReceipt,
  timely: () => boolean,
  changed: (change: Change) => void,
): Promise<{ readonly settled: Settled; readonly told: Told }> {
  const { order, second } = ROUTES[phase];
  if (second === null)
    return { settled: await settle(receipt, phase, stores, send, timely, changed), told: 'none' };
  if (!timely()) throw new CallFailed('No time is left for a look at both stores');
  const row = await stores.oracle.read(receipt.key, {});
  const held = await stores.couchbase.read(receipt.key, {});
  const isTouched = held.cas !== 0n && held.version !== row.version && sameContent(held.content, row.content);
  if (isTouched && order === 'oracle') return { settled: 'settled', told: 'touch' };
  if (phase === 'expand' && (await learnt(receipt.key, held, row, stores, timely)))
    return { settled: 'settled', told: 'foreign' };
  let changes = 0;
  const settled = await settle(receipt, phase, stores, send, timely, (change) => {
    changes++;
    changed(change);
  });
  if (changes === 0) return { settled, told: 'none' };
  return { settled, told: isTouched ? 'touch' : 'foreign' };
}

/**
 * Oracle learns of a deletion of what it never had, as it does from a deletion by the API: a backfill may have read the document before, and its copy is yet to come. Of
 * what Oracle has, the repair takes care.
 */
async function learnt(
  key: string,
  held: CouchbaseState,
  row: OracleState,
  { couchbase, oracle }: Stores,
  timely: () => boolean,
): Promise<boolean> {
  if (!isNothing(held) || row.content !== null || row.handoff !== null || !timely()) return false;
  const gone = await couchbase.gone(key, {});
  if (gone === null || gone <= floorOf(row) || !timely()) return false;
  return oracle.apply(key, { content: null, version: gone });
}
