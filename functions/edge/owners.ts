/** The owners of tables that a configuration asks for. */
import { createHash } from 'node:crypto';
import type { Parsed } from '../configuration/configuration.ts';
import { areUsual } from '../configuration/keys.ts';
import { KEYS_AFTER, type Owner } from '../records/owner.ts';
import type { Keys } from '../stores/selection.ts';

/** Bytes of the patterns that the column has room for, behind the names. */
const ROOM = 600;

/** Which collection each table is to belong to. @param parameters what the names of the parameters begin with. */
export function ownersOf({ collections }: Pick<Parsed, 'collections'>, parameters: string): Owner[] {
  return Object.entries(collections).map(([collection, { couchbase, oracle, keys }]) => ({
    ...{ table: oracle.table, collection, parameters },
    keyspace: `${couchbase.bucket}.${couchbase.scope}.${couchbase.collection}${keysText(keys)}`,
  }));
}

/** Which of its keys, where something is said of them: as their patterns, or a hash where they are many. */
function keysText(keys: Keys): string {
  if (areUsual(keys)) return '';
  const { include, ignore } = keys;
  const text = `${include.join(' ')}${ignore.length === 0 ? '' : ` without ${ignore.join(' ')}`}`;
  const hash = () =>
    createHash('sha256')
      .update(JSON.stringify([include, ignore]))
      .digest('base64url');
  return KEYS_AFTER + (Buffer.byteLength(text) <= ROOM ? text : `of ${hash()}`);
}
