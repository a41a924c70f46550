/** What one container of a function holds for as long as it lives: made once, outside of the handler. */
import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import type { Audit } from '../books/audit.ts';
import { claim } from '../books/pace.ts';
import { bake, feedDelay, type Parsed, type Timing } from '../configuration/configuration.ts';
import type { FailoverWatch } from '../identity/failovers.ts';
import { type Clock, PhaseCache } from '../phases/phase_cache.ts';
import { LoadWatch } from '../runs/load_watch.ts';
import { Pace } from '../runs/pace.ts';
import { backlogIn } from './anchor_backlog.ts';
import { AnchorLog, anchorSender } from './anchor_log.ts';
import { bounded } from './bounded.ts';
import { bundledConfiguration } from './bundled.ts';
import { letterKeeper } from './dead_letters.ts';
import { RETIRED } from './environment.ts';
import type { HeartbeatParts } from './heartbeat.ts';
import { KeyNames, saltFrom } from './key_names.ts';
import { loadOf } from './load.ts';
import { loggerOf } from './log_lines.ts';
import { type NotDurablePorts, notingNotDurable } from './not_durable.ts';
import { hearDates, phasesReader, readParameter } from './parameters.ts';
import { type KeepLetter, receiptSender, type SendReceiptAfter } from './queue.ts';
import { ServiceClock } from './service_clock.ts';
import { Stores } from './stores.ts';
import { toldPhases } from './told_phases.ts';
import { witnesses } from './witness.ts';

/** Of all runs, in the table of paces. */
const BUDGET = 'runs';

export const VARIABLES = ['PARAMETERS', 'RECEIPTS_QUEUE', 'COUCHBASE_SECRET', 'ORACLE_SECRET'] as const;

export type Variables = Readonly<Record<(typeof VARIABLES)[number], string>> & {
  /** Of those functions that copy. */
  readonly PACE_PARAMETER?: string;
  /** Of those functions that write the audit log: the log group of its anchors. Where the environment is of the version before, entries have none. */
  readonly AUDIT_LOG?: string;
  /** The secret with the salt of keys in logs; none where logs have keys as they are. */
  readonly KEYS_SECRET?: string;
  /** Of the function that operators ask: see `loginsNamed`. */
  readonly ORACLE_LOGINS?: string | undefined;
};

export interface Container {
  readonly configuration: Parsed;
  readonly logger: Logger;
  /** How logs name keys. */
  readonly keys: KeyNames;
  readonly metrics: Metrics;
  readonly queues: SQSClient;
  readonly parameters: SSMClient;
  readonly phases: PhaseCache;
  readonly stores: Stores;
  readonly audit: Audit;
  /** Null where the function writes no entries. */
  readonly anchors: AnchorLog | null;
  readonly failovers: FailoverWatch;
  readonly pace: Pace;
  readonly load: LoadWatch;
  readonly sendReceipt: SendReceiptAfter;
  readonly keepLetter: KeepLetter;
  /** Milliseconds since the epoch, as all containers count them. */
  readonly now: () => number;
}

export function container(variables: Variables): Container {
  const configuration = bundledConfiguration();
  const { timing } = configuration;
  const secrets = new SecretsManagerClient(bounded());
  const keys = keyNames(secrets, variables.KEYS_SECRET, (error) =>
    logger.error('KEYS_SALT: the salt of the keys could not be read, and keys are #unread', error as Error),
  );
  const logger = loggerOf(keys);
  const metrics = new Metrics({ namespace: 'Crossfade', serviceName: 'crossfade' });
  const count = (name: string) => metrics.addMetric(name, MetricUnit.Count, 1);
  const queues = new SQSClient(bounded());
  const parameters = new SSMClient(bounded());
  const { heard, now } = new ServiceClock(CLOCK);
  hearDates(parameters, heard);
  const phases = new PhaseCache(
    phasesReader(parameters, variables.PARAMETERS, Object.keys(configuration.collections), heard),
    CLOCK,
    { refresh: timing.refresh, lease: timing.lease, retry: 1000, settling: timing.request },
    toldPhases(logger, count),
  );
  const current = async (collection: string) => (await phases.current(collection)).phase;
  const { stores, failovers } = storesWith(configuration, variables, {
    ...{ logger, metrics, now, secrets },
    phase: current,
    heart: { parameters, prefix: variables.PARAMETERS, logger, phase: current, now },
  });
  const anchors = anchorsOf({ parameters, logger, metrics, now }, variables);
  return {
    ...{ configuration, logger, keys, metrics, queues, parameters, phases, stores, failovers, now, anchors },
    audit: anchors === null ? stores.audit : stores.audit.anchoredBy(anchors),
    pace: paceOf(stores, now, async () => {
      const read = await readParameter(parameters, variables.PACE_PARAMETER ?? '');
      heard(read.now);
      return read;
    }),
    load: new LoadWatch(loadOf(stores, configuration, { ...CLOCK, wall: now }, logger)),
    keepLetter: letterKeeper(stores, logger, Date.now),
    sendReceipt: receiptsTo(queues, variables.RECEIPTS_QUEUE, timing, (error) => {
      count('ReceiptsUnsent');
      logger.error('A receipt could not be sent', error as Error);
    }),
  };
}

