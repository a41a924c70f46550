/** Which documents may expire now. */
import { expiryOf, writtenAs } from './documents.ts';
import { atWork, type Running, type State, type Straggler } from './state.ts';

/** Whether a document that a store holds has an expiry, which may come now: what expires earlier comes first. */
export function mayExpire(state: State, digest: string): boolean {
  const at = expiryOf(digest);
  if (at === null) return false;
  const { content, row } = state.world;
  for (const held of [content, row.content]) if (held !== null && (held.expiresAt ?? at) < at) return false;
  return !isCarried(state, digest);
}

/**
 * Whether somebody at work knows the same document with another expiry. No step takes as long as a maximum TTL, so an expiry that was given after it
 * began does not come before it ends.
 */
function isCarried(state: State, digest: string): boolean {
  const { answered, maxTtl } = state.world;
  if (answered === 0n && maxTtl === 0 && state.ttls === 0) return false;
  const value = writtenAs(digest);
  const isOther = (each: string) => each !== digest && writtenAs(each) === value;
  if (atWork(state).some((one) => known(one).some(isOther))) return true;
  return state.clients.some(
    ({ running, writes }) => running !== null && writes !== undefined && isOther(writes),
  );
}

function known({ place }: Running | Straggler): string[] {
  const { call } = place;
  const sent = call !== null && 'content' in call && call.content !== null ? [call.content.digest] : [];
  return [...place.shown(), ...sent];
}
