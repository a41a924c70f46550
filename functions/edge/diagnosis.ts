/** The operation `doctor`: both stores as the functions reach them. */
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { type Diagnosis, diagnose } from '../diagnosis/diagnosis.ts';
import { bounded } from './bounded.ts';
import { CLOCK, type Container, type Variables } from './container.ts';
import { loginsNamed, RETIRED } from './environment.ts';
import { lookAt } from './look_at.ts';
import { couchbaseLogin, oracleLogin } from './secrets.ts';

type DiagnosisVariables = Pick<Variables, 'COUCHBASE_SECRET' | 'ORACLE_SECRET' | 'ORACLE_LOGINS'>;

/** @param timely whether there is time for another question. */
export function diagnosisOf(
  { stores, configuration }: Container,
  { COUCHBASE_SECRET, ORACLE_SECRET, ORACLE_LOGINS }: DiagnosisVariables,
  timely: () => boolean,
): (sessions: number | null) => Promise<Diagnosis> {
  const logins = loginsNamed(ORACLE_LOGINS);
  return async (sessions) => {
    const secrets = new SecretsManagerClient(bounded());
    const seen = await lookAt({
      ...{ configuration, timely, watch: CLOCK },
      couchbase:
        COUCHBASE_SECRET === RETIRED
          ? null
          : { connection: stores.cluster, login: () => couchbaseLogin(secrets, COUCHBASE_SECRET) },
      oracle: { connection: stores.database, login: () => oracleLogin(secrets, ORACLE_SECRET), logins },
    });
    return diagnose(seen, { configuration, side: 'functions', sessions, logins });
  };
}
