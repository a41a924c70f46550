/** Names of the parameters that say what operators want of each collection, and in which phase it is. */

/** What operators ask for. Each collection may have its own; where it says `inherit`, that of all collections counts. */
export const FLAGS = ['couchbase-writes', 'oracle-writes', 'reads'] as const;
export type FlagName = (typeof FLAGS)[number];

/** A flag of a collection that has none of its own. */
export const INHERIT = 'inherit';

/** The flag for all collections. @param prefix what all names begin with. */
export function flagOfAll(prefix: string, flag: FlagName): string {
  return `${prefix}/${flag}`;
}

/** The collection's own. */
export function flagOf(prefix: string, collection: string, flag: FlagName): string {
  return `${prefix}/collections/${collection}/${flag}`;
}

export function phaseOf(prefix: string, collection: string): string {
  return `${prefix}/collections/${collection}/phase`;
}

/** What operators have said of the moves of the collection: see `hold.ts`. */
export function holdOf(prefix: string, collection: string): string {
  return `${prefix}/collections/${collection}/hold`;
}

/** What operators were told last of the moves of the collection: see `operations/notices.ts`. */
export function toldOf(prefix: string, collection: string): string {
  return `${prefix}/told/${collection}`;
}

/** What the guard has found of the phase of the collection: see `guard_note.ts`. */
export function guardOf(prefix: string, collection: string): string {
  return `${prefix}/guard/${collection}`;
}

/** The last number that the controller has committed in Oracle: see `identity/heartbeat.ts`. */
export function heartbeatOf(prefix: string): string {
  return `${prefix}/oracle-heartbeat`;
}

/** When writes were last acknowledged without this store: see `records/away.ts`. */
export function awayOf(prefix: string, store: string): string {
  return `${prefix}/follower-away/${store}`;
}

/** What the names of the logins into Oracle begin with, as they are tried: see `stores/oracle/login_gate.ts`. */
export function loginsOf(prefix: string): string {
  return `${prefix}/oracle-logins`;
}

/** What an operator has asked for, and another one has to confirm. */
export function askedOf(prefix: string, collection: string): string {
  return `${prefix}/asked/${collection}`;
}

/** What the names of hashes of the audit log begin with that wait for the log which keeps them: see `edge/anchor_backlog.ts`. */
export function anchorsOf(prefix: string): string {
  return `${prefix}/anchors`;
}

/** What the names of the collection's moves begin with, as they are claimed. */
export function movesOf(prefix: string, collection: string): string {
  return `${prefix}/moves/${collection}`;
}
