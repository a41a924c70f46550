/** Functions that have no login of Couchbase: they obey the phase, ask Oracle, and leave to receipts what they find. */
import type { Duration } from 'aws-cdk-lib';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { RETIRED } from '../../functions/edge/environment.ts';
import type { Login } from '../../functions/stores/oracle/rights.ts';
import type { Entry } from '../bundle.ts';
import { oracleSecrets } from '../oracle_logins.ts';
import type { CheckedSettings } from '../settings.ts';
import type { Functions } from './functions.ts';
import type { Parameters } from './parameters.ts';
import type { WorkQueue } from './work_queue.ts';

/** What it is made of. */
export interface Surroundings {
  readonly functions: Functions;
  readonly parameters: Parameters;
  readonly receipts: WorkQueue;
  readonly settings: CheckedSettings;
  readonly timeout: Duration;
  /** Of functions with its login. */
  readonly environment: Readonly<Record<string, string>>;
}

/** @param login as whom it asks Oracle. @param memory mebibytes. @param concurrency containers at most. */
export function withoutCouchbase(
  { functions, parameters, receipts, settings, timeout, environment }: Surroundings,
  {
    id,
    login,
    ...own
  }: {
    readonly id: string;
    readonly login: Login;
    readonly entry: Entry;
    readonly description: string;
    readonly memory: number;
    readonly concurrency: number;
  },
): LambdaFunction {
  const { secrets } = settings.deployment;
  const made = functions.create(id, {
    ...{ ...own, timeout },
    environment: { ...environment, COUCHBASE_SECRET: RETIRED },
  });
  parameters.allowObeying(made);
  parameters.allowLogins(made);
  functions.allowReadingSecret(made, oracleSecrets(secrets)[login]);
  if (secrets.keys !== null) functions.allowReadingSecret(made, secrets.keys);
  receipts.allowSending(made);
  return made;
}
