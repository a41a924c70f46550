/** What is well with Oracle, and what is not: from what was read of it, and what the configuration wants. */
import { known, type LoginFacts, type OracleFacts, type Tables } from '../stores/facts.ts';
import { type BulkLimits, DESCRIBED, READINGS, type Reading, type ReadingName } from '../stores/load.ts';
import { TOO_OLD_TODO, tooNewFor } from '../stores/oracle/required_release.ts';
import { LOGINS, type Login } from '../stores/oracle/rights.ts';
import type { Subject } from '../stores/oracle/schema.ts';
import { databaseVerdicts } from './database.ts';
import { encryptionVerdict } from './encryption.ts';
import {
  bad,
  doubtful,
  good,
  isReached,
  judged,
  type Line,
  linesOf,
  reached,
  type Side,
  type Verdict,
} from './line.ts';
import { accountVerdicts } from './login.ts';
import { timedVerdicts } from './timed.ts';

export interface OracleWanted {
  readonly bulkLimits: BulkLimits;
  readonly side: Side;
  /** Milliseconds for one call. */
  readonly call: number;
  /** Sessions that all functions may open together; null where it is not known. */
  readonly sessions: number | null;
  /** What functions log in as this user for. */
  readonly logins: readonly Login[];
  /** What the tables have that only later releases know. */
  readonly needs: readonly Pick<Subject, 'name' | 'needs'>[];
}

/** The oldest one that Crossfade works with, and the one that ends the years in which it is known. */
const OLDEST = 19;
const CODES: Readonly<Record<ReadingName, string>> = {
  ...{ recoveryArea: 'ORACLE_RECOVERY_AREA', standbyLag: 'ORACLE_STANDBY_LAG', undo: 'ORACLE_UNDO' },
  ...{ temp: 'ORACLE_TEMP', sessions: 'ORACLE_PROCESSES', tablespace: 'ORACLE_TABLESPACE' },
};

export function oracleLines(facts: OracleFacts, wanted: OracleWanted): Line[] {
  const answers = reached(facts.answers, wanted.side, facts.encryption.kind === 'read');
  if (!isReached(facts.answers))
    return linesOf({ ORACLE: answers, ORACLE_TLS: judged(facts.encryption, encryptionVerdict) });
  return linesOf({
    ...{ ORACLE: answers, ORACLE_TLS: judged(facts.encryption, encryptionVerdict) },
    ORACLE_VERSION: judged(facts.version, (text) => version(text, wanted.needs)),
    ORACLE_CHARACTER_SET: judged(facts.characterSet, characterSet),
    ORACLE_NLS: judged(facts.sorting, sorting),
    ORACLE_TABLES: judged(facts.tables, tablesVerdict),
    ORACLE_RIGHTS: judged(facts.missingRights, (missing) => rights(missing, facts)),
    ORACLE_LOGINS: loginsVerdict(wanted.logins),
    ...accountVerdicts(facts, wanted.sessions),
    ...databaseVerdicts(facts),
    ...Object.fromEntries(
      READINGS.map((name) => [CODES[name], reading(name, facts.readings[name], wanted.bulkLimits)]),
    ),
    ...timedVerdicts('ORACLE', facts, wanted.call),
  });
}

function version(text: string, needs: OracleWanted['needs']): Verdict {
  const major = Number.parseInt(text, 10);
  if (major < OLDEST)
    return bad(
      `${text}: Crossfade needs ${OLDEST}c or later`,
      'Upgrade the database before anything is created in it',
    );
  const unknown = tooNewFor(major, needs);
  return unknown.length === 0
    ? good(text)
    : bad(`${text}, which does not know the types of ${some(unknown)}`, TOO_OLD_TODO);
}

function characterSet(found: string): Verdict {
  return found === 'AL32UTF8'
    ? good(found)
    : bad(
        `${found}, which cannot hold every key and every body`,
        'Use a database (or a pluggable one) whose character set is AL32UTF8',
      );
}

