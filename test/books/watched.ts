/** What statements ask of a database, one by one. */
import type { OracleConnection } from '../../functions/stores/oracle/connection.ts';

/** The same connection; what each statement reads at most, and how many rows each has answered with. */
export function watched(connection: OracleConnection) {
  const statements: { readonly most: unknown; readonly rows: number }[] = [];
  const use: typeof connection.use = (target, mutation, act) =>
    connection.use(target, mutation, (session) => {
      const execute = async (text: string, binds: { most?: number; up_to?: string }) => {
        const { rows = [] } = await session.execute(text, binds);
        // What is bound by a key above and by a key below is one page that was counted before.
        const most = /ROWNUM <= :most|FETCH FIRST :most ROWS ONLY/.test(text) ? binds.most : binds.up_to;
        statements.push({ most, rows: rows.length });
        return { rows };
      };
      return act({ execute } as never);
    });
  return { statements, connection: { use } as unknown as OracleConnection };
}
