/** What a container of the function that certifies holds: connections of its own to both stores, and nothing of what moves documents. */
import type { Logger } from '@aws-lambda-powertools/logger';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SSMClient } from '@aws-sdk/client-ssm';
import { Certificates } from '../books/certificates.ts';
import { timeOfLargest } from '../certification/sizes.ts';
import type { Scratch } from '../certification/turn.ts';
import { type Treatment, treatmentsIn } from '../configuration/certification.ts';
import { OracleConnection } from '../stores/oracle/connection.ts';
import { bounded } from './bounded.ts';
import { bundledCode, bundledConfiguration } from './bundled.ts';
import { clusterOver, oracleGate } from './connections.ts';
import { CLOCK } from './container.ts';
import { encryptionsOf } from './encryption.ts';
import { loggerOf } from './log_lines.ts';
import { scratchOver } from './scratch.ts';

export const CERTIFY_VARIABLES = ['PARAMETERS', 'COUCHBASE_SECRET', 'ORACLE_SECRET'] as const;

/** Sessions in Oracle while it certifies: of the stores, which clients of a rehearsal share, and one for the book and the largest documents. */
const SESSIONS = { stores: 6, patient: 1 };

export interface Certifier {
  readonly logger: Logger;
  readonly book: Certificates;
  /** What has to be certified. */
  readonly places: readonly Treatment[];
  /** @param place JSON of one of them. @param timeLeft milliseconds that this turn may still take. */
  open(place: string, timeLeft: () => number): Scratch;
  /** Milliseconds since the epoch. */
  now(): number;
}

export function certifier(
  environment: Readonly<Record<(typeof CERTIFY_VARIABLES)[number], string>>,
): Certifier {
  const configuration = bundledConfiguration();
  const { call } = configuration.timing;
  const logger = loggerOf();
  const secrets = new SecretsManagerClient(bounded());
  const names = { couchbase: environment.COUCHBASE_SECRET, oracle: environment.ORACLE_SECRET };
  const cluster = clusterOver(secrets, names.couchbase, call);
  const heart = {
    parameters: new SSMClient(bounded()),
    prefix: environment.PARAMETERS,
    logger,
    now: CLOCK.wall,
  };
  const gate = oracleGate(secrets, names.oracle, heart);
  const pool = (size: number, timeout: number) =>
    new OracleConnection({ login: gate.login, gate, size, timeout });
  const database = pool(SESSIONS.stores, call);
  const patient = pool(SESSIONS.patient, timeOfLargest(call));
  const parts = {
    ...{ cluster, database, patient, configuration, call, code: bundledCode() },
    encryptions: () => encryptionsOf(secrets, names),
  };
  return {
    logger,
    book: new Certificates(patient),
    places: treatmentsIn(configuration.collections),
    open: (place, timeLeft) => scratchOver({ ...parts, timeLeft }, JSON.parse(place) as Treatment),
    now: CLOCK.wall,
  };
}
