/** CREATE OR REPLACE VIEW: a query that is kept. Of expressions over dates it may have one, the seconds since the epoch. */
import { OraError } from '../ora.ts';
import { engineName } from './names.ts';
import { type Token, tokensOf } from './tokens.ts';

const CREATE = /^\s*CREATE\s+OR\s+REPLACE\s+VIEW\s+(?<name>\w+)\s+AS\s+(?<query>SELECT\s[\s\S]*)$/i;
const SECONDS =
  /ROUND\(\(TO_DATE\(TO_CHAR\(SYS_EXTRACT_UTC\(SYSTIMESTAMP\), 'YYYY-MM-DD HH24:MI:SS'\), 'YYYY-MM-DD HH24:MI:SS'\) - DATE '1970-01-01'\) \* 86400\)/gi;
const EPOCH = 'floor(extract(epoch from "SYSTIMESTAMP"()))::numeric';

export interface View {
  readonly begins: string;
  readonly query: readonly Token[];
}

/** Null for any other statement. Throws ORA-03001 for another form of it, ORA-01027 for one with bind variables. */
export function viewIn(sql: string): View | null {
  if (!/^\s*CREATE(\s+OR\s+REPLACE)?\s+VIEW\b/i.test(sql)) return null;
  const { name, query } = CREATE.exec(sql)?.groups ?? {};
  if (name === undefined || query === undefined)
    throw new OraError(3001, 'unimplemented feature: another form of VIEW');
  const tokens = tokensOf(query.replace(SECONDS, ' SECONDS_NOW '));
  if (tokens.some(({ kind }) => kind === 'bind'))
    throw new OraError(1027, 'bind variables not allowed for data definition operations');
  const known = (token: Token): Token =>
    token.kind === 'word' && token.text === 'SECONDS_NOW' ? { kind: 'operator', text: EPOCH } : token;
  return {
    begins: `CREATE OR REPLACE VIEW "${engineName(name.toUpperCase())}" AS`,
    query: tokens.map(known),
  };
}
