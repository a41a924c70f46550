/** GRANT and REVOKE of privileges on a table: nothing else is granted here. */
import { OraError } from '../ora.ts';
import type { Privilege } from './needs.ts';
import type { Token } from './tokens.ts';

export interface Granting {
  readonly revokes: boolean;
  readonly privileges: readonly { readonly privilege: Privilege; readonly columns: readonly string[] }[];
  readonly table: string;
  readonly schema: string | null;
  readonly grantee: string;
}

const PRIVILEGES: readonly string[] = ['READ', 'SELECT', 'INSERT', 'UPDATE', 'DELETE'];
/** Privileges that can be granted on columns. */
const BY_COLUMN: readonly string[] = ['INSERT', 'UPDATE'];

/** Throws ORA-00990 for what is no privilege here, and ORA-01750 where columns are revoked. */
export function grantingOf(tokens: readonly Token[]): Granting {
  const revokes = tokens[0]?.text === 'REVOKE';
  const on = tokens.findIndex(({ kind, text }) => kind === 'word' && text === 'ON');
  const to = tokens.findIndex(({ text }, at) => at > on && text === (revokes ? 'FROM' : 'TO'));
  if (on < 0 || to < 0 || tokens.length !== to + 2) throw new OraError(990, 'missing or invalid privilege');
  const privileges = privilegesIn(tokens.slice(1, on));
  if (revokes && privileges.some(({ columns }) => columns.length > 0))
    throw new OraError(1750, 'UPDATE/REFERENCES may only be REVOKEd from the whole table, not by column');
  const named = tokens.slice(on + 1, to).map(({ text }) => text);
  return {
    ...{ revokes, privileges, grantee: (tokens[to + 1]?.text ?? '').toUpperCase() },
    ...{ table: named.at(-1) ?? '', schema: named.length > 1 ? (named[0] ?? null) : null },
  };
}

function privilegesIn(tokens: readonly Token[]): Granting['privileges'] {
  const found: { privilege: Privilege; columns: string[] }[] = [];
  for (let at = 0; at < tokens.length; at++) {
    const privilege = tokens[at]?.text ?? '';
    if (!PRIVILEGES.includes(privilege)) throw new OraError(990, 'missing or invalid privilege');
    const columns: string[] = [];
    if (tokens[at + 1]?.text === '(') {
      if (!BY_COLUMN.includes(privilege)) throw new OraError(969, 'missing ON keyword');
      for (at += 2; at < tokens.length && tokens[at]?.text !== ')'; at++)
        if (tokens[at]?.text !== ',') columns.push(tokens[at]?.text ?? '');
    }
    found.push({ privilege: privilege as Privilege, columns });
    if (at + 1 < tokens.length && tokens[++at]?.text !== ',')
      throw new OraError(990, 'missing or invalid privilege');
  }
  return found;
}
