/**
 * What Oracle's codes and those of its driver mean for a call, as one table. A code that is not in it proves nothing about what was done.
 *
 * Sources, looked up on 27 November 2026; none of it was tried on a real Oracle. Where a group names no other: the cause and the action of each
 * code in Oracle's "Database Error Messages" (docs.oracle.com/error-help/db/ora-NNNNN), and "Error Messages" of node-oracledb.
 */

/**
 * `lost`: the connection is gone, and with it the answer. `busy`: Oracle says not now, and has done nothing. `standby`: this session leads to a
 * database that takes no writes, and has done nothing; another session may lead to the one that does. `operator`: it will say so until
 * somebody has changed something, and has done nothing. `poison`: it will never take this document.
 */
export type FailureClass = 'lost' | 'busy' | 'standby' | 'operator' | 'poison';

export interface Group {
  readonly kind: FailureClass;
  readonly codes: readonly number[];
  /** What is the matter, and what to do next: of `operator`. What is the matter: of `poison`. */
  readonly text?: string;
}

const SCHEMA = 'Run npx crossfade schema as the owner of the tables';

const LOST: readonly Group[] = [
  {
    // The session was ended: killed, idle for too long, above a limit of its profile (SQL Language Reference, "CREATE PROFILE").
    kind: 'lost',
    codes: [22, 28, 31, 45, 1012, 2390, 2392, 2394, 2396, 2399],
  },
  {
    // The instance goes down, comes up, or its process has died (node-oracledb, lib/errors.js: what makes it close a connection).
    kind: 'lost',
    codes: [378, 602, 603, 609, 1014, 1033, 1034, 1041, 1043, 1089, 1090, 1092, 27146, 28511, 56600],
  },
  {
    // The network ("Net Services Administrator's Guide", Testing and Troubleshooting).
    kind: 'lost',
    codes: [
      3106, 3111, 3113, 3114, 3122, 3134, 3135, 3136, 12153, 12170, 12505, 12514, 12535, 12537, 12541, 12543,
      12547, 12560, 12570, 12571, 12583, 12606, 12608, 12609,
    ],
  },
  // A failover of the session: what became of the call, or of its commit, is not known.
  { kind: 'lost', codes: [25401, 25402, 25403, 25404, 25405, 25408, 25409] },
];

const BUSY: readonly Group[] = [
  // Locks, deadlocks and conflicts of transactions: the statement was rolled back. 63300 and 63302: priority transactions of 23ai.
  { kind: 'busy', codes: [1, 51, 54, 55, 57, 60, 1591, 2049, 4020, 4021, 8177, 30006, 63300, 63302] },
  // What a query read has changed since: read again. 4061, 4065, 4068: code in the database was compiled anew.
  { kind: 'busy', codes: [1555, 4061, 4065, 4068, 8103, 8176, 22924] },
  // Sessions, processes, cursors: all in use. 1035: the database is restricted for a while. 24418 and the like: pools of DRCP.
  { kind: 'busy', codes: [18, 19, 20, 1000, 1035, 2391, 24418, 24457, 24459, 24496] },
  {
    // The listener has no instance or process to hand over to ("Net Services Administrator's Guide", About Blocked Connection Requests).
    kind: 'busy',
    codes: [12500, 12510, 12516, 12518, 12519, 12520, 12526, 12527, 12528, 12540, 12549, 12564],
  },
  // Memory, and calls that were broken off by the client or by the resource manager.
  { kind: 'busy', codes: [40, 1013, 4030, 4031, 4036] },
];

const STANDBY: readonly Group[] = [
  // A write has come to a database that is open for reading only, after a switchover for example, or to one that is just switched.
  { kind: 'standby', codes: [16000, 16456] },
];

