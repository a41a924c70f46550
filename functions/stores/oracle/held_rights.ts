/** What users have been granted on tables, beside what they need: what is missing, what is too much, and how that is taken back. */
import { privilegesOf } from './rights.ts';
import type { UserRight } from './schema.ts';

/** What was granted to users on the tables of a schema; of a grant by columns a row for each. @param where a condition on GRANTEE and TABLE_SCHEMA. */
export function heldText(where: string): string {
  return (
    `SELECT GRANTEE, TABLE_NAME, PRIVILEGE, NULL AS COLUMN_NAME FROM ALL_TAB_PRIVS WHERE ${where} ` +
    `UNION ALL SELECT GRANTEE, TABLE_NAME, PRIVILEGE, COLUMN_NAME FROM ALL_COL_PRIVS WHERE ${where}`
  );
}

export type HeldRow = readonly (string | number | null)[];

/** Privileges by user and table: `UPDATE` of a whole table, `UPDATE (STATE)` of a column. */
type Held = ReadonlyMap<string, ReadonlySet<string>>;

function heldIn(rows: readonly HeldRow[]): Held {
  const held = new Map<string, Set<string>>();
  for (const [user, table, privilege, column] of rows) {
    const name = `${user} ${table}`;
    const of = held.get(name) ?? new Set();
    held.set(name, of.add(column === null ? `${privilege}` : `${privilege} (${column})`));
  }
  return held;
}

/** Each privilege by itself, a column at a time. */
function neededBy({ right }: UserRight): string[] {
  return privilegesOf(right).flatMap((text) => {
    const [, privilege, columns] = /^(\w+) \((.+)\)$/.exec(text) ?? [];
    return columns === undefined
      ? [text]
      : columns.split(', ').map((column) => `${privilege} (${column.toUpperCase()})`);
  });
}

const wholeOf = (privilege: string) => privilege.replace(/ \(.*/, '');

function isCovered(privilege: string, held: ReadonlySet<string>): boolean {
  return held.has(privilege) || held.has(wholeOf(privilege)) || (privilege === 'READ' && held.has('SELECT'));
}

/** As `INSERT ON ORDERS`. Columns of one table are told together. */
export function missingOf(needed: readonly UserRight[], rows: readonly HeldRow[]): string[] {
  const held = heldIn(rows);
  return needed.flatMap((each) => {
    const has = held.get(`${each.user} ${each.table}`) ?? new Set();
    const lacks = neededBy(each).filter((privilege) => !isCovered(privilege, has));
    return [...new Set(lacks.map(wholeOf))].map((privilege) => `${privilege} ON ${each.table}`);
  });
}

/** What these users may do on these tables beyond what they need, in the same form. */
export function surplusOf(needed: readonly UserRight[], rows: readonly HeldRow[]): string[] {
  return beyond(needed, rows).map(({ table, privilege }) => `${privilege} ON ${table}`);
}

/**
 * Takes back what is too much. Columns are revoked with their table, and granted anew at once: until then a call that changes them is refused.
 * Execute it after the grants, and once no function of the version before logs in as one of these users.
 */
export function revocations(needed: readonly UserRight[], rows: readonly HeldRow[]): string[] {
  return beyond(needed, rows).flatMap(({ user, table, privilege }) => {
    const right = needed.find((each) => each.user === user && each.table === table)?.right ?? {};
    const kept = privilegesOf(right).filter((text) => wholeOf(text) === privilege);
    return [
      `REVOKE ${privilege} ON ${table} FROM ${user}`,
      ...kept.map((text) => `GRANT ${text} ON ${table} TO ${user}`),
    ];
  });
}

function beyond(needed: readonly UserRight[], rows: readonly HeldRow[]) {
  const wanted = new Map(needed.map((each) => [`${each.user} ${each.table}`, new Set(neededBy(each))]));
  return [...heldIn(rows)].flatMap(([name, held]) => {
    const [user = '', table = ''] = name.split(' ');
    const needs = wanted.get(name) ?? new Set();
    const more = [...held].filter((privilege) => !needs.has(privilege)).map(wholeOf);
    return [...new Set(more)].map((privilege) => ({ user, table, privilege }));
  });
}
