/** What a login may do with the tables, beside what it needs. */
import { type Account, type Fact, known, type OracleFacts } from '../facts.ts';
import { heldText, missingOf, surplusOf } from './held_rights.ts';
import type { Login } from './rights.ts';
import { rightsOf, type Subject, type UserRight } from './schema.ts';

export type Row = readonly (string | number | null)[];
export type Ask = (sql: string) => Promise<readonly Row[]>;

export interface Used {
  /** What the tables should be. */
  readonly subjects: readonly Subject[];
  /** What functions of ours log in as this user for. */
  readonly logins: readonly Login[];
}

/** What these logins need, as one user. */
export function neededBy({ subjects, logins }: Used, user: string): UserRight[] {
  return rightsOf(subjects, Object.fromEntries(logins.map((login) => [login, user])));
}

/** Of an owner nothing is missing, nor too much. Before there are tables there are no grants either. */
export async function rightsIn(
  fact: <Value>(right: string, question: () => Promise<Fact<Value>>) => Promise<Fact<Value>>,
  ask: Ask,
  account: Fact<Account>,
  used: Used,
): Promise<Pick<OracleFacts, 'missingRights' | 'surplusRights'>> {
  if (account.kind !== 'read') return { missingRights: account, surplusRights: account };
  const { user, schema } = account.value;
  if (user === schema) return { missingRights: known([]), surplusRights: known([]) };
  const needed = neededBy(used, user);
  const held = await fact('SELECT ON ALL_TAB_PRIVS', async () =>
    known(await ask(heldText(`TABLE_SCHEMA = '${schema}' AND GRANTEE = '${user}'`))),
  );
  if (held.kind !== 'read') return { missingRights: held, surplusRights: held };
  return {
    missingRights: known(missingOf(needed, held.value)),
    surplusRights: known(surplusOf(needed, held.value)),
  };
}
