/** Which dead letters an operator means. */
import { keysFrom } from '../stores/oracle/set_aside_rows.ts';

/** Which letters an operator means: all, or those with this cause or of this document. */
export interface Wanted {
  readonly cause?: string | undefined;
  readonly collection?: string | undefined;
  readonly key?: string | undefined;
  /** Of documents that this caller has written. */
  readonly caller?: string | undefined;
  /** Of documents whose keys begin so. */
  readonly prefix?: string | undefined;
  /** Only of what Oracle has refused, or is too large to be moved: as `leave-out` means it. */
  readonly unstorable?: boolean | undefined;
}

/** How the causes of such letters begin: see `PoisonDocument`, and what a backfill says of a body that it does not read. */
const UNSTORABLE = "(cause LIKE 'oracle %' OR cause LIKE 'a body of % bytes is above what can be moved%')";

/** The condition of those that are wanted, and open. */
export function openOf({ cause, collection, key, caller, prefix, unstorable = false }: Wanted): {
  where: string;
  binds: Record<string, string>;
} {
  const asked = Object.entries({ cause, collection, doc_key: key, caller }).filter(
    (each): each is [string, string] => each[1] !== undefined,
  );
  const begins = prefix === undefined ? null : keysFrom(prefix);
  const where = [
    "state = 'open'",
    ...asked.map(([column]) => `${column} = :${column}`),
    ...(begins === null ? [] : [begins.where]),
    ...(unstorable ? [UNSTORABLE] : []),
  ].join(' AND ');
  return { where, binds: { ...Object.fromEntries(asked), ...begins?.binds } };
}
