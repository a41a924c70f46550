/** The tables in Oracle, brought up to date by each deployment before anything uses them. */
import { createHash } from 'node:crypto';
import { CustomResource, Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { subjectsOf } from '../../functions/configuration/configuration.ts';
import { NAMES } from '../../functions/edge/custom_resource.ts';
import { RETIRED } from '../../functions/edge/environment.ts';
import { ownersOf } from '../../functions/edge/owners.ts';
import { CONTROL_RIGHTS } from '../../functions/stores/oracle/rights.ts';
import { oracleSecrets } from '../oracle_logins.ts';
import type { CheckedSettings } from '../settings.ts';
import type { Functions } from './functions.ts';
import type { Parameters } from './parameters.ts';

export class Tables {
  readonly resource: CustomResource;

  constructor(
    scope: Construct,
    functions: Functions,
    { configuration, deployment }: CheckedSettings,
    parameters: Parameters,
  ) {
    const { couchbase, oracleOwner } = deployment.secrets;
    const logins = oracleSecrets(deployment.secrets);
    const upgrader = functions.create('Schema', {
      entry: 'schema',
      description: 'Creates and upgrades the tables in Oracle',
      timeout: Duration.minutes(10),
      memory: 512,
      concurrency: null,
      environment: {
        ...{ ORACLE_SECRET: logins.serve, ORACLE_WORK_SECRET: logins.work },
        ...{ ORACLE_CONTROL_SECRET: logins.control, ORACLE_OWNER_SECRET: oracleOwner },
      },
    });
    if (couchbase !== null) functions.allowReadingSecret(upgrader, couchbase);
    for (const name of new Set([...Object.values(logins), oracleOwner]))
      functions.allowReadingSecret(upgrader, name);
    const made = { serviceToken: upgrader.functionArn, serviceTimeout: Duration.minutes(11) };
    const { parameters: prefix } = deployment;
    // The hash is only to have it look again when a name has changed.
    const names = { names: hashOf(ownersOf(configuration, prefix)), parameters: prefix };
    const looked = new CustomResource(scope, 'Names', {
      ...made,
      resourceType: NAMES,
      // It looks at all secrets, before any function of this version reads them.
      properties: { ...names, couchbaseSecret: couchbase ?? RETIRED },
    });
    this.resource = new CustomResource(scope, 'Tables', {
      ...{ ...made, resourceType: 'Custom::CrossfadeTables' },
      // It grants anew where a login has another secret, or needs something else.
      properties: { schema: hashOf([subjectsOf(configuration), logins, CONTROL_RIGHTS]), ...names },
    });
    // Before there are parameters that say `legacy` of a collection that is elsewhere: they outlive a deployment that fails.
    parameters.node.addDependency(looked);
    // And so before all functions that read them.
    this.resource.node.addDependency(parameters);
  }
}

function hashOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16);
}
