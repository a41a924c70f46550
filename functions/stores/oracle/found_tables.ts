/** Reads what tables are like, from the data dictionary of their owner. */
import type oracledb from 'oracledb';
import { OperatorNeeded, type Target } from '../failure.ts';
import type { OracleConnection } from './connection.ts';
import { describedTables } from './described.ts';
import { differencesOf, type FoundColumn, type FoundConstraint, type FoundTable } from './differences.ts';
import type { Subject } from './schema.ts';
import { listOf } from './statements.ts';

const TARGET: Target = { store: 'oracle', operation: 'preflight', collection: 'CROSSFADE_SCHEMA', key: null };

/**
 * Throws `OperatorNeeded` with `SCHEMA_DIFFERS` where a table that is there already is not what Crossfade needs: all differences, each with what to do.
 * @param versions how many steps of each subject the database has been through.
 */
export async function requireLikeOurs(
  connection: OracleConnection,
  subjects: readonly Subject[],
  versions: ReadonlyMap<string, number>,
): Promise<void> {
  const described = describedTables(subjects);
  if (described.length === 0) return;
  const found = await foundTables(
    connection,
    described.map(({ name }) => name),
  );
  const differences = described.flatMap((table) => {
    const there = found.get(table.name);
    return there === undefined ? [] : differencesOf(table, there, versions);
  });
  if (differences.length === 0) return;
  const strangers = described.filter(
    ({ name, subject, version }) => found.has(name) && (versions.get(subject) ?? 0) < version,
  );
  const hint = strangers.map(
    ({ name }) =>
      ` ${name} was there before Crossfade: if it is not meant for it, name another table in the configuration.`,
  );
  throw new OperatorNeeded(
    TARGET,
    `SCHEMA_DIFFERS: tables that are there already are not as they have to be. Nothing was executed.${hint.join('')} Let their owner mend this: ` +
      differences.join('; '),
  );
}

/** By their names; those that are not there are missing. */
async function foundTables(
  connection: OracleConnection,
  names: readonly string[],
): Promise<ReadonlyMap<string, FoundTable>> {
  const { list, binds } = listOf(names);
  const rows = <Row>(query: string) =>
    connection.use(
      TARGET,
      false,
      async (session) => (await session.execute<Row>(query, binds as oracledb.BindParameters)).rows ?? [],
    );
  const columns = await rows<ColumnRow>(
    'SELECT table_name, column_name, data_type, data_length, data_precision, data_scale, nullable, default_length, char_used, char_length ' +
      `FROM USER_TAB_COLUMNS WHERE table_name IN (${list})`,
  );
  const constraints = await rows<ConstraintRow>(
    'SELECT table_name, constraint_name, constraint_type, search_condition_vc FROM USER_CONSTRAINTS ' +
      `WHERE status = 'ENABLED' AND table_name IN (${list})`,
  );
  const members = await rows<readonly [table: string, constraint: string, column: string]>(
    `SELECT table_name, constraint_name, column_name FROM USER_CONS_COLUMNS WHERE table_name IN (${list})`,
  );
  const membersOf = (constraint: string) =>
    members.filter(([, name]) => name === constraint).map(([, , column]) => column);
  const tables = new Map<string, { columns: FoundColumn[]; constraints: FoundConstraint[] }>();
  for (const row of columns) {
    const table = tables.get(row[0]) ?? { columns: [], constraints: [] };
    table.columns.push(columnFrom(row));
    tables.set(row[0], table);
  }
  for (const [table, name, kind, condition] of constraints)
    tables.get(table)?.constraints.push({ name, kind, condition, columns: membersOf(name) });
  return tables;
}

type ColumnRow = readonly [
  table: string,
  name: string,
  type: string,
  length: number | null,
  precision: number | null,
  scale: number | null,
  nullable: string,
  defaultLength: number | null,
  charUsed: string | null,
  charLength: number | null,
];
type ConstraintRow = readonly [table: string, name: string, kind: string, condition: string | null];

function columnFrom(row: ColumnRow): FoundColumn {
  const [, name, type, length, precision, scale, nullable, initial, charUsed, charLength] = row;
  return {
    // The dictionary has the digits in the name of the type, too: TIMESTAMP(6) WITH TIME ZONE.
    ...{ name, type: type.replace(/^TIMESTAMP\(\d\)/, 'TIMESTAMP'), precision, scale },
    bytes: type === 'VARCHAR2' || type === 'RAW' ? length : null,
    characters: type === 'VARCHAR2' && charUsed === 'C' ? charLength : null,
    nullable: nullable === 'Y',
    hasDefault: initial !== null,
  };
}
