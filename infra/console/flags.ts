/** Which parameters are changed so that operators' flags ask for something else, and in which order. */
import type { Wished } from '../../functions/control/seen.ts';
import { type Change, changesToPhase, VALUES } from '../../functions/phases/flags.ts';
import { FLAGS, type FlagName, flagOf, flagOfAll, INHERIT } from '../../functions/phases/parameters.ts';
import { type Flags, PHASES, RESTING_PHASES, wantedPhase } from '../../functions/protocol/phase.ts';

export type { Change };

/**
 * In the order in which they are made.
 * @param what a flag, a phase that can be asked for, or `inherit`. Null where it is nothing of these, or the value does not fit.
 */
export function changesTo(what: string, value: string | undefined): Change[] | null {
  const flag = FLAGS.find((name) => name === what);
  if (flag !== undefined) return value === undefined ? null : [{ flag, value }];
  if (value !== undefined) return null;
  if (what === INHERIT) return FLAGS.map((name) => ({ flag: name, value: INHERIT }));
  const phase = RESTING_PHASES.find((each) => each === what);
  return phase === undefined ? null : changesToPhase(phase);
}

/** What is wrong with what is asked to be set, and what it can be; null where nothing is. @param collection null for all. */
export function mistakeIn(what: string, value: string | undefined, collection: string | null): string | null {
  const asked = `set ${what}${value === undefined ? '' : ` ${value}`}`;
  const flag = FLAGS.find((name) => name === what);
  if (flag !== undefined) {
    const allowed = collection === null ? VALUES[flag] : [...VALUES[flag], INHERIT];
    if (value === undefined) return `${asked}: the value is missing. It can be ${listed(allowed)}`;
    return allowed.includes(value) ? null : `${asked}: ${flag} can be ${listed(allowed)}`;
  }
  if (what === INHERIT && collection === null)
    return `${asked}: the collection is missing. Give --collection NAME`;
  const isWhole = what === INHERIT || RESTING_PHASES.some((phase) => phase === what);
  if (isWhole) return value === undefined ? null : `${asked}: ${what} takes no value`;
  const isPassed = PHASES.some((phase) => phase === what);
  const why = isPassed
    ? `${what} is only passed through, on the way to another phase`
    : 'there is no such phase or flag';
  return (
    `${asked}: ${why}. It can be ${listed(RESTING_PHASES)}; ${listed(FLAGS)} with a value; ` +
    `or ${INHERIT} with --collection NAME`
  );
}

function listed(all: readonly string[]): string {
  return `${all.slice(0, -1).join(', ')} or ${all.at(-1)}`;
}

/** @param collection null for all. */
export function parameterOf(prefix: string, collection: string | null, flag: FlagName): string {
  return collection === null ? flagOfAll(prefix, flag) : flagOf(prefix, collection, flag);
}

/** Why a collection could not be where the flags would then ask for; null where it could. @param alone whether the flags are its own. */
export function refusalOf({ wish }: Wished, changes: readonly Change[], alone: boolean): string | null {
  // Whoever mends what cannot be read is not kept from it, nor who goes back to what all have.
  if (wish === null || changes.some(({ value }) => value === INHERIT)) return null;
  const counting = changes.filter(({ flag }) => alone || !wish.own.includes(flag));
  const asked: Flags = Object.assign({ ...wish.flags }, ...counting.map(partOf));
  const wanted = wantedPhase(asked);
  return 'refused' in wanted ? wanted.refused : null;
}

function partOf({ flag, value }: Change): Partial<Flags> {
  if (flag === 'reads') return { reads: value as Flags['reads'] };
  return flag === 'couchbase-writes'
    ? { couchbaseWrites: value === 'true' }
    : { oracleWrites: value === 'true' };
}
