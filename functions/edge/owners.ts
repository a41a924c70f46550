/** The owners of tables that a configuration asks for. */
import type { Parsed } from '../configuration/configuration.ts';
import type { Owner } from '../records/owner.ts';

/** Which collection each table is to belong to. @param parameters what the names of the parameters begin with. */
export function ownersOf({ collections }: Pick<Parsed, 'collections'>, parameters: string): Owner[] {
  return Object.entries(collections).map(([collection, { couchbase, oracle }]) => ({
    ...{ table: oracle.table, collection, parameters },
    keyspace: `${couchbase.bucket}.${couchbase.scope}.${couchbase.collection}`,
  }));
}
