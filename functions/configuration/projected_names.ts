/** Names of the tables and columns of projections. */
import { quoted } from '../parsing/quoted.ts';
import { RESERVED } from '../stores/oracle/reserved.ts';

/** Where it is below a projection, `.table`, and what is wrong there. */
export type Problem = readonly [at: string, problem: string];

/** Oracle keeps names in capitals, up to 128 bytes since 12.2; 100 leave room for the names of constraints and indexes. */
const NAME = /^[A-Z][A-Z0-9_]{0,99}$/;
const HOW =
  'use capitals, digits and _, a capital first, 100 characters at most, and no reserved word of Oracle';

/** @param other that is wrong with it; null for nothing. */
export function nameProblems(at: string, name: string, other: string | null): Problem[] {
  if (NAME.test(name) && !RESERVED.has(name) && other === null) return [];
  return [[at, `PROJECTION_NAME: ${quoted(name)} cannot be its name: ${other ?? HOW}`]];
}
