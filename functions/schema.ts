/** Lambda: creates and upgrades the tables in Oracle at each deployment, as a custom resource of CloudFormation. */
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import middy from '@middy/core';
import { Owners } from './books/owners.ts';
import { subjectsOf } from './configuration/configuration.ts';
import { bounded } from './edge/bounded.ts';
import { bundledConfiguration } from './edge/bundled.ts';
import { answered, NAMES, type ResourceEvent, resourceEvent } from './edge/custom_resource.ts';
import { RETIRED, variables } from './edge/environment.ts';
import { loggerOf } from './edge/log_lines.ts';
import { oracleUsers } from './edge/oracle_users.ts';
import { ownersOf } from './edge/owners.ts';
import { couchbaseLogin, oracleLogin } from './edge/secrets.ts';
import { OracleConnection } from './stores/oracle/connection.ts';
import type { Login } from './stores/oracle/rights.ts';
import { withoutOwner } from './stores/oracle/schema.ts';
import { upgrade } from './stores/oracle/upgrade.ts';

const CALL = 60_000;
const configuration = bundledConfiguration();
const names = variables(process.env, ['ORACLE_SECRET', 'ORACLE_OWNER_SECRET']);
/** Variables of the version before name one secret for all. */
const SECRETS: Readonly<Record<Login, string>> = {
  serve: names.ORACLE_SECRET,
  work: process.env.ORACLE_WORK_SECRET ?? names.ORACLE_SECRET,
  control: process.env.ORACLE_CONTROL_SECRET ?? names.ORACLE_SECRET,
};
const logger = loggerOf();
const secrets = new SecretsManagerClient(bounded());

/** As the owner of the tables; the functions' users, where they are others, are granted what each of them needs. */
async function act({ ResourceType, ResourceProperties }: ResourceEvent): Promise<void> {
  const { parameters: prefix, couchbaseSecret = RETIRED } = ResourceProperties ?? {};
  const [owner, users] = await Promise.all([
    oracleLogin(secrets, names.ORACLE_OWNER_SECRET),
    oracleUsers(secrets, SECRETS),
    // Only to fail here, and not in the functions that the deployment is about to change.
    couchbaseSecret === RETIRED ? null : couchbaseLogin(secrets, couchbaseSecret),
  ]);
  const connection = new OracleConnection({ login: async () => owner, size: 1, timeout: CALL });
  const owners = new Owners(connection);
  // The template of a version before does not say it.
  const configured = prefix === undefined ? [] : ownersOf(configuration, prefix);
  try {
    await owners.require(configured);
    if (ResourceType === NAMES) return;
    const ahead = await upgrade(
      connection,
      subjectsOf(configuration),
      withoutOwner(users, owner.user),
      (statement) => logger.info('Executes', { statement }),
      { leave: (statement) => logger.warn('INDEX_LEFT: left to the owner of the tables', { statement }) },
    );
    for (const each of ahead)
      logger.info('The tables are newer than this version, and stay as they are', { ...each });
    await owners.record(configured, Date.now());
  } finally {
    await connection.close();
  }
}

export const handler = middy<unknown>()
  .use(injectLambdaContext(logger))
  .handler((event: unknown) => {
    const resource = resourceEvent(event);
    return answered(resource, async () => {
      // A stack that is deleted leaves the tables: they may hold the only copy.
      if (resource.RequestType !== 'Delete') await act(resource);
    });
  });
