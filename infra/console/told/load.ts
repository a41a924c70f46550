/** How hard Oracle works, and what that means for backfills, copy-backs and verifications, as people read it. */
import type { LoadSummary } from '../../../functions/runs/load.ts';
import { DESCRIBED, type ReadingName } from '../../../functions/stores/load.ts';
import { instant } from './time.ts';

/** Milliseconds. */
const OLD = 120_000;

/** As a worker of runs has read it last, for `status`. */
export function publishedLines(load: LoadSummary, now: number): string[] {
  // What was read long ago says nothing of now, but that no run has been under way since.
  const old = now - load.at > OLD ? [`read at ${instant(load.at)}, by the last run`] : [];
  return linesOf(load, old, 'npx crossfade preflight NAME prints the grants');
}

/** As it is now, with the statements that a DBA executes so that what is not watched is. */
export function presentLines(load: LoadSummary): string[] {
  const values = load.values.length === 0 ? [] : [`Oracle tells: ${load.values.join(', ')}`];
  const grants = grantsOf(named(load.notGranted), load.user ?? UNKNOWN);
  return [
    ...linesOf(load, values, 'a DBA can grant it'),
    ...[...grants, ...(grants.length === 0 ? [] : [WORKERS])].map((line) => `${INDENT}${line}`),
  ];
}

/** Stands for the user that functions of the version before do not tell. */
const UNKNOWN = 'USER';
const INDENT = ' '.repeat(14);
/** Operate, whose user is told, looks for `preflight` alone. */
const WORKERS =
  '-- and the same to the user of deployment.secrets.oracleWork, if there is one: it is the workers of runs who look';

function linesOf(
  { pauses, slowdowns, notGranted, unknown }: LoadSummary,
  first: string[],
  how: string,
): string[] {
  const missing = named(notGranted).map((name) => DESCRIBED[name].name);
  const lines = [
    ...first,
    ...pauses.map((reason) => `PAUSED, and goes on by itself: ${reason}`),
    ...slowdowns.map((reason) => `slower: ${reason}`),
    ...(unknown.length === 0 ? [] : [`could not be read: ${unknown.join(', ')}`]),
    ...(missing.length === 0
      ? []
      : [`not watched: ${missing.join(', ')}. The user of the functions lacks the right: ${how}`]),
  ];
  return lines.map((line, n) => `${n === 0 ? 'bulk work     ' : INDENT}${line}`);
}

/** @param user of the functions. */
export function grantsOf(names: readonly ReadingName[], user: string): string[] {
  return names.flatMap((name) =>
    DESCRIBED[name].grants.map(
      (view) => `GRANT SELECT ON SYS.${view} TO ${user}; -- ${DESCRIBED[name].name}`,
    ),
  );
}

/** Functions of a later version may tell of more. */
function named(names: readonly ReadingName[]): ReadingName[] {
  return names.filter((name) => name in DESCRIBED);
}
