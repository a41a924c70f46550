/** What those who watch a bucket are told. */
import type { Document } from './storage.ts';

/** A document as it is since a mutation, a tombstone included. */
export interface Mutation {
  readonly bucket: string;
  /** `scope.collection`, and its number. */
  readonly name: string;
  readonly collection: number;
  readonly key: Buffer;
  readonly vbucket: number;
  readonly document: Document;
}
