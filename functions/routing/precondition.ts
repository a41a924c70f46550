/** Preconditions as HTTP has them (RFC 9110, 13.1), and those of them that a store can check by itself. */
import { type Condition, UNCONDITIONAL } from '../protocol/condition.ts';
import type { Versioned } from '../protocol/state.ts';
import type { Version } from '../protocol/version.ts';

/** `any`: the `*` of HTTP. */
export type Tags = 'any' | readonly Version[];

export interface Precondition {
  /** If-Match. */
  readonly match: Tags | null;
  /** If-None-Match. */
  readonly noneMatch: Tags | null;
}

export const NO_PRECONDITION: Precondition = { match: null, noneMatch: null };

export function met({ match, noneMatch }: Precondition, state: Versioned): boolean {
  return (match === null || matches(match, state)) && (noneMatch === null || !matches(noneMatch, state));
}

function matches(tags: Tags, { content, version }: Versioned): boolean {
  return content !== null && (tags === 'any' || tags.includes(version));
}

/** The one condition that a store can check in the write itself; null where somebody has to look first. */
export function conditionOf({ match, noneMatch }: Precondition): Condition | null {
  if (match === null && noneMatch === null) return UNCONDITIONAL;
  if (match === null && noneMatch === 'any') return { kind: 'absent' };
  const [version, ...more] = match === null || match === 'any' ? [] : match;
  return noneMatch === null && version !== undefined && more.length === 0
    ? { kind: 'version', version }
    : null;
}
