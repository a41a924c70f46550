/** What an app can ask of one document, and what it can be told. */
import type { Payload } from '../protocol/payload.ts';
import type { Document } from '../protocol/state.ts';
import type { Version } from '../protocol/version.ts';
import type { Precondition } from './precondition.ts';
import type { RequestName } from './repetition.ts';

export interface Place {
  readonly collection: string;
  readonly key: string;
}

export type Write =
  /** Replaces the whole document, its expiry included. */
  | { readonly verb: 'put'; readonly payload: Payload }
  | { readonly verb: 'delete' }
  /** JSON merge patch (RFC 7396). @property expiresAt milliseconds since the epoch, null for never; `keep` leaves the expiry as it is. */
  | { readonly verb: 'patch'; readonly patch: string; readonly expiresAt: number | null | 'keep' };

export type WriteRequest = Place &
  Write & {
    readonly precondition: Precondition;
    /** Names this request, and its repetitions, among all others. A repetition finds its own work by it. */
    readonly request?: RequestName | undefined;
  };

/**
 * `unknown`: the write may have taken effect, or may yet. `unavailable`: nothing was changed, and nothing can be said. `causes` is
 * what went wrong underneath, for the log. `durability`: Couchbase answers, and cannot make a write safe for now.
 */
export type Answer =
  | { readonly kind: 'found'; readonly document: Document; readonly version: Version }
  | { readonly kind: 'absent' }
  /** There is a document whose body is above what was to be read. It was measured, and not read; nothing was done. */
  | {
      readonly kind: 'too-large';
      readonly bytes: number;
      readonly version: Version;
      readonly expiresAt: number | null;
    }
  /** @property unstorable Couchbase has it, and Oracle can never take it: its collection accepts that. */
  | { readonly kind: 'written'; readonly version: Version; readonly unstorable?: true }
  | { readonly kind: 'refused' }
  /** Its caller has written the document by another request under the same key. Nothing was done. */
  | { readonly kind: 'reused' }
  /** Other writes of the key are under way, and nothing was done. @property after milliseconds until it may be tried again. */
  | { readonly kind: 'busy'; readonly after: number }
  /** There is a document, but no JSON in it that a merge patch could change. */
  | { readonly kind: 'unpatchable' }
  | { readonly kind: 'unknown'; readonly causes: readonly unknown[] }
  | {
      readonly kind: 'unavailable';
      readonly durability?: 'impossible';
      readonly causes: readonly unknown[];
    };
