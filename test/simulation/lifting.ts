/** Planted beside the stores, since a repair is not to be had without its rules. */
import type { Call } from '../../functions/protocol/call.ts';
import { effectiveVersion } from '../../functions/protocol/state.ts';
import { above } from '../../functions/protocol/version.ts';
import type { World } from '../model/world.ts';

/** A seeded bug: a repair lifts what survived a failover above what Oracle holds, though it be the older one. */
export function lifting(call: Call, { cas, content, xattr, row }: World): Call {
  if (call.name !== 'couchbase.swap' || call.cas !== cas || call.version !== row.version) return call;
  const isOlder = cas !== 0n && row.handoff === null && effectiveVersion(cas, xattr) < row.version;
  return isOlder ? { ...call, content, version: above(row.version) } : call;
}
