/** How a request is known again: by the name that the document keeps of the request that wrote it. */
import { type Phase, ROUTES } from '../protocol/phase.ts';
import type { Versioned } from '../protocol/state.ts';
import type { Version } from '../protocol/version.ts';

/**
 * Names a request that came with an Idempotency-Key. Stores have room for 43 characters; both parts and the dot between
 * them take that much.
 */
export interface RequestName {
  /** A digest of the caller and its key: 21 characters of base64url. */
  readonly key: string;
  /** A digest of everything that the request asks for: 21 characters of base64url. */
  readonly fingerprint: string;
  /** How the version before has named it; null where that does not count. */
  readonly former: FormerName | null;
}

/** One digest of 43 characters, without a dot. It says nothing of the caller, so it is believed for a bounded time only. */
export interface FormerName {
  readonly text: () => string;
  /** Versions of documents that are recent enough: see `formerIn` in `edge/http/idempotency.ts`. */
  readonly from: Version;
  readonly to: Version;
  /** Whether a deployment may have replaced the version before within the last bake. */
  readonly deployed: boolean;
}

/** What the document keeps. */
export function storedName({ key, fingerprint }: RequestName): string {
  return `${key}.${fingerprint}`;
}

/**
 * What the document that is there says of a request: that it is a `repetition` of the one that wrote the document, that its
 * key was `reused` for something else, or nothing.
 */
export function compareName(
  name: RequestName | undefined,
  { content, version }: Versioned,
  phase: Phase,
): 'repetition' | 'reused' | null {
  const stored = content?.request;
  if (name === undefined || stored === undefined) return null;
  if (stored === storedName(name)) return 'repetition';
  if (stored.startsWith(`${name.key}.`)) return 'reused';
  const { former } = name;
  if (former === null || stored.includes('.')) return null;
  const recent = version >= former.from && version <= former.to;
  // A version that Oracle has counted up tells no time.
  const undated = ROUTES[phase].order === 'oracle' && former.deployed;
  return (recent || undated) && stored === former.text() ? 'repetition' : null;
}
