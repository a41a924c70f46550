/** Whether a table in the session's schema has an index, by its name, that can be used. */
import type { OracleConnection } from './connection.ts';

const QUERY =
  "SELECT COUNT(*) FROM ALL_INDEXES WHERE table_owner = SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA') " +
  "AND table_name = :owner AND index_name = :name AND status = 'VALID'";

export function hasIndex(
  connection: OracleConnection,
  table: string,
  name: string,
  timeout?: number | undefined,
): Promise<boolean> {
  const target = { store: 'oracle', operation: 'look for an index', collection: table, key: null } as const;
  const act: Parameters<typeof connection.use<boolean>>[2] = async (session) => {
    const { rows } = await session.execute<[number]>(QUERY, { owner: table, name });
    return Number(rows?.[0]?.[0] ?? 0) > 0;
  };
  return connection.use(target, false, act, timeout);
}
