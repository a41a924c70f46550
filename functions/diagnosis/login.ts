/** The login of the functions in Oracle: its profile, its password, the owner's quotas. */
import type { Account, OracleFacts, OwnerFacts, Quotas } from '../stores/facts.ts';
import { bad, doubtful, good, isReached, judged, reached, type Verdict } from './line.ts';

type Profile = Readonly<Record<string, string>>;

/** Refused logins that two rotations of a password may cost: all functions share the account. */
const ENOUGH_ATTEMPTS = 10;
/** Per cent of a quota. */
const [MUCH, MOST] = [85, 95];
/** Oracle says so of what it does not bound. */
const NO_LIMIT = 'UNLIMITED';
const OF_ALL = 'DEFAULT';

/** @param sessions that all functions may open together; null where it is not known. */
export function accountVerdicts(
  { profile, account, quotas }: OracleFacts,
  sessions: number | null,
): Readonly<Record<string, Verdict>> {
  const limit = (name: string, judge: (value: string) => Verdict) =>
    judged(profile, (limits) => limitVerdict(limits, name, judge));
  return {
    ORACLE_ACCOUNT: judged(account, accountVerdict),
    ORACLE_FAILED_LOGINS: limit('FAILED_LOGIN_ATTEMPTS', failedLogins),
    ORACLE_PASSWORD_LIFE: limit('PASSWORD_LIFE_TIME', passwordLife),
    ORACLE_PASSWORD_ROLLOVER: judged(profile, rollover),
    ORACLE_SESSIONS_PER_USER: limit('SESSIONS_PER_USER', (value) => sessionsPerUser(value, sessions)),
    ORACLE_QUOTA: judged(quotas, quotaVerdict),
  };
}

export function ownerVerdicts({
  answers,
  encryption,
  createsTables,
  quotas,
}: OwnerFacts): Readonly<Record<string, Verdict>> {
  const login = reached(answers, 'here', encryption.kind === 'read');
  if (!isReached(answers)) return { ORACLE_OWNER: login };
  return {
    ORACLE_OWNER: judged(createsTables, (creates) =>
      creates
        ? good('the login of the owner is accepted, and may create tables')
        : bad(
            'the owner may not create tables',
            'As a DBA: GRANT CREATE TABLE TO the user of the secret deployment.secrets.oracleOwner',
          ),
    ),
    ORACLE_OWNER_QUOTA: judged(quotas, quotaVerdict),
  };
}

function limitVerdict(limits: Profile, name: string, judge: (value: string) => Verdict): Verdict {
  const value = limits[name];
  if (value === undefined) return { state: 'unknown', seen: `the profile tells no ${name}`, todo: null };
  if (value === OF_ALL)
    return {
      state: 'unknown',
      seen: `${name} is what the profile DEFAULT says`,
      todo: `Look it up as a DBA: SELECT LIMIT FROM DBA_PROFILES WHERE PROFILE = 'DEFAULT' AND RESOURCE_NAME = '${name}'`,
    };
  return judge(value);
}

function accountVerdict({ user, schema, status, expires }: Account): Verdict {
  const whose = user === schema ? 'which owns the tables' : `and the tables are those of ${schema}`;
  const seen = `${user}, ${whose}; ${status}${expires === null ? '' : `, its password expires on ${expires}`}`;
  if (status !== 'OPEN')
    return bad(
      seen,
      `As a DBA: ALTER USER ${user} ACCOUNT UNLOCK, or give it a new password; then the secret`,
    );
  return expires === null
    ? good(seen)
    : doubtful(
        seen,
        'Change the password before, as "Changing Oracle\'s password" of the manual says; or give the user a profile without expiry',
      );
}

function failedLogins(value: string): Verdict {
  if (value === NO_LIMIT) return good('refused logins lock no account');
  const seen = `${value} refused logins in a row lock the account, and then the right password is refused too`;
  const todo = `Give the user a profile with FAILED_LOGIN_ATTEMPTS of ${ENOUGH_ATTEMPTS} or more`;
  return Number(value) < ENOUGH_ATTEMPTS ? bad(seen, todo) : good(seen);
}

function passwordLife(value: string): Verdict {
  if (value === NO_LIMIT) return good('the password does not expire');
  return doubtful(
    `the password expires after ${value} days, and all functions are refused then`,
    'Rotate it before that, or give the user a profile with PASSWORD_LIFE_TIME UNLIMITED',
  );
}

function rollover(limits: Profile): Verdict {
  const value = limits.PASSWORD_ROLLOVER_TIME;
  const todo =
    'Give the user a profile with PASSWORD_ROLLOVER_TIME of a day (19.12 and later), or rotate between two users: otherwise a new password costs answers 503';
  if (value === undefined) return doubtful('this database knows no PASSWORD_ROLLOVER_TIME', todo);
  if (value === OF_ALL) return limitVerdict(limits, 'PASSWORD_ROLLOVER_TIME', good);
  return Number(value) > 0
    ? good(`after a change both passwords are accepted for ${value} days`)
    : doubtful('the old password is refused as soon as there is a new one', todo);
}

function sessionsPerUser(value: string, sessions: number | null): Verdict {
  if (value === NO_LIMIT) return good('the user may open as many sessions as the database has');
  const seen = `the user may open ${value} sessions`;
  const todo = 'Raise SESSIONS_PER_USER of its profile to deployment.oracleSessions or more, or lower that';
  if (sessions === null) return doubtful(`${seen}; how many the functions need is not known here`, todo);
  return Number(value) < sessions
    ? bad(`${seen}, and the functions may need ${sessions}`, todo)
    : good(`${seen}, and the functions need ${sessions} at most`);
}

function quotaVerdict({ unlimited, tablespaces }: Quotas): Verdict {
  if (unlimited) return good('the owner of the tables has UNLIMITED TABLESPACE');
  if (tablespaces.length === 0)
    return bad(
      'the owner of the tables has a quota on no tablespace: it can store nothing',
      'As a DBA: ALTER USER OWNER QUOTA UNLIMITED ON TABLESPACE',
    );
  const used = tablespaces.map(({ name, used, most }) => ({
    name,
    percent: most === null ? 0 : Math.round((100 * used) / Math.max(1, most)),
    most,
  }));
  const fullest = used.reduce((a, b) => (b.percent > a.percent ? b : a));
  const seen = used
    .map(({ name, percent, most }) =>
      most === null ? `${name}: no limit` : `${name}: ${percent} % of ${most} bytes`,
    )
    .join(', ');
  const todo = `As a DBA: ALTER USER OWNER QUOTA UNLIMITED ON ${fullest.name}; npx crossfade space tells what a month needs`;
  if (fullest.percent >= MOST) return bad(`the quota is used up: ${seen}`, todo);
  return fullest.percent >= MUCH ? doubtful(seen, todo) : good(seen);
}
