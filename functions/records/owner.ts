/** Which collection a table of Oracle belongs to, and what a deployment must not change of that in the middle of a migration. */

export interface Owner {
  readonly table: string;
  readonly collection: string;
  /** What the names of the deployment's parameters begin with. */
  readonly parameters: string;
  /** Of Couchbase: bucket, scope and collection; and after `KEYS_AFTER` which of its keys, where it does not take all of them. */
  readonly keyspace: string;
}

export const KEYS_AFTER = ', keys ';
/** The pattern of every key, where none is ignored. */
const EVERY_KEY = '*';

/** Where the audit log leaves a collection. */
export interface LastMove {
  readonly phase: string;
  readonly retired: boolean;
}

/** What the action of a move says; null for any other action. */
export function lastMoveIn(action: string): LastMove | null {
  const [, from, phase] = /: phase (\w+) to (\w+)$/.exec(action) ?? [];
  return phase === undefined ? null : { phase, retired: from === phase };
}

/**
 * What is wrong with the names of a deployment, one text each. A collection of another name, or below another prefix, gets a new parameter, which says
 * `legacy`: routers would serve Couchbase although Oracle has later writes.
 * @param configured the owners as they are to be. @param recorded as they are.
 * @param moved where each collection is; null where it has never left `legacy`.
 */
export function renamed(
  configured: readonly Owner[],
  recorded: readonly Owner[],
  moved: (collection: string) => LastMove | null,
): string[] {
  return recorded.flatMap((before) => {
    const last = moved(before.collection);
    if (last === null || last.phase === 'legacy') return [];
    const problem = problemOf(before, configured, last);
    return problem === null ? [] : [`${problem} ${wayOut(before)}`];
  });
}

function problemOf(before: Owner, configured: readonly Owner[], { phase, retired }: LastMove): string | null {
  const { table, collection, parameters, keyspace } = before;
  const is = `${collection} (table ${table}, parameters ${parameters}) is in ${retired ? 'contract, retired' : phase}`;
  const same = configured.find((one) => one.collection === collection && one.parameters === parameters);
  if (same !== undefined) return changed(before, same, is, { phase, retired });
  const heir =
    configured.find((one) => one.table === table) ?? configured.find((one) => one.keyspace === keyspace);
  if (heir !== undefined)
    return (
      `COLLECTION_RENAMED: ${is}, and this deployment calls it ${heir.collection}, with parameters ${heir.parameters}. Under that name it ` +
      'would begin in legacy, and apps would be served from Couchbase, without what Oracle has alone.'
    );
  const decides = phase !== 'expand' && !retired;
  return decides && configured.some((one) => one.parameters === parameters)
    ? `COLLECTION_VANISHED: ${is}, and this deployment does not have it, so nobody could read or move it any more.`
    : null;
}

/** @param is where the collection is, in words. */
function changed(
  before: Owner,
  { table, keyspace }: Owner,
  is: string,
  { phase, retired }: LastMove,
): string | null {
  if (table !== before.table)
    return `COLLECTION_MOVED: ${is}, and this deployment gives it the table ${table}, which does not hold its documents.`;
  // Once it is retired, no function asks Couchbase.
  if (keyspace === before.keyspace || retired) return null;
  const [place, keys] = keyspace.split(KEYS_AFTER, 2);
  const [same, others] = before.keyspace.split(KEYS_AFTER, 2);
  // What the version before has recorded took every key. Its runs are of another mapping, so in `expand` all of them are copied and verified anew.
  if (place === same && others === undefined && keys === EVERY_KEY && phase === 'expand') return null;
  if (place === same)
    return (
      `KEYS_CHANGED: ${is} with ${keysOf(others)} of ${place} in Couchbase, and this deployment gives it ${keysOf(keys)}. ` +
      'Nobody would have copied or verified what it takes anew, and what it takes no more would stay in Oracle as it is, served by nobody.'
    );
  return (
    `COLLECTION_REPOINTED: ${is} with the documents of ${before.keyspace} in Couchbase, and this deployment gives it those of ${keyspace}. ` +
    'Repairs would take these for other states of the same documents.'
  );
}

function keysOf(patterns: string | undefined): string {
  return patterns === undefined ? 'all keys' : `the keys ${patterns}`;
}

function wayOut({ table, collection }: Owner): string {
  return (
    `Nothing was changed. Deploy the configuration with the names of before; to change them, take it to legacy first (npx crossfade set legacy ` +
    `--collection ${collection}). Where that is where it is, or it is not to be served any more, the owner of the tables executes ` +
    `DELETE FROM CROSSFADE_TABLES WHERE table_name = '${table}' and COMMIT, then deploy again.`
  );
}
