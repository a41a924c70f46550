/** What a run was begun with: in its row, so that a run of another configuration is told from one of this. */
import { createHash } from 'node:crypto';
import type { Run } from '../records/run.ts';
import type { RunRequest } from './request.ts';

/** What a run was begun with, and apart from that, what it maps documents by. */
export function stampOf({ range, shards, options }: RunRequest, mapping: unknown): string {
  return `${hashOf({ range, shards, options })}.${hashOf(mapping)}`;
}

/** Whether a run was begun with this mapping: the same collection of Couchbase, table and columns. */
export function isOfMapping({ stamp }: Pick<Run, 'stamp'>, mapping: unknown): boolean {
  return stamp.endsWith(`.${hashOf(mapping)}`);
}

/** The stamp of what has options of no run, and depends on the mapping alone. */
export function mappingStamp(mapping: unknown): string {
  return `.${hashOf(mapping)}`;
}

function hashOf(value: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(value ?? null))
    .digest('base64url')
    .slice(0, 21);
}