const OPERATOR: readonly Group[] = [
  { kind: 'operator', codes: [257], text: 'the archiver is stuck. Make room for the archived logs' },
  {
    kind: 'operator',
    codes: [904],
    text: `a column is missing. ${SCHEMA}: it adds the columns of the configuration`,
  },
  {
    kind: 'operator',
    codes: [942],
    text: `there is no such table, or it may not be seen. Run npx crossfade schema --grant-to USER as the owner of the tables`,
  },
  {
    kind: 'operator',
    // 41900: of a table, 23ai, which says 01031 of the rest alone.
    codes: [1031, 41_900],
    text: 'a privilege is missing. Run npx crossfade schema --grant-to USER as the owner of the tables, who may create tables',
  },
  {
    kind: 'operator',
    // 406: by the parameter COMPATIBLE.
    codes: [406, 902],
    text: 'a column has a type that the database does not know (RELEASE_TOO_OLD). JSON needs 21c with COMPATIBLE 20 or above, BOOLEAN 23ai: set native: false, or upgrade',
  },
  {
    kind: 'operator',
    // Of a row that its table is deleted from.
    codes: [2292],
    text: 'rows of another table refer to it. Where that is the table of a projection, it has rows of a document that is deleted. Verify by content with --repair, then do this again',
  },
  { kind: 'operator', codes: [1017], text: 'the user name or password was refused. Check the secret' },
  {
    kind: 'operator',
    codes: [1045],
    text: 'the user may not log in. Grant it CREATE SESSION',
  },
  {
    kind: 'operator',
    codes: [28000],
    text: 'the account is locked. Unlock it, and check who has been guessing its password',
  },
  { kind: 'operator', codes: [28001], text: 'the password has expired. Change it, and the secret' },
  {
    kind: 'operator',
    codes: [28040, 28009, 28150],
    text: 'the database does not let this client log in. Check SQLNET.ALLOWED_LOGON_VERSION_SERVER, and that the secret names a user with a password of its own',
  },
  {
    kind: 'operator',
    codes: [1435],
    text: 'there is no user as the secret names in `schema`. Check the secret, and that the name is in capitals',
  },
  // Two columns of a table are LOBs, whose segments are most of its room.
  {
    kind: 'operator',
    codes: [1691, 1692, 1680, 3238],
    text: 'the tablespace of the LOBs is full. Extend it',
  },
  { kind: 'operator', codes: [1653, 1658, 1659], text: 'the tablespace is full. Extend it' },
  { kind: 'operator', codes: [1654], text: 'the tablespace of the index is full. Extend it' },
  {
    kind: 'operator',
    codes: [1683, 3234],
    text: 'the tablespace of the partition of the index is full. Extend it',
  },
  { kind: 'operator', codes: [1688, 3233], text: 'the tablespace of the partition is full. Extend it' },
  // Values of more than 4,000 bytes pass through TEMP on their way into a LOB (SecureFiles and Large Objects Developer's Guide).
  {
    kind: 'operator',
    codes: [1652, 25153],
    text: 'the temporary tablespace is full, or has no file. Extend it, or find the session that fills it',
  },
  {
    kind: 'operator',
    codes: [30036, 1628, 1562, 1650],
    text: 'the undo tablespace is full. Extend it, or find the transaction that fills it',
  },
  { kind: 'operator', codes: [1536], text: 'the quota of the tablespace is used up. Raise it' },
  // The first row makes the segment (deferred segment creation), so CREATE TABLE has succeeded without a quota.
  {
    kind: 'operator',
    codes: [1950],
    text: 'the owner of the tables has no quota on the tablespace. Grant one: ALTER USER … QUOTA UNLIMITED ON …',
  },
  {
    kind: 'operator',
    codes: [1631, 1632, 1693, 1694],
    text: 'a segment has all the extents that it may have. Raise MAXEXTENTS',
  },
  {
    kind: 'operator',
    codes: [60003, 60004, 60006, 60009, 60010, 60019],
    text: 'a segment cannot have the extent that it needs. Check MAXSIZE and the sizes of its tablespace’s extents',
  },
  {
    kind: 'operator',
    codes: [65114],
    text: 'the pluggable database has all the room that it may have. Raise its MAX_SIZE',
  },
  {
    kind: 'operator',
    codes: [30032],
    text: 'a statement was suspended for want of room for too long. Make room',
  },
  {
    kind: 'operator',
    codes: [1109, 1219],
    text: 'the database, or the pluggable database, is not open. Open it',
  },
  {
    kind: 'operator',
    codes: [376, 1115, 1116, 1135, 1157, 1578],
    text: 'a file of the database cannot be read. Bring it back online, or restore it',
  },
  {
    kind: 'operator',
    codes: [1502, 26026],
    text: 'an index, or a partition of it, is unusable. Rebuild it: ALTER INDEX … REBUILD',
  },
  { kind: 'operator', codes: [4098], text: 'a trigger of the table is invalid. Compile it, or drop it' },
  {
    kind: 'operator',
    codes: [28365, 28374],
    text: 'the wallet of the encrypted tablespace (TDE) is closed, or lacks the key. Open it',
  },
  {
    kind: 'operator',
    codes: [2393, 2395],
    text: 'the profile of the user allows a call too little. Raise CPU_PER_CALL and LOGICAL_READS_PER_CALL',
  },
];

