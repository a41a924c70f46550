/** What is refused before anything is written, since one of the stores could never take it. */
import { CallFailed } from '../protocol/call.ts';
import { type Phase, ROUTES, storesOf } from '../protocol/phase.ts';
import type { Content } from '../protocol/state.ts';
import { OperatorNeeded, PoisonDocument } from '../stores/failure.ts';
import type { Foresees, Requires } from '../stores/port.ts';
import { requireTaken, type Selects } from '../stores/selection.ts';
import type { Unstorable } from '../stores/storable.ts';
import { OutOfTime } from './guard.ts';
import type { Place } from './request.ts';

/** The stores, as far as they are asked ahead. */
export interface Ahead extends Selects {
  readonly couchbase: Requires;
  readonly oracle: Requires & Partial<Foresees>;
  /** `refuse`, if nothing is said. */
  readonly unstorable?: Unstorable | undefined;
}

/** Whether a write is acknowledged that Oracle can never take. */
export function acceptsUnstorable({ unstorable }: Pick<Ahead, 'unstorable'>, phase: Phase): boolean {
  return unstorable === 'accept' && followsInOracle(phase);
}

/** Whether Oracle's refusal comes after the answer. */
export function followsInOracle(phase: Phase): boolean {
  const { acknowledge, second } = ROUTES[phase];
  return second === 'oracle' && acknowledge === 'first';
}

/**
 * Throws `PoisonDocument`, before anything is written, for what one of the stores could never take; `CallFailed` where that cannot be told.
 *
 * - A key that the collection does not take is another collection's, or nobody's.
 * - What Couchbase could not hold could never be taken back, so it is refused in every phase.
 * - In `legacy` nobody has decided yet what Oracle's columns are to be: nothing is refused for it. `preflight` counts what it could not take.
 * - In `expand` Oracle's refusal comes after the answer. What can be foreseen is refused, and what Oracle has refused lately, unless the
 *   collection accepts it: then it is set aside.
 * - In `seal` and `switch` Couchbase is written first, and both must have the document: so Oracle is asked before, where somebody has given its
 *   table rules that the configuration does not know.
 * - In `settle` and `contract` Oracle is written first, and says so itself.
 *
 * @param timely whether a call that begins now ends in time.
 * @returns whether Oracle can never take it, and the collection accepts that.
 */
export async function requireStorable(
  { couchbase, oracle, unstorable, selection }: Ahead,
  phase: Phase,
  timely: () => boolean,
  { collection, key }: Place,
  content: Content,
): Promise<boolean> {
  requireTaken(collection, key, { selection });
  couchbase.require(key, content);
  if (!storesOf(phase).includes('oracle')) return false;
  if (acceptsUnstorable({ unstorable }, phase)) return !fits(oracle, key, content);
  oracle.require(key, content);
  if (followsInOracle(phase)) oracle.recall?.(key, content);
  if (ROUTES[phase].acknowledge === 'both') await ask(oracle, timely, key, content);
  return false;
}

/** The same for a key alone, before anything is read: what is to be written is not known yet, and Oracle is not asked. */
export function requireKey(
  { couchbase, oracle, unstorable, selection }: Ahead,
  phase: Phase,
  { collection, key }: Place,
): void {
  requireTaken(collection, key, { selection });
  couchbase.require(key, null);
  if (storesOf(phase).includes('oracle') && !acceptsUnstorable({ unstorable }, phase))
    oracle.require(key, null);
}

function fits(oracle: Ahead['oracle'], key: string, content: Content): boolean {
  try {
    oracle.require(key, content);
    return true;
  } catch (error) {
    if (error instanceof PoisonDocument) return false;
    throw error;
  }
}

async function ask(
  oracle: Ahead['oracle'],
  timely: () => boolean,
  key: string,
  content: Content,
): Promise<void> {
  if (oracle.ask === undefined) return;
  if (!timely()) throw new OutOfTime('No time is left to ask Oracle whether it takes the document');
  try {
    await oracle.ask(key, content);
  } catch (error) {
    if (error instanceof OperatorNeeded) throw new CallFailed(error.message, { cause: error });
    throw error;
  }
}
