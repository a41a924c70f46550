/** Makes each mutation as durable as its collection wants it. */
import { type Cas, DurabilityLevel, type MutationToken } from 'couchbase';
import type { Durability, Durable } from '../durability.ts';
import { DurabilityImpossible, type Target } from '../failure.ts';
import type { Witness } from '../witness.ts';

/** `accept` does not open the gate: where each write falls back, the later gates would never open either. */
export const NEVER =
  'Where the bucket can never make durable writes, set durability: none for the collection; durabilityImpossible: accept is only for times in which replicas are missing.';

/** What every mutation gives the driver. */
export interface MutationOptions {
  readonly durabilityLevel: DurabilityLevel;
  /** Milliseconds. */
  readonly timeout: number;
}

const LEVELS: Readonly<Record<Durability, DurabilityLevel>> = {
  majority: DurabilityLevel.Majority,
  majorityAndPersistToActive: DurabilityLevel.MajorityAndPersistOnMaster,
  persistToMajority: DurabilityLevel.PersistToMajority,
  none: DurabilityLevel.None,
};

/** What the driver tells of a mutation; null where its guard failed. */
type Result = { readonly cas: Cas; readonly token?: MutationToken | undefined } | null;

/** Milliseconds that the same mutation without durability must have left, or it is not begun. */
const LEAST_LEFT = 200;

/**
 * Makes one mutation. Where its durability is impossible and the collection accepts that, makes it once more without, within the same time:
 * 1 The server has refused the durable one, so it is not applied. 2 That there are mutations without durability is remembered, so that no crash
 * after 3 hides one that was acknowledged. 3 It is made.
 * @param timeout milliseconds for all of it.
 */
export async function durably<R extends Result>(
  { level, fallBack, witness }: Durable,
  timeout: number,
  target: Target,
  act: (options: MutationOptions) => Promise<R>,
): Promise<R> {
  const mutate = (options: MutationOptions) =>
    witness === undefined ? act(options) : witnessed(witness, () => act(options));
  const began = performance.now();
  try {
    return await mutate({ durabilityLevel: LEVELS[level], timeout });
  } catch (error) {
    if (!(error instanceof DurabilityImpossible) || fallBack === null) throw error;
    const left = () => Math.floor(timeout - (performance.now() - began));
    await remembered(fallBack, left(), target, error);
    if (left() < LEAST_LEFT) throw new DurabilityImpossible(target, error.cause, NO_TIME);
    return mutate({ durabilityLevel: DurabilityLevel.None, timeout: left() });
  }
}

async function witnessed<R extends Result>(witness: Witness, mutate: () => Promise<R>): Promise<R> {
  const began = witness.now();
  const result = await mutate();
  if (result === null) return result;
  const { cas, token } = result;
  const told = token?.toJSON() as { partition_id?: unknown; partition_uuid?: unknown } | undefined;
  const { partition_id: id, partition_uuid: uuid } = told ?? {};
  // The server says 0 where it has lost the partition meanwhile (kv_engine, `EventuallyPersistentEngine::get_item_info`).
  const isTold = typeof id === 'number' && typeof uuid === 'string' && uuid !== '0';
  const partition = isTold ? { id, uuid } : null;
  witness.made({ cas: BigInt(cas.toString()), began, ended: witness.now(), partition });
  return result;
}

const NOT_REMEMBERED =
  'The collection accepts writes without durability, but that there are some could not be noted in Oracle, so this one was refused.';
const NO_TIME = 'The collection accepts writes without durability, but no time was left for one.';

/** Throws `DurabilityImpossible` where it cannot be remembered in time. @param left milliseconds. */
async function remembered(
  fallBack: () => Promise<void>,
  left: number,
  target: Target,
  { cause }: DurabilityImpossible,
): Promise<void> {
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(
    () => late.reject(new DurabilityImpossible(target, cause, NOT_REMEMBERED)),
    Math.max(0, left),
  );
  try {
    await Promise.race([fallBack(), late.promise]);
  } catch (error) {
    if (error instanceof DurabilityImpossible) throw error;
    throw new DurabilityImpossible(target, cause, `${NOT_REMEMBERED} ${String(error)}`);
  } finally {
    clearTimeout(timer);
  }
}
