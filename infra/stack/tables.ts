/** The tables in Oracle, brought up to date by each deployment before anything uses them. */
import { createHash } from 'node:crypto';
import { CustomResource, Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { subjectsOf } from '../../functions/configuration/configuration.ts';
import type { CheckedSettings } from '../settings.ts';
import type { Functions } from './functions.ts';

export class Tables {
  readonly resource: CustomResource;

  constructor(scope: Construct, functions: Functions, { configuration, deployment }: CheckedSettings) {
    const { oracle, oracleOwner } = deployment.secrets;
    const upgrader = functions.create('Schema', {
      entry: 'schema',
      description: 'Creates and upgrades the tables in Oracle',
      timeout: Duration.minutes(10),
      memory: 512,
      concurrency: null,
      environment: { ORACLE_SECRET: oracle, ORACLE_OWNER_SECRET: oracleOwner },
    });
    functions.allowReadingSecret(upgrader, oracle);
    functions.allowReadingSecret(upgrader, oracleOwner);
    this.resource = new CustomResource(scope, 'Tables', {
      resourceType: 'Custom::CrossfadeTables',
      serviceToken: upgrader.functionArn,
      serviceTimeout: Duration.minutes(11),
      properties: { schema: hashOf(subjectsOf(configuration)) },
    });
  }
}

function hashOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16);
}
