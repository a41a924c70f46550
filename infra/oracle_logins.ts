/** Which secret each login of the functions in Oracle has. */
import { LOGINS, type Login } from '../functions/stores/oracle/rights.ts';
import type { Deployment } from './settings.ts';

type Secrets = Deployment['secrets'];

/** Names of secrets. A login without one of its own has that of the API. */
export function oracleSecrets({
  oracle,
  oracleWork,
  oracleControl,
}: Secrets): Readonly<Record<Login, string>> {
  return { serve: oracle, work: oracleWork ?? oracle, control: oracleControl ?? oracle };
}

/** What a function is told of the secret that it logs in with. @param tells whether it tells operators of it. */
export function oracleVariables(secrets: Secrets, login: Login, tells: boolean): Record<string, string> {
  const name = oracleSecrets(secrets)[login];
  return { ORACLE_SECRET: name, ...(tells && { ORACLE_LOGINS: sharedWith(secrets, login).join(',') }) };
}

/** All logins that have the same secret as this one. */
export function sharedWith(secrets: Secrets, login: Login): Login[] {
  const names = oracleSecrets(secrets);
  return LOGINS.filter((each) => names[each] === names[login]);
}
