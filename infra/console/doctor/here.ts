/** Both stores, looked at from this machine with the logins of the functions. */
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { type Diagnosis, diagnose } from '../../../functions/diagnosis/diagnosis.ts';
import { lookAt } from '../../../functions/edge/look_at.ts';
import { couchbaseLogin, oracleLogin } from '../../../functions/edge/secrets.ts';
import { connectCouchbase } from '../../../functions/stores/couchbase/connect.ts';
import { CouchbaseConnection } from '../../../functions/stores/couchbase/connection.ts';
import { OracleConnection } from '../../../functions/stores/oracle/connection.ts';
import { LOGINS } from '../../../functions/stores/oracle/rights.ts';
import { oracleSecrets, sharedWith } from '../../oracle_logins.ts';
import type { CheckedSettings } from '../../settings.ts';

/** Milliseconds for all of it. */
const LONGEST = 60_000;

/** Logs in once into each store: a login that is refused is not tried again. Never rejects for what a store does. */
export async function diagnoseHere({ configuration, deployment }: CheckedSettings): Promise<Diagnosis> {
  const { secrets, oracleSessions: sessions } = deployment;
  const { call } = configuration.timing;
  const [client, began] = [new SecretsManagerClient(), performance.now()];
  const { couchbase: name } = secrets;
  const couchbase = name === null ? null : await attempted(() => couchbaseLogin(client, name));
  const oracle = await attempted(() => oracleLogin(client, secrets.oracle));
  const logins = sharedWith(secrets, 'serve');
  const owner = await attempted(() => oracleLogin(client, secrets.oracleOwner));
  const cluster = new CouchbaseConnection(
    async () =>
      connectCouchbase({ ...(await (couchbase as Attempt<CouchbaseLogin>)()), connectTimeout: call }),
    call,
  );
  const connect = (login: typeof oracle) => new OracleConnection({ login, size: 1, timeout: call });
  const [database, owned] = [connect(oracle), connect(owner)];
  const others = await othersIn(client, secrets);
  const connected = others.map((other) => ({ ...other, connection: connect(other.login) }));
  try {
    const seen = await lookAt({
      ...{ configuration, timely: () => performance.now() - began < LONGEST },
      watch: { wall: () => Date.now(), steady: () => performance.now() },
      couchbase: couchbase === null ? null : { connection: cluster, login: couchbase },
      oracle: { connection: database, login: oracle, logins },
      others: connected,
      owner: { connection: owned, login: owner },
    });
    return diagnose(seen, { configuration, side: 'here', sessions, logins });
  } finally {
    const databases = [database, owned, ...connected.map(({ connection }) => connection)];
    await Promise.all([cluster.close().catch(() => {}), ...databases.map((each) => each.close())]);
  }
}

/** Those logins of the functions that have a secret of their own, beside the API's: with one secret for both, they are one. */
async function othersIn(client: SecretsManagerClient, secrets: CheckedSettings['deployment']['secrets']) {
  const names = oracleSecrets(secrets);
  const own = LOGINS.filter((login) => sharedWith(secrets, login)[0] === login && login !== 'serve');
  return Promise.all(
    own.map(async (login) => ({
      login: await attempted(() => oracleLogin(client, names[login])),
      logins: sharedWith(secrets, login),
    })),
  );
}

type CouchbaseLogin = Awaited<ReturnType<typeof couchbaseLogin>>;
type Attempt<Login> = () => Promise<Login>;

/** Reads a secret once. What has come of it, comes of every later attempt. */
async function attempted<Login>(read: () => Promise<Login>): Promise<Attempt<Login>> {
  try {
    const login = await read();
    return async () => login;
  } catch (error) {
    return () => Promise.reject(error);
  }
}
