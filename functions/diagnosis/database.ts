/** What Oracle keeps of its own past: standbys, logs, undo. */
import type { Database, Fact, OracleFacts } from '../stores/facts.ts';
import { bad, doubtful, good, judged, type Verdict } from './line.ts';

/** Modes in which a commit waits for a standby. */
const SAFE = ['MAXIMUM AVAILABILITY', 'MAXIMUM PROTECTION'];
/** Seconds: the default of UNDO_RETENTION. */
const RETENTION = 900;

export function databaseVerdicts({
  role,
  database,
  standbys,
  undoRetention,
}: OracleFacts): Readonly<Record<string, Verdict>> {
  return {
    ORACLE_ROLE: judged(role, roleVerdict),
    ORACLE_DATA_GUARD: judged(database, ({ protection }) => dataGuard(protection, standbys)),
    ORACLE_LOG_MODE: judged(database, logMode),
    ORACLE_FLASHBACK: judged(database, ({ flashback }) => good(`FLASHBACK_ON is ${flashback}`)),
    ORACLE_UNDO_RETENTION: judged(undoRetention, retention),
  };
}

function roleVerdict(role: string): Verdict {
  return role === 'PRIMARY'
    ? good('it is the primary')
    : bad(
        `it is ${role}: nothing can be written there`,
        'Let the connectString of the secret lead to the primary, by a service that follows its role',
      );
}

function dataGuard(protection: string, standbys: Fact<number>): Verdict {
  if (SAFE.includes(protection)) return good(`${protection}: a failover loses no commit`);
  const todo =
    'Set the protection mode to MAXIMUM AVAILABILITY with synchronous redo, or set the flags back to legacy before a failover';
  if (standbys.kind !== 'read')
    return doubtful(
      `${protection}; whether there is a standby could not be read. With one, a failover may lose commits`,
      todo,
    );
  if (standbys.value === 0) return good(`${protection}, and no standby gets redo from here`);
  return bad(`${protection} with ${standbys.value} standby: a failover may lose what was acknowledged`, todo);
}

function logMode({ logMode: mode }: Database): Verdict {
  return mode === 'ARCHIVELOG'
    ? good('its logs are archived: it can be brought back to any time')
    : doubtful(
        `${mode}: a lost disk takes away all commits since the last backup, and from settle on Oracle is what decides`,
        'ALTER DATABASE ARCHIVELOG, before the collections come to switch',
      );
}

function retention(seconds: number): Verdict {
  const seen = `undo is kept for ${seconds} s`;
  return seconds >= RETENTION
    ? good(seen)
    : doubtful(`${seen}: long reads may fail (ORA-01555)`, `Set UNDO_RETENTION to ${RETENTION} or more`);
}
