/** Settles the receipt that a change feed has led to: what it finds was written past the API, if it is not there already. */
import { CallFailed } from '../protocol/call.ts';
import { type Phase, ROUTES } from '../protocol/phase.ts';
import {
  agree,
  type CouchbaseState,
  floorOf,
  isCopy,
  isNothing,
  type OracleState,
  sameContent,
} from '../protocol/state.ts';
import type { Version } from '../protocol/version.ts';
import type { Receipt, SendReceipt } from '../stores/receipt.ts';
import { type Change, type Settled, type Stores, settle } from './settle.ts';

/**
 * `none`: both stores agreed, or what differed was a write of our own on its way. `touch`: another CAS over the same content. `foreign`: Oracle did
 * not have it.
 */
export type Told = 'none' | 'touch' | 'foreign';

/** How a write of our own that is on its way is told from one past the API: it comes to Oracle by itself, and soon. */
export interface Patience {
  /** Whether a version that Couchbase has given is so young that a write of our own may still be on its way. */
  isYoung(version: Version): boolean;
  pause(milliseconds: number): Promise<void>;
}

/** Milliseconds between two looks at Oracle. */
const PAUSES = [50, 150, 300];

/** What a first look has found. */
interface Look {
  readonly held: CouchbaseState;
  readonly row: OracleState;
  /** CAS of the deletion where nothing is held and it is of interest; null where it is not, or Couchbase remembers none. */
  readonly gone: Version | null;
}

/**
 * As `settle`. What was only touched in Couchbase gets its version in Oracle alone, so nobody who touches each write there has anything to answer.
 */
export async function settleChange(
  receipt: Receipt,
  phase: Phase,
  stores: Stores,
  send: SendReceipt,
  timely: () => boolean,
  changed: (change: Change) => void,
  patience: Patience | null = null,
): Promise<{ readonly settled: Settled; readonly told: Told }> {
  if (ROUTES[phase].second === null)
    return { settled: await settle(receipt, phase, stores, send, timely, changed), told: 'none' };
  const look = await looked(receipt.key, phase, stores, timely);
  const { held, row } = look;
  const isTouched = held.cas !== 0n && held.version !== row.version && sameContent(held.content, row.content);
  const isOwn = !differs(phase, look) || (await arrives(receipt.key, look, stores, timely, patience));
  if (!isOwn && phase === 'expand' && (await learnt(receipt.key, look, stores, timely)))
    return { settled: 'settled', told: 'foreign' };
  let changes = 0;
  const settled = await settle(receipt, phase, stores, send, timely, (change) => {
    changes++;
    changed(change);
  });
  if (changes === 0 || isOwn) return { settled, told: 'none' };
  return { settled, told: isTouched ? 'touch' : 'foreign' };
}

async function looked(
  key: string,
  phase: Phase,
  { couchbase, oracle }: Stores,
  timely: () => boolean,
): Promise<Look> {
  const requireTime = () => {
    if (!timely()) throw new CallFailed('No time is left for a look at both stores');
  };
  requireTime();
  const row = await oracle.read(key, {});
  const held = await couchbase.read(key, {});
  const isOfInterest =
    isNothing(held) && row.handoff === null && (row.content !== null || phase === 'expand');
  if (!isOfInterest) return { held, row, gone: null };
  requireTime();
  return { held, row, gone: await couchbase.gone(key, {}) };
}

/** Whether somebody may have written past the API. A repair that finds both stores in order at first meets writes of our own alone. */
function differs(phase: Phase, { held, row, gone }: Look): boolean {
  if (isUnlearnt(phase, { held, row, gone })) return true;
  // A copy is our own, whatever Oracle holds by now.
  const isOurs = ROUTES[phase].order === 'oracle' && held.cas !== 0n && isCopy(held);
  return !isOurs && !agree(held, row);
}

/**
 * Whether Oracle has it now, by the write of our own that is on its way. A key that is written all the time is found in between at nearly each look.
 */
async function arrives(
  key: string,
  { held, row, gone }: Look,
  { oracle }: Stores,
  timely: () => boolean,
  patience: Patience | null,
): Promise<boolean> {
  const version = isNothing(held) ? gone : held.version;
  if (patience === null || version === null || row.handoff !== null || !patience.isYoung(version))
    return false;
  for (const pause of PAUSES) {
    await patience.pause(pause);
    if (!timely()) return false;
    if (floorOf(await oracle.read(key, {})) >= version) return true;
  }
  return false;
}

/** Whether a document was deleted, and Oracle, which has never had it, does not know that. Of what Oracle has, the repair takes care. */
function isUnlearnt(phase: Phase, { row, gone }: Look): boolean {
  return phase === 'expand' && row.content === null && gone !== null && gone > floorOf(row);
}

/** Oracle learns of it, as it does from a deletion by the API: a backfill may have read the document before, and its copy is yet to come. */
async function learnt(key: string, look: Look, { oracle }: Stores, timely: () => boolean): Promise<boolean> {
  if (look.gone === null || !isUnlearnt('expand', look) || !timely()) return false;
  return oracle.apply(key, { content: null, version: look.gone });
}
