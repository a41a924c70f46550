/** Conditions of a write: RFC 9110's If-Match and If-None-Match, with the version as ETag. */
import type { Versioned } from './state.ts';
import type { Version } from './version.ts';

export type Condition =
  | { readonly kind: 'none' }
  /** If-None-Match: * — create only. */
  | { readonly kind: 'absent' }
  /** If-Match: the live document must still have this version. */
  | { readonly kind: 'version'; readonly version: Version };

export const UNCONDITIONAL: Condition = { kind: 'none' };

export function holds(condition: Condition, state: Versioned): boolean {
  switch (condition.kind) {
    case 'none':
      return true;
    case 'absent':
      return state.content === null;
    case 'version':
      return state.content !== null && state.version === condition.version;
  }
}
