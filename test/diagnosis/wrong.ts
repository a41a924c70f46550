/** What may be wrong with either store, one thing at a time, and what is said of it: a code, a state, and what was seen. */
import type { State } from '../../functions/diagnosis/line.ts';
import { dropWatch, enableWatch, watchName, watchTrigger } from '../../functions/stores/oracle/sql_watch.ts';
import type { Managed } from '../../infra/local/servers/couchbase/managed.ts';
import type { ViewName, ViewRow } from '../../infra/local/servers/oracle/known_views.ts';

const ELSEWHERE = { bucket_name: 'other', scope_name: '*', collection_name: '*', alias: 'o', access: 'rw' };
const OURS = { ...ELSEWHERE, bucket_name: 'crossfade', scope_name: 'test' };
const eventing = (bucket: object, source_bucket = 'other', deployment_status = true) => ({
  functions: [
    {
      appname: 'enrich',
      depcfg: { source_bucket, source_scope: 'test', source_collection: '*', buckets: [bucket] },
      settings: { deployment_status, processing_status: deployment_status },
    },
  ],
});
const REPLICATION = {
  type: 'xdcr',
  source: 'crossfade',
  target: '/remoteClusters/9eee/buckets/copy',
  status: 'running',
};
const ROLES = ['data_reader', 'data_writer', 'query_select'].map((role) => ({ role, bucket_name: '*' }));

/** What the management of Couchbase tells. */
export const COUCHBASE: readonly (readonly [string, Partial<Managed>, string, State, RegExp])[] = [
  ['no replica', { bucket: { replicaNumber: 0 } }, 'COUCHBASE_REPLICAS', 'bad', /replicas: 0/],
  ['three replicas', { bucket: { replicaNumber: 3 } }, 'COUCHBASE_REPLICAS', 'bad', /impossible/],
  [
    'writes that are acknowledged without durability',
    { bucket: { durabilityImpossibleFallback: 'fallbackToActiveAck' } },
    'COUCHBASE_DURABILITY_FALLBACK',
    'bad',
    /fallbackToActiveAck/,
  ],
  [
    'a version that would tell of the fallback, and does not',
    { version: '8.0.0-0-enterprise' },
    'COUCHBASE_DURABILITY_FALLBACK',
    'unknown',
    /ro_admin/,
  ],
  ['a maximum TTL of the bucket', { bucket: { maxTTL: 60 } }, 'COUCHBASE_MAX_TTL', 'bad', /bucket has 60 s/],
  [
    'a maximum TTL of the collection',
    { maxTtl: { 'test.documents': 9 } },
    'COUCHBASE_MAX_TTL',
    'bad',
    /test\.documents has 9 s/,
  ],
  [
    'an Ephemeral bucket',
    { bucket: { bucketType: 'ephemeral' } },
    'COUCHBASE_KEPT',
    'bad',
    /nothing on disk/,
  ],
  ['no index', { indexes: [] }, 'COUCHBASE_INDEXES', 'bad', /docs: no index/],
  ['an index that is being built', { indexes: ['building'] }, 'COUCHBASE_INDEXES', 'bad', /docs: no index/],
  [
    'a replication to another cluster',
    { tasks: [REPLICATION, { type: 'rebalance' }], remoteClusters: [{ uuid: '9eee', name: 'west' }] },
    'COUCHBASE_XDCR',
    'doubtful',
    /copy of west \(running\)/,
  ],
  ['an Eventing function that writes', eventing(OURS), 'COUCHBASE_EVENTING', 'bad', /may write .*enrich/],
  ['one that listens', eventing(ELSEWHERE, 'crossfade'), 'COUCHBASE_EVENTING', 'doubtful', /listen .*enrich/],
  [
    'one that is not deployed',
    eventing(OURS, 'crossfade', false),
    'COUCHBASE_EVENTING',
    'good',
    /no deployed/,
  ],
  ['Couchbase 7.0', { version: '7.0.5-0-enterprise' }, 'COUCHBASE_VERSION', 'bad', /7\.0\.5.*needs 7\.6/],
  ['Couchbase 7.2', { version: '7.2.4-0-enterprise' }, 'COUCHBASE_VERSION', 'doubtful', /sampling scans/],
  ['a sick node', { status: 'unhealthy' }, 'COUCHBASE_NODES', 'bad', /unhealthy/],
  ['a role that is missing', { roles: ROLES.slice(1) }, 'COUCHBASE_ROLES', 'bad', /lacks data_reader on/],
  ['a Full Admin', { roles: [{ role: 'admin' }] }, 'COUCHBASE_ROLES', 'doubtful', /more than is needed/],
  [
    'no right to see replications',
    { refused: ['/pools/default/remote'] },
    'COUCHBASE_XDCR',
    'unknown',
    /XDCR Admin/,
  ],
  [
    'no right to see the bucket',
    { refused: ['/pools/default/buckets'] },
    'COUCHBASE_MAX_TTL',
    'unknown',
    /data_reader/,
  ],
  [
    'a list of functions that shows none to this user',
    { functions: [], roles: ROLES },
    'COUCHBASE_EVENTING',
    'unknown',
    /Eventing Admin/,
  ],
];

