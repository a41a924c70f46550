/**
 * Rows that somebody has changed by SQL while Couchbase orders their keys: in `seal` and `switch`, and in `expand` where a receipt meets them. Such a row
 * gives way, since Couchbase decides; so what it held is set aside first.
 */
import { type Call, CallFailed, type Reply } from '../protocol/call.ts';
import {
  type Content,
  type CouchbaseState,
  NO_DOCUMENT,
  NO_ROW,
  type OracleState,
  sameContent,
} from '../protocol/state.ts';
import { isShortened } from '../protocol/touched.ts';

/** Stores whose rows others may change by SQL. Those of a model have none. */
export interface KeepsChanged {
  /** Sets aside what a row holds that was changed by SQL, once, however often it is asked to. @param by what replaces it. */
  keepChanged?(key: string, row: OracleState, by: Content): Promise<unknown>;
}

/**
 * Whether a row was changed by SQL without a new version: both stores hold one version of a key that Couchbase orders, and different documents. An earlier
 * expiry in Couchbase is none of that: buckets give one. Where the clock of Couchbase has fallen behind, it may give out to the nanosecond a version that was
 * counted before; then a document is set aside that somebody has written over, and nothing is lost.
 */
export function isChanged(held: CouchbaseState, row: OracleState): boolean {
  if (row.handoff !== null || row.version === NO_ROW.version || held.version !== row.version) return false;
  return !sameContent(held.content, row.content) && !isShortened(held, row);
}

type Port = (call: Call, isAwaited?: () => boolean) => Promise<Reply>;

/**
 * The same port of one key, which sets aside what such a row holds before Couchbase's document gets a version above it.
 * @param timely whether a call that begins now ends in time: to set aside takes some of it.
 */
export function keepingChanged(key: string, oracle: KeepsChanged, port: Port, timely: () => boolean): Port {
  if (oracle.keepChanged === undefined) return port;
  let held = NO_DOCUMENT;
  let row = NO_ROW;
  return async (call, isAwaited) => {
    const raises = call.name === 'couchbase.swap' && call.cas === held.cas && call.content === held.content;
    if (raises && isChanged(held, row)) {
      await oracle.keepChanged?.(key, row, held.content);
      if (!timely())
        throw new CallFailed('No time is left for couchbase.swap: what the row held is set aside');
    }
    const reply = await port(call, isAwaited);
    if (call.name === 'couchbase.read') held = reply as CouchbaseState;
    if (call.name === 'oracle.read') row = reply as OracleState;
    return reply;
  };
}