function receiptsTo(
  queues: SQSClient,
  url: string,
  timing: Timing,
  unsent: (error: unknown) => void,
): SendReceiptAfter {
  const seconds = (milliseconds: number) => Math.ceil(milliseconds / 1000);
  return receiptSender(queues, url, seconds(bake(timing)), unsent, seconds(feedDelay(timing)));
}

/** All containers claim time in one row. */
function paceOf(
  { database }: Stores,
  now: () => number,
  read: ConstructorParameters<typeof Pace>[0]['read'],
): Pace {
  return new Pace({
    ...{ read, clock: { ...CLOCK, wall: now }, sleep: setTimeout },
    claim: (documents, rate, at, most) => claim(database, BUDGET, documents, rate, at, most),
  });
}

function anchorsOf(
  { parameters, logger, metrics, now }: Pick<Container, 'parameters' | 'logger' | 'metrics' | 'now'>,
  { AUDIT_LOG: group, PARAMETERS }: Pick<Variables, 'AUDIT_LOG' | 'PARAMETERS'>,
): AnchorLog | null {
  if (group === undefined) return null;
  const endpoint = process.env.AWS_ENDPOINT_URL ?? null;
  return new AnchorLog({
    ...{ newId: randomUUID, steady: CLOCK.steady },
    send: anchorSender(parameters, { group, endpoint }, now),
    backlog: backlogIn(parameters, PARAMETERS),
    // At once: the function that operators ask has no other metrics.
    unsent: (count) => metrics.singleMetric().addMetric('AuditUnanchored', MetricUnit.Count, count),
    warn: (message, about) => logger.warn(message, about),
  });
}

/** Both stores, and what is noted, counted and said of the mutations of Couchbase. */
function storesWith(
  configuration: Parsed,
  { COUCHBASE_SECRET, ORACLE_SECRET }: Variables,
  parts: Pick<Container, 'logger' | 'metrics' | 'now'> &
    Pick<NotDurablePorts, 'phase'> & {
      readonly heart: HeartbeatParts;
      readonly secrets: SecretsManagerClient;
    },
): Pick<Container, 'stores' | 'failovers'> {
  const { logger, metrics, now, phase } = parts;
  const names = {
    couchbase: COUCHBASE_SECRET === RETIRED ? null : COUCHBASE_SECRET,
    oracle: ORACLE_SECRET,
  };
  const note: NotDurablePorts['note'] = (collection, until) => stores.notDurable.note(collection, until);
  const fallBack = notingNotDurable({
    ...{ note, phase, now, bake: bake(configuration.timing) },
    count: () => metrics.addMetric('WritesNotDurable', MetricUnit.Count, 1),
    warn: (collection, until) =>
      logger.warn('Writes go to Couchbase without durability, since it is impossible for now', {
        collection,
        until,
      }),
  });
  const { of: witness, failovers } = witnesses({
    ...parts,
    configuration,
    clock: CLOCK,
    note,
    partitions: () => stores.partitions,
  });
  const stores = new Stores(configuration, parts.secrets, names, fallBack, parts.heart, witness);
  return { stores, failovers };
}

function keyNames(
  client: SecretsManagerClient,
  secret: string | undefined,
  failed: (error: unknown) => void,
): KeyNames {
  return new KeyNames(secret === undefined ? null : () => saltFrom(client, secret), CLOCK.steady, failed);
}

export const CLOCK: Clock = { wall: () => Date.now(), steady: () => performance.now() };
