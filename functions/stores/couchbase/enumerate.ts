/** The keys of a shard, page by page. */
import { QueryScanConsistency } from 'couchbase';
import { described } from '../../parsing/quoted.ts';
import type { Shard } from '../../protocol/shard.ts';
import { PoisonDocument, type Target } from '../failure.ts';
import { type CouchbaseConnection, type Keyspace, nameOf } from './connection.ts';
import { failureOf } from './failure.ts';

export interface Statement {
  readonly text: string;
  readonly parameters: Readonly<Record<string, string | number>>;
}

/**
 * SQL++ for the next `limit` keys of a shard, in the order of their UTF-8 bytes. The last key of a page is where the
 * next one begins (keyset paging): nothing is skipped or repeated when documents come and go, and a run can be resumed
 * from any page. Needs a primary index on the collection.
 */
export function keysStatement(keyspace: string, { after, upTo }: Shard, limit: number): Statement {
  const conditions = [
    ...(after === null ? [] : ['META(d).id > $after']),
    ...(upTo === null ? [] : ['META(d).id <= $upTo']),
  ];
  const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
  return {
    text: `SELECT RAW META(d).id FROM ${keyspace} AS d${where} ORDER BY META(d).id LIMIT $limit`,
    parameters: { ...(after === null ? {} : { after }), ...(upTo === null ? {} : { upTo }), limit },
  };
}

/** A collection's name as SQL++ writes it. A backtick in it is refused: no Couchbase name has one. */
export function keyspaceText({ bucket, scope, collection }: Keyspace): string {
  const parts = [bucket, scope, collection];
  if (parts.some((part) => part.includes('`')))
    throw new Error(`${parts.join('.')} cannot be a collection's name`);
  return parts.map((part) => `\`${part}\``).join('.');
}

/**
 * One page of a shard's keys, as the index knows them when every earlier write is in it (`request_plus`). What the
 * documents hold is read by key afterwards: pages of an index are stale, reads by key are not.
 */
export function keysOf(
  connection: CouchbaseConnection,
  keyspace: Keyspace,
  shard: Shard,
  { limit, timeout }: { readonly limit: number; readonly timeout: number },
): Promise<string[]> {
  const { text, parameters } = keysStatement(keyspaceText(keyspace), shard, limit);
  const target: Target = {
    store: 'couchbase',
    operation: 'enumerate',
    collection: nameOf(keyspace),
    key: null,
  };
  const scanConsistency = QueryScanConsistency.RequestPlus;
  return connection.use(keyspace, async (_, cluster) => {
    const options = { parameters, timeout, scanConsistency, readOnly: true };
    const { rows } = await cluster.query<unknown>(text, options).catch((error: unknown) => {
      throw failureOf(error, target, false);
    });
    return rows.map((key) => {
      if (typeof key === 'string') return key;
      throw new PoisonDocument(target, `the index gave ${described(key)} for a key. Is the index damaged?`);
    });
  });
}
