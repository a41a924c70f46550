/** Protocol steps with one rule forgotten of those that a store needs which has forgotten what it had acknowledged. */
import { converge } from '../../functions/protocol/converge.ts';
import { read } from '../../functions/protocol/read.ts';
import { isPlaceholder, isSpent, sameState } from '../../functions/protocol/state.ts';
import { above, NO_VERSION } from '../../functions/protocol/version.ts';
import { write } from '../../functions/protocol/write.ts';
import { type Change, following, type Mistake } from './following.ts';
import type { Kernel } from './scenario.ts';

/** A repair lifts what Couchbase holds above what Oracle holds, though it be the older one. */
export const LIFTING: Partial<Kernel> = everywhere((wanted, { held, row }) => {
  if (wanted.name !== 'couchbase.swap' || wanted.cas !== held.cas || wanted.version !== row.version)
    return wanted;
  const older = row.handoff === null && held.version !== 0n && held.version < row.version;
  return older ? { ...wanted, content: held.content, version: above(row.version) } : wanted;
});

/** A repair gives Couchbase back what Oracle held when it began. */
export const REMINDING_LATE: Partial<Kernel> = {
  converge: (phase, expired) =>
    following(converge(phase, expired), (wanted, { last, row }) =>
      last === 'couchbase.read' && wanted.name === 'oracle.read' && row.handoff === null && phase !== 'settle'
        ? { reply: row }
        : wanted,
    ),
};

/** A placeholder counts as the end of what the row holds, though it be older than that. */
export const ENDED_BY_PLACEHOLDER: Partial<Kernel> = everywhere((wanted, { held, row }) => {
  if (wanted.name !== 'couchbase.swap' || wanted.cas !== held.cas || row.handoff !== null) return wanted;
  const put = wanted.version === row.version && row.content !== null;
  return put && isPlaceholder(held) ? { ...wanted, content: null, version: null } : wanted;
});

/** A repair puts its marker without a placeholder before its last look at the row: the CAS of the marker is its version. */
export const MARKING_BLINDLY: Partial<Kernel> = everywhere((wanted, { held, row }) => {
  if (wanted.name !== 'couchbase.swap' || wanted.content !== null || row.handoff !== null) return wanted;
  if (wanted.cas === 0n && held.cas === 0n && wanted.version === NO_VERSION) return { reply: NO_GUARD };
  return wanted.cas === NO_GUARD ? { ...wanted, cas: 0n, version: null } : wanted;
});

/** In place of the CAS of a placeholder that is not put. */
const NO_GUARD = 1n;

/** A key is given back whatever Oracle has counted to. */
export const HANDING_BACK_EARLY: Partial<Kernel> = everywhere(
  (wanted, { held, row }) => {
    if (wanted.name !== 'couchbase.swap' || wanted.cas !== held.cas || row.handoff === null) return wanted;
    if (held.cas > row.version || !sameState(held, row)) return wanted;
    return { name: 'oracle.swap', from: row, to: { ...row, handoff: null, handback: held.cas } };
  },
  // What it asked for was to write a copy: it looks again.
  (reply, _seen, asked) => (asked.name === 'couchbase.swap' && typeof reply === 'boolean' ? null : reply),
);

/** What has expired in Oracle alone is taken for a difference. */
export const DIFFERING_WHEN_SPENT: Partial<Kernel> = everywhere(
  (wanted) => wanted,
  (reply, { held, row }) =>
    reply === row && isSpent(held, row) ? { ...row, version: row.version - 1n } : reply,
);

function everywhere(change: Change, mistake?: Mistake): Partial<Kernel> {
  return {
    read: (phase) => following(read(phase), change, mistake),
    write: (phase, request) => following(write(phase, request), change, mistake),
    converge: (phase, expired) => following(converge(phase, expired), change, mistake),
  };
}
