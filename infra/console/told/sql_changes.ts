/** Rows that were changed by SQL, as people read it. */
import type { SqlChangePage, SqlOutcome } from '../../../functions/operations/sql_changes.ts';
import type { SqlChange, What } from '../../../functions/stores/oracle/sql_changes.ts';
import { instant } from './time.ts';

const TOLD: Readonly<Record<What, string>> = {
  insert: 'inserted',
  document: 'its document was changed',
  columns: 'columns were changed, and not its document',
  delete: 'deleted',
  unversioned: 'its document was changed without a new version',
};

export function changeLine({ key, what, version, changes, lastAt, ...by }: SqlChange): string {
  const times = changes === 1 ? '' : `, ${changes} times`;
  const who = [
    ...(by.user === null ? ['and nothing tells by whom'] : [`by ${by.user}`]),
    ...(by.osUser === null ? [] : [`as ${by.osUser}`]),
    ...(by.module === null ? [] : [`with ${by.module}`]),
  ].join(' ');
  const versions = what === 'delete' ? `it had version ${version}` : `version ${version}`;
  return `${JSON.stringify(key)} ${TOLD[what]}${times}, ${by.user === null ? 'found' : 'last'} ${instant(lastAt)}, ${who}; ${versions}`;
}

export function sqlListLines(name: string, { total, changes, next }: SqlChangePage): string[] {
  return [
    ...changes.map(changeLine),
    total === 0
      ? 'No row that was changed by SQL waits for a decision.'
      : `${changes.length} rows${total === null ? '' : ` of ${total}`}.`,
    ...(next === null
      ? []
      : [`More: npx crossfade sql-changes list ${name} --after '${next.replaceAll("'", "'\\''")}'`]),
  ];
}

/** What becomes of an entry, or what would. */
export function sqlOutcomeLine({ key, does, why }: SqlOutcome, confirm: boolean): string {
  const told = { accept: 'accepted', leave: 'left as it is', nothing: 'stays open' }[does];
  const would = does === 'nothing' ? 'would stay open' : `would be ${told}`;
  return `${JSON.stringify(key)} ${confirm ? told : would}${why === null ? '' : `: ${why}`}`;
}
