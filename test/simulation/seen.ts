/** What verification sees of a key in one store. */
import { type Content, effectiveVersion } from '../../functions/protocol/state.ts';
import { NOTHING, type Seen } from '../../functions/stores/snapshot.ts';
import type { World } from '../model/world.ts';

export function seenIn(store: 'couchbase' | 'oracle', { content, cas, xattr, row }: World): Seen {
  if (store === 'couchbase') {
    if (cas === 0n) return NOTHING;
    const presence = content === null ? 'deleted' : 'live';
    const version = effectiveVersion(cas, xattr);
    return { ...NOTHING, ...told(content), presence, version, state: `${presence}@${cas}` };
  }
  if (row.version === 0n) return NOTHING;
  const presence = row.content === null ? 'deleted' : 'live';
  const state = `${presence}@${row.version}/${row.handoff ?? ''}`;
  const { version, handoff } = row;
  return { ...NOTHING, ...told(row.content), presence, version, handoff, state };
}

function told(content: Content): Pick<Seen, 'body' | 'expires'> {
  const at = content?.expiresAt ?? null;
  return { body: content?.body ?? null, expires: at === null ? null : at / 1000 };
}
