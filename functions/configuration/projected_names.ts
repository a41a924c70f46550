/** Names of the tables and columns of projections. */
import { quoted } from '../parsing/quoted.ts';
import { isName } from '../stores/oracle/names.ts';

/** Where it is below a projection, `.table`, and what is wrong there. */
export type Problem = readonly [at: string, problem: string];

const HOW =
  'use capitals, digits and _, a capital first, 100 characters at most, and no reserved word of Oracle';

/** @param other that is wrong with it; null for nothing. */
export function nameProblems(at: string, name: string, other: string | null): Problem[] {
  if (isName(name) && other === null) return [];
  return [[at, `PROJECTION_NAME: ${quoted(name)} cannot be its name: ${other ?? HOW}`]];
}