const POISON: readonly Group[] = [
  { kind: 'poison', codes: [1400, 1407], text: 'a column that must have a value would get none' },
  { kind: 'poison', codes: [1426, 1438], text: 'a number is larger than its column' },
  { kind: 'poison', codes: [1461], text: 'a value is too long to be bound like this' },
  { kind: 'poison', codes: [1722], text: 'a text is no number' },
  // As projections bind them.
  {
    kind: 'poison',
    codes: [1830, 1839, 1841, 1843, 1847, 1858, 1861, 1874, 1875],
    text: 'a time is none of Oracle’s calendar',
  },
  { kind: 'poison', codes: [1465], text: 'a text has no hexadecimal digits' },
  // 11534: a constraint of a domain, 23ai.
  { kind: 'poison', codes: [2290, 11534], text: 'a constraint of the table refuses the document' },
  { kind: 'poison', codes: [2291], text: 'the document refers to a row that is not there' },
  { kind: 'poison', codes: [12899], text: 'a text is longer than its column' },
  // Some rows find their partition, and are not to wait for those that do not.
  { kind: 'poison', codes: [14400], text: 'no partition of the table takes the row' },
  {
    kind: 'poison',
    codes: [14402],
    text: 'the row would move to another partition, and the table lacks ROW MOVEMENT',
  },
  { kind: 'poison', codes: [28115], text: 'a security policy of the table refuses the document' },
  { kind: 'poison', codes: [40441, 40474], text: 'the body is no JSON to Oracle' },
  { kind: 'poison', codes: [40604], text: 'the JSON in the body is larger than Oracle takes' },
  { kind: 'poison', codes: [42712], text: 'the JSON in the body is nested deeper than Oracle takes' },
];

export const NJS: readonly Group[] = [
  { kind: 'lost', codes: [3, 102, 103, 123, 500, 501, 503, 504, 509, 510, 511, 513, 518, 519, 521, 530] },
  // No connection was to be had from the pool, or the pool was being closed: nothing was sent.
  { kind: 'busy', codes: [40, 64, 65, 76] },
  { kind: 'poison', codes: [115], text: 'a value is out of the range of its type' },
  { kind: 'poison', codes: [194], text: 'a value in the JSON cannot be bound' },
  // What a changed secret or configuration alone mends: connect strings, wallets, certificates, logins (NJS-5xx, NJS-116, NJS-138).
  {
    kind: 'operator',
    codes: [515],
    text: 'the connect string cannot be read. Check the configuration',
  },
];

export const ORA: readonly Group[] = [...LOST, ...BUSY, ...STANDBY, ...OPERATOR, ...POISON];