/** Tables of the dictionary that are there: what makes them wrong, and right again. */
export const UPDATES: readonly (readonly [string, string, string, string, string, State, RegExp])[] = [
  [
    'another character set',
    ...(['NLS_DATABASE_PARAMETERS', "VALUE = 'WE8MSWIN1252'", "VALUE = 'AL32UTF8'"] as const),
    ...(['ORACLE_CHARACTER_SET', 'bad', /WE8MSWIN1252/] as const),
  ],
  [
    'a standby as what answers',
    ...(['V$DATABASE', "DATABASE_ROLE = 'PHYSICAL STANDBY'", "DATABASE_ROLE = 'PRIMARY'"] as const),
    ...(['ORACLE_ROLE', 'bad', /PHYSICAL STANDBY/] as const),
  ],
  [
    'logs that are not archived',
    ...(['V$DATABASE', "LOG_MODE = 'NOARCHIVELOG'", "LOG_MODE = 'ARCHIVELOG'"] as const),
    ...(['ORACLE_LOG_MODE', 'doubtful', /NOARCHIVELOG/] as const),
  ],
];

const limit = (RESOURCE_NAME: string, LIMIT: string) => [{ RESOURCE_NAME, LIMIT }];
const quota = (BYTES: number, MAX_BYTES: number) => [{ TABLESPACE_NAME: 'USERS', BYTES, MAX_BYTES }];
const area = (SPACE_USED: number) => [{ SPACE_LIMIT: 100, SPACE_USED, SPACE_RECLAIMABLE: 0 }];
const version = (VERSION: string) => [{ PRODUCT: 'Oracle Database Enterprise Edition', VERSION }];

/** In an order: what a view shows stays. */
export const VIEWS: readonly (readonly [ViewName, readonly ViewRow[], string, State, RegExp])[] = [
  ['PRODUCT_COMPONENT_VERSION', version('12.2.0.1.0'), 'ORACLE_VERSION', 'bad', /12\.2.*19c or later/],
  ['PRODUCT_COMPONENT_VERSION', version('23.26.0.0.0'), 'ORACLE_VERSION', 'good', /23\.26/],
  ['USER_PASSWORD_LIMITS', limit('FAILED_LOGIN_ATTEMPTS', '3'), 'ORACLE_FAILED_LOGINS', 'bad', /3 refused/],
  [
    'USER_PASSWORD_LIMITS',
    limit('FAILED_LOGIN_ATTEMPTS', 'DEFAULT'),
    'ORACLE_FAILED_LOGINS',
    'unknown',
    /DEFAULT/,
  ],
  [
    'USER_PASSWORD_LIMITS',
    limit('PASSWORD_LIFE_TIME', 'UNLIMITED'),
    'ORACLE_PASSWORD_LIFE',
    'good',
    /not expire/,
  ],
  [
    'USER_PASSWORD_LIMITS',
    limit('PASSWORD_ROLLOVER_TIME', '1'),
    'ORACLE_PASSWORD_ROLLOVER',
    'good',
    /1 days/,
  ],
  [
    'USER_RESOURCE_LIMITS',
    limit('SESSIONS_PER_USER', '10'),
    'ORACLE_SESSIONS_PER_USER',
    'bad',
    /may need 100/,
  ],
  ['USER_USERS', [{ ACCOUNT_STATUS: 'EXPIRED(GRACE)' }], 'ORACLE_ACCOUNT', 'bad', /EXPIRED\(GRACE\)/],
  ['USER_TS_QUOTAS', [], 'ORACLE_QUOTA', 'bad', /no tablespace/],
  ['USER_TS_QUOTAS', quota(98, 100), 'ORACLE_QUOTA', 'bad', /98 % of 100/],
  ['SESSION_PRIVS', [{ PRIVILEGE: 'UNLIMITED TABLESPACE' }], 'ORACLE_QUOTA', 'good', /UNLIMITED/],
  ['V$RECOVERY_FILE_DEST', area(99), 'ORACLE_RECOVERY_AREA', 'bad', /99 %/],
  ['V$RECOVERY_FILE_DEST', area(80), 'ORACLE_RECOVERY_AREA', 'doubtful', /80 %/],
  ['V$ARCHIVE_DEST', [], 'ORACLE_DATA_GUARD', 'good', /no standby/],
  ['V$ARCHIVE_DEST', [{ TARGET: 'STANDBY', STATUS: 'VALID' }], 'ORACLE_DATA_GUARD', 'bad', /1 standby/],
  ['V$PARAMETER', [{ NAME: 'undo_retention', VALUE: '60' }], 'ORACLE_UNDO_RETENTION', 'doubtful', /60 s/],
];

type Seen = readonly [statements: readonly string[], code: string, state: State, seen: RegExp];

const STAMP = /^triggers of others: EMBEDDED\.STAMP on \w+ \(BEFORE EACH ROW, /;

/** In an order: none, disabled, as it should be, one that fires for the functions; then one of others. The embedded server logs everybody in as EMBEDDED. */
export function triggers(table: string): readonly Seen[] {
  const [ours, enable, drop] = [watchTrigger(table, ['EMBEDDED']), enableWatch(table), dropWatch(table)];
  const [watch, others] = ['ORACLE_SQL_WATCH', 'ORACLE_TRIGGERS'];
  return [
    [[], watch, 'good', /^no table has the trigger/],
    [[ours], watch, 'bad', new RegExp(`is disabled on ${table}: nothing is seen there`)],
    [[enable], watch, 'good', /^each of 1 tables has the trigger .*, enabled; it belongs to EMBEDDED$/],
    [[watchTrigger(table, ['SOMEBODY']), enable], watch, 'bad', /fires for EMBEDDED, whom the functions/],
    // Of another name it is one of others.
    [
      [drop, ours.replace(watchName(table), 'STAMP'), 'ALTER TRIGGER STAMP ENABLE'],
      others,
      'doubtful',
      STAMP,
    ],
    [['DROP TRIGGER STAMP'], others, 'good', /^no table has a trigger of others$/],
  ];
}
