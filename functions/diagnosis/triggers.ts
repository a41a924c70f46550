/** Triggers on the tables: our own, which sees what is changed by SQL, and those of others, which may change rows. */

import type { Fact, Trigger } from '../stores/facts.ts';
import { watchName } from '../stores/oracle/sql_watch.ts';
import { bad, doubtful, good, judged, type Verdict } from './line.ts';

export interface TriggersWanted {
  /** Whether the look was made as the owner of the tables. */
  readonly asOwner: boolean;
  /** Tables of collections. */
  readonly watched: readonly string[];
  /** All tables of Crossfade. */
  readonly tables: readonly string[];
  /** Whom the functions log in as, as far as that is known, in capitals. */
  readonly users: readonly string[];
}

const CREATE =
  'npx crossfade schema --watch-sql on --serve APP --work WORKER --control CHIEF, with ORACLE_… of the owner of the tables';
/** Triggers that are named in a line at most. */
const NAMED = 5;

export function triggerVerdicts(
  triggers: Fact<readonly Trigger[]>,
  wanted: TriggersWanted,
): Readonly<Record<string, Verdict>> {
  const of = (judge: (found: readonly Trigger[]) => Verdict) =>
    judged(triggers, (found) => {
      const ours = found.filter(({ table }) => wanted.tables.includes(table));
      return ours.length === 0 && !wanted.asOwner ? UNSEEN : judge(ours);
    });
  return {
    ORACLE_SQL_WATCH: of((found) => watchVerdict(found.filter(isOurs), wanted)),
    ORACLE_TRIGGERS: of((found) => othersVerdict(found.filter((trigger) => !isOurs(trigger)))),
  };
}

const UNSEEN: Verdict = {
  ...{
    state: 'unknown',
    seen: 'Oracle shows triggers to the owner of the tables, and this user is another one',
  },
  todo: 'npx crossfade doctor --from here looks as the owner too (deployment.secrets.oracleOwner)',
};

function isOurs({ table, name }: Trigger): boolean {
  return name === watchName(table);
}

function watchVerdict(found: readonly Trigger[], { watched, users }: TriggersWanted): Verdict {
  const missing = watched.filter((table) => found.every((trigger) => trigger.table !== table));
  const disabled = found.filter(({ enabled }) => !enabled).map(({ table }) => table);
  const fires = users.filter((user) => found.some(({ when }) => when?.includes(`'${user}'`) !== true));
  if (found.length === 0)
    return good(
      `no table has the trigger that sees changes by SQL: in settle and contract a verification by content alone finds them. To see each one: ${CREATE}`,
    );
  if (disabled.length > 0)
    return bad(
      `the trigger that sees changes by SQL is disabled on ${disabled.join(', ')}: nothing is seen there`,
      `Create it anew: ${CREATE}; or drop it: --watch-sql off`,
    );
  if (fires.length > 0)
    return bad(
      `the trigger that sees changes by SQL fires for ${fires.join(', ')}, whom the functions log in as: each of their writes is noted, and gets a version of its own`,
      `Create it anew, with all users of the functions: ${CREATE}`,
    );
  if (missing.length > 0)
    return doubtful(
      `the trigger that sees changes by SQL is on ${found.length} of ${watched.length} tables, and not on ${missing.join(', ')}`,
      CREATE,
    );
  const owners = [...new Set(found.map(({ owner }) => owner))].join(', ');
  return good(
    `each of ${found.length} tables has the trigger that sees changes by SQL, enabled; it belongs to ${owners}`,
  );
}

function othersVerdict(found: readonly Trigger[]): Verdict {
  const enabled = found.filter((trigger) => trigger.enabled);
  if (enabled.length === 0)
    return good(
      found.length === 0
        ? 'no table has a trigger of others'
        : `all triggers of others are disabled: ${named(found)}`,
    );
  return doubtful(
    `triggers of others: ${named(enabled)}`,
    'Look at each: one that sets columns, or changes rows of these tables, changes documents behind Crossfade, and one that raises an error refuses writes. ' +
      'One that only writes elsewhere costs time in each write. Drop or disable those that are not needed',
  );
}

function named(triggers: readonly Trigger[]): string {
  const names = triggers
    .slice(0, NAMED)
    .map(({ owner, name, table, type, event }) => `${owner}.${name} on ${table} (${type}, ${event})`);
  return [...names, ...(triggers.length > NAMED ? [`${triggers.length - NAMED} more`] : [])].join(', ');
}
