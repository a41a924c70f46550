/**
 * Versions of many documents in one request, as an index tells them. Operators create it, by a statement of the manual, and nothing needs it: where it is missing,
 * each document is asked. Only what it has is told, so it adds no document to a collection and takes none from it.
 *
 * The index has to hold all that is asked for: where the query service fetches the documents, it tells no expiry of them ("Indexing Metadata Information", Couchbase
 * 7.0). And it passes over a hint that names no index. So each page is believed only where the index still answers alone after it.
 * What is no JSON is in no index but a primary one, and a CAS keeps all of its digits (the sources of couchbase/indexing and couchbase/query: `projector/index.go`,
 * `collatejson`, `value.go`). Looked up on 28 November 2026, not tried on a real server.
 */
import { QueryScanConsistency } from 'couchbase';
import type { Shard } from '../../protocol/shard.ts';
import type { Version } from '../../protocol/version.ts';
import { ATTRIBUTE } from './attribute.ts';
import type { CouchbaseConnection, Keyspace } from './connection.ts';
import { keyspaceText, type Statement } from './enumerate.ts';
import { markOf } from './inspect.ts';

const VERSIONS_INDEX = 'crossfade_versions';
/** Of the attribute all but the request, which may be long. */
const MARK = ['version', 'cas', 'marker'].map((member) => `META(d).xattrs.${ATTRIBUTE}.${member}`).join(', ');

export interface ListedVersion {
  readonly key: string;
  /** Null where that takes a look at the document: a mark of a deletion, perhaps touched, or an attribute that is none of ours. */
  readonly version: Version | null;
  /** Seconds since the epoch; null for none. */
  readonly expires: number | null;
}

/** SQL++ for the next `limit` versions of a shard, in the order of their keys. A CAS comes as text: it has more digits than a number of JSON has for certain. */
export function versionsStatement(keyspace: string, { after, upTo }: Shard, limit: number): Statement {
  const bound = upTo === null ? '' : ' AND META(d).id <= $upTo';
  return {
    text:
      `SELECT RAW [META(d).id, TO_STRING(META(d).cas), META(d).expiration, ${MARK}] ` +
      `FROM ${keyspace} AS d USE INDEX (\`${VERSIONS_INDEX}\` USING GSI) WHERE META(d).id > $after${bound} ORDER BY META(d).id LIMIT $limit`,
    // No key is empty. An index is read only where there is a condition on its first key.
    parameters: { after: after ?? '', ...(upTo === null ? {} : { upTo }), limit },
  };
}

/**
 * Whether the index alone answers the statement: it is online, and holds all that is asked for. The plan tells it, to everybody who may ask for the versions; which indexes there are,
 * the catalog tells to users with more rights only. False also where nobody can tell: lists make runs faster, and no more.
 */
export async function hasVersionsIndex(
  connection: CouchbaseConnection,
  keyspace: Keyspace,
  timeout: number,
): Promise<boolean> {
  const { text, parameters } = versionsStatement(keyspaceText(keyspace), { after: null, upTo: null }, 1);
  try {
    const options = { parameters, timeout, readOnly: true };
    const { rows } = await connection.use(keyspace, (_, cluster) =>
      cluster.query<unknown>(`EXPLAIN ${text}`, options),
    );
    // A scan that has to fetch the documents covers nothing.
    return operatorsIn(rows).some(({ index, covers }) => index === VERSIONS_INDEX && Array.isArray(covers));
  } catch {
    return false;
  }
}

/** All operators of a plan, at any depth. */
function operatorsIn(plan: unknown): Readonly<Record<string, unknown>>[] {
  if (typeof plan !== 'object' || plan === null) return [];
  const own = '#operator' in plan ? [plan as Readonly<Record<string, unknown>>] : [];
  return [...own, ...Object.values(plan).flatMap(operatorsIn)];
}

/**
 * One page of a shard, with all that was written before the call (`request_plus`). What the index tells in another form than ours is left out, and so is all of it where
 * the index does not answer, for whatever reason: it may be dropped or slow while all else works. The documents are asked then, and what is wrong with the cluster fails there.
 */
export async function versionsOf(
  connection: CouchbaseConnection,
  keyspace: Keyspace,
  shard: Shard,
  { limit, timeout }: { readonly limit: number; readonly timeout: number },
): Promise<ListedVersion[]> {
  const { text, parameters } = versionsStatement(keyspaceText(keyspace), shard, limit);
  const options = { parameters, timeout, readOnly: true, scanConsistency: QueryScanConsistency.RequestPlus };
  try {
    const { rows } = await connection.use(keyspace, (_, cluster) => cluster.query<unknown>(text, options));
    return (await hasVersionsIndex(connection, keyspace, timeout)) ? rows.flatMap(listedFrom) : [];
  } catch {
    return [];
  }
}

function listedFrom(row: unknown): ListedVersion[] {
  if (!Array.isArray(row)) return [];
  const [key, cas, expires, ...mark] = row as unknown[];
  const isTold = typeof key === 'string' && typeof cas === 'string' && /^\d{1,20}$/.test(cas);
  if (!isTold || !Number.isSafeInteger(expires)) return [];
  return [
    { key, version: versionOf(BigInt(cas), mark), expires: expires === 0 ? null : (expires as number) },
  ];
}

/** @param mark members of the attribute, null for what it has not. */
function versionOf(cas: bigint, [version, written, marker]: readonly unknown[]): Version | null {
  if ([version, written, marker].every((member) => (member ?? null) === null)) return cas;
  const mark = markOf({ version, cas: written, marker });
  if (mark === null || mark.marker) return null;
  // Any other write leaves the attribute behind.
  return mark.written === cas ? mark.version : cas;
}
