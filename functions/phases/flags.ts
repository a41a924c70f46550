/** What operators want of one collection: its own flags, or those of all. */
import { quoted } from '../parsing/quoted.ts';
import { type Flags, type RESTING_PHASES, ROUTES } from '../protocol/phase.ts';
import { FLAGS, type FlagName, flagOf, flagOfAll, INHERIT } from './parameters.ts';

export interface Wish {
  readonly flags: Flags;
  /** Those that the collection does not share with the others. */
  readonly own: readonly FlagName[];
}

/** A flag is missing, or has no value that it can have. The message says which, and what it can be. */
export class BadFlag extends Error {
  override readonly name = 'BadFlag';
}

/** What a flag can be, beside `inherit` for one of a collection. */
export const VALUES: Readonly<Record<FlagName, readonly string[]>> = {
  'couchbase-writes': ['true', 'false'],
  'oracle-writes': ['true', 'false'],
  reads: ['couchbase', 'oracle'],
};

/** A parameter that is a flag. */
export interface Flag {
  readonly name: string;
  /** Null for that of all collections. */
  readonly collection: string | null;
  readonly flag: FlagName;
}

/** All that `wishOf` looks at. */
export function flagsUnder(prefix: string, collections: readonly string[]): Flag[] {
  return FLAGS.flatMap((flag) => [
    { flag, collection: null, name: flagOfAll(prefix, flag) },
    ...collections.map((collection) => ({ flag, collection, name: flagOf(prefix, collection, flag) })),
  ]);
}

/** The names of all of them. */
export function flagParameters(prefix: string, collections: readonly string[]): string[] {
  return flagsUnder(prefix, collections).map(({ name }) => name);
}

/** Throws `BadFlag`. @param values of parameters by their names. */
export function wishOf(values: ReadonlyMap<string, string>, prefix: string, collection: string): Wish {
  const own: FlagName[] = [];
  const flag = (name: FlagName): string => {
    const alone = flagOf(prefix, collection, name);
    if (values.get(alone) === INHERIT) return flagIn(values, flagOfAll(prefix, name), VALUES[name]);
    own.push(name);
    return flagIn(values, alone, [INHERIT, ...VALUES[name]]);
  };
  const flags = {
    couchbaseWrites: flag('couchbase-writes') === 'true',
    oracleWrites: flag('oracle-writes') === 'true',
    reads: flag('reads') as Flags['reads'],
  };
  return { flags, own };
}

/** What is wanted, or why a flag says nothing that can be wanted. */
export function wished(read: () => Wish): Wish | { readonly refused: string } {
  try {
    return read();
  } catch (error) {
    if (error instanceof BadFlag) return { refused: error.message };
    throw error;
  }
}

function flagIn(values: ReadonlyMap<string, string>, parameter: string, allowed: readonly string[]): string {
  const value = values.get(parameter);
  if (value !== undefined && allowed.includes(value)) return value;
  throw new BadFlag(
    `${parameter} is ${value === undefined ? null : quoted(value)}: set it to ${allowed.join(' or ')}`,
  );
}

/** A flag, and the value that it is to get. */
export interface Change {
  readonly flag: FlagName;
  readonly value: string;
}

/**
 * The controller may look between any two changes, so none of them may ask for what cannot be: what is to be written is switched
 * on first, then reads, then what is no longer to be written is switched off.
 */
export function changesToPhase(phase: (typeof RESTING_PHASES)[number]): Change[] {
  const { couchbaseWrites, oracleWrites, reads } = ROUTES[phase].flags;
  const writes: Change[] = [
    { flag: 'couchbase-writes', value: String(couchbaseWrites) },
    { flag: 'oracle-writes', value: String(oracleWrites) },
  ];
  const on = writes.filter(({ value }) => value === 'true');
  const off = writes.filter(({ value }) => value === 'false');
  return [...on, { flag: 'reads', value: reads }, ...off];
}
