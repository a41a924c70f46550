/** Planted beside the stores, since a repair is not to be had without its rules. */
import type { Call, Reply } from '../../functions/protocol/call.ts';
import { type CouchbaseState, effectiveVersion } from '../../functions/protocol/state.ts';
import { above } from '../../functions/protocol/version.ts';
import type { World } from '../model/world.ts';
import type { Rules } from './rules.ts';

type Swap = Call & { name: 'oracle.swap' };

/** What a step asks for where a rule of it is left out. */
export function planted(call: Call, world: World, rules: Rules): Call {
  if (rules.lifts) return lifting(call, world);
  if (call.name !== 'oracle.swap') return call;
  const { from, to } = call;
  if (rules.liftsTouched && isRaised(call, world))
    return { ...call, to: { ...from, version: above(to.version) } };
  if (rules.refusesGiven && isShortened(call))
    return { ...call, to: { ...from, version: above(to.version), handoff: from.handoff ?? from.version } };
  return call;
}

/** What a step takes a reply for. */
export function misread(call: Call, reply: Reply, { row }: World, rules: Rules): Reply {
  if (!rules.takesBlindly || call.name !== 'couchbase.read') return reply;
  return { ...(reply as CouchbaseState), attribute: row.version };
}

/** A repair lifts what survived a failover above what Oracle holds, though it be the older one. */
function lifting(call: Call, { cas, content, xattr, row }: World): Call {
  if (call.name !== 'couchbase.swap' || call.cas !== cas || call.version !== row.version) return call;
  const isOlder = cas !== 0n && row.handoff === null && effectiveVersion(cas, xattr) < row.version;
  return isOlder ? { ...call, content, version: above(row.version) } : call;
}

/** A row that is handed off gets the version that Couchbase has. */
function isRaised({ from, to }: Swap, { cas, xattr }: World): boolean {
  const isRaise = from.handoff !== null && to.handoff !== null && to.version > from.version;
  return isRaise && to.version === effectiveVersion(cas, xattr);
}

/** A row gets another expiry in the same version. */
function isShortened({ from, to }: Swap): boolean {
  const live = from.content !== null && to.content !== null;
  return live && from.version === to.version && from.content.digest !== to.content.digest;
}