function sorting(found: readonly string[]): Verdict {
  return found.every((each) => each === 'BINARY')
    ? good('sessions sort and compare by bytes')
    : bad(
        `sessions sort or compare as ${found.join(' and ')}, and not by bytes: keys would be listed in another order than in Couchbase`,
        'Look for a logon trigger of the user that sets NLS_SORT or NLS_COMP, and drop it',
      );
}

function tablesVerdict({ wanted, missing }: Tables): Verdict {
  if (missing.length === 0) return good(`all ${wanted} are there`);
  const todo = 'Deploy, or npx crossfade schema --grant-to USER as the owner of the tables';
  return missing.length === wanted
    ? doubtful(
        'there are none yet, or the user may not see them: before the first deployment that is as it should be',
        todo,
      )
    : bad(`missing, or not to be seen by the user: ${missing.join(', ')}`, todo);
}

/** Of a list: as many as a line names at most. */
const NAMED = 5;

function some(all: readonly string[]): string {
  const more = all.length > NAMED ? `, and ${all.length - NAMED} more` : '';
  return `${all.slice(0, NAMED).join(', ')}${more}`;
}

function rights(
  lacking: readonly string[],
  { tables, surplusRights }: Pick<OracleFacts, 'tables' | 'surplusRights'>,
): Verdict {
  const without = tables.kind === 'read' ? tables.value.missing : [];
  // Where there is no table nothing can be granted.
  const missing = lacking.filter((each) => !without.some((table) => each.endsWith(` ON ${table}`)));
  if (missing.length > 0)
    return bad(
      `the user lacks ${missing.join(', ')}`,
      'npx crossfade schema --grant-to USER as the owner of the tables',
    );
  const surplus = surplusRights.kind === 'read' ? surplusRights.value : [];
  if (surplus.length === 0)
    return good('the user may do with the tables that are there what it needs, and nothing else');
  return doubtful(
    `the user may do more than it needs: ${some(surplus)}`,
    'Once no function of a version before runs: npx crossfade schema --revoke, with the users of the secrets, as the owner of the tables',
  );
}

/** Whether another login is accepted, and what it may do: a line each, such as ORACLE_WORK. */
export function loginVerdicts(
  logins: readonly Login[],
  { answers, isRead, ...facts }: LoginFacts,
  side: Side,
): Readonly<Record<string, Verdict>> {
  const verdict = isReached(answers)
    ? judged(facts.missingRights, (missing) =>
        rights(missing, { ...facts, tables: known({ wanted: 0, missing: [] }) }),
      )
    : reached(answers, side, isRead);
  return Object.fromEntries(logins.map((login) => [`ORACLE_${login.toUpperCase()}`, verdict]));
}

function loginsVerdict(logins: readonly Login[]): Verdict {
  if (logins.length < LOGINS.length)
    return good(`the functions have logins of their own: this one is to ${logins.join(' and to ')}`);
  return doubtful(
    'all functions log in as one user: whoever takes over the API can forge the outcome of runs, close dead letters, and write into the audit log',
    'Give the workers and the controller secrets of their own, deployment.secrets.oracleWork and oracleControl: "Logins in Oracle" of the manual',
  );
}

function reading(name: ReadingName, found: Reading | undefined, limits: BulkLimits): Verdict {
  const { name: what, unit, grants, act } = DESCRIBED[name];
  const limit = limits[name];
  if (limit === null) return good('it is not watched: the configuration says so');
  switch (found?.kind) {
    case 'value': {
      const seen = `${what}: ${found.value} ${unit}`;
      if (found.value >= limit.pause) return bad(`${seen}; from ${limit.pause} on bulk work pauses`, act);
      return found.value >= limit.slow
        ? doubtful(`${seen}; from ${limit.slow} on bulk work goes slower`, act)
        : good(seen);
    }
    case 'none':
      return good(`${what}: there is none`);
    case 'notGranted':
      return judged(
        { kind: 'notGranted', right: grants.map((view) => `SELECT ON SYS.${view}`).join(', ') },
        good,
      );
    default:
      return {
        state: 'unknown',
        seen: `${what}: ${found?.why ?? 'it was not asked, since Oracle was silent before'}`,
        todo: null,
      };
  }
}
