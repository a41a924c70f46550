/** What verification sees of one key in one store. */

/**
 * `absent`: nothing at all. `deleted`: a tombstone or a marker, which keeps a version. `large`: a document whose body is above
 * what can be read.
 */
export type Presence = 'absent' | 'live' | 'deleted' | 'large';

export interface Seen {
  readonly presence: Presence;
  /** 0 where there is nothing. */
  readonly version: bigint;
  /** Seconds since the epoch; null for none. */
  readonly expires: number | null;
  /** Null where there is none, or nobody has asked for it. */
  readonly body: Uint8Array | null;
  /**
   * Of Couchbase, where a marker or a placeholder lies there: when it was written, in milliseconds since the epoch, by the clock of Couchbase. A touch
   * does not change it.
   */
  readonly marked?: number | undefined;
  /** Of Oracle: null while Couchbase orders the key. */
  readonly handoff: bigint | null;
  /** Of Oracle: the row says that its document is deleted, and still has a body or filled columns. */
  readonly remains?: true | undefined;
  /** Which state this is; another one has another. */
  readonly state: string;
}

export const NOTHING: Seen = {
  ...{ presence: 'absent', version: 0n, expires: null, body: null, handoff: null, state: '-' },
};

/** What both stores hold of a key. */
export interface Pair {
  readonly couchbase: Seen;
  readonly oracle: Seen;
}

/** Which states both are, in one text. */
export function stateOf({ couchbase, oracle }: Pair): string {
  return `${couchbase.state} ${oracle.state}`;
}
