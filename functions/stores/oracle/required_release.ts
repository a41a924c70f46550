/** Types of columns that came with a later release than the oldest that Crossfade works with. */
import { OperatorNeeded, type Target } from '../failure.ts';
import type { OracleConnection } from './connection.ts';
import type { Subject } from './schema.ts';

const TARGET: Target = { store: 'oracle', operation: 'preflight', collection: 'CROSSFADE_SCHEMA', key: null };

/** What the tables have that a release does not know yet, one text each. @param release the major one, as 19. */
export function tooNewFor(release: number, subjects: readonly Pick<Subject, 'name' | 'needs'>[]): string[] {
  const all = subjects.flatMap(({ name, needs = [] }) => {
    const [table] = name.split('.');
    return needs
      .filter((each) => each.release > release)
      .map((each) => `${table}: ${each.what}, since ${each.release === 23 ? '23ai' : `${each.release}c`}`);
  });
  return [...new Set(all)];
}

export const TOO_OLD_TODO = 'Set native: false for these columns, or upgrade the database';

/** Throws `OperatorNeeded` with `RELEASE_TOO_OLD`. Subjects that the database has been through are not asked for. */
export async function requireReleases(
  connection: OracleConnection,
  subjects: readonly Subject[],
  versions: ReadonlyMap<string, number>,
): Promise<void> {
  const open = subjects.filter(
    ({ name, needs, steps }) => needs !== undefined && (versions.get(name) ?? 0) < steps.length,
  );
  if (open.length === 0) return;
  const version = await connection.use(TARGET, false, async (session) => session.oracleServerVersionString);
  const unknown = tooNewFor(Number.parseInt(version, 10), open);
  if (unknown.length === 0) return;
  throw new OperatorNeeded(
    TARGET,
    `RELEASE_TOO_OLD: the database is a ${version}, which does not know the types of ${unknown.join('; ')}. Nothing was executed. ${TOO_OLD_TODO}`,
  );
}
