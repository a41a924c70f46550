/** Takes back what the users of the functions were granted beyond what they need, as the owner of the tables. */
import type oracledb from 'oracledb';
import type { Target } from '../failure.ts';
import type { OracleConnection } from './connection.ts';
import { type HeldRow, heldText, revocations } from './held_rights.ts';
import { rightsOf, type Subject, tablesOf, type Users } from './schema.ts';

/** @returns the statements that were executed, or with `dryRun` would be: after the grants. */
export async function revoked(
  connection: OracleConnection,
  subjects: readonly Subject[],
  users: Users,
  dryRun: boolean,
): Promise<string[]> {
  const ours = new Set(tablesOf(subjects));
  const names = [...new Set(Object.values(users))].map((name) => `'${name}'`).join(', ');
  const where = `TABLE_SCHEMA = SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA') AND GRANTEE IN (${names})`;
  const target: Target = { store: 'oracle', operation: 'revoke', collection: 'the dictionary', key: null };
  return connection.use(target, !dryRun, async (session: oracledb.Connection) => {
    const { rows = [] } = await session.execute<HeldRow>(heldText(where));
    const held = rows.filter(([, table]) => ours.has(`${table}`));
    const statements = revocations(rightsOf(subjects, users), held);
    for (const statement of dryRun ? [] : statements) await session.execute(statement);
    return statements;
  });
}
