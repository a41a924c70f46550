/** One round of the controller over Lambda, SSM, SQS, Step Functions and the stores. */
import { randomUUID } from 'node:crypto';
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { type SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { lastQuestion, type Parsed } from '../configuration/configuration.ts';
import type { Controller } from '../control/controller.ts';
import { enterChangedFlags } from '../operations/changed_flags.ts';
import type { OverduePorts } from '../operations/overdue.ts';
import type { RetentionTurn } from '../operations/retention.ts';
import type { RoundPorts } from '../operations/round.ts';
import type { UpkeepPorts } from '../operations/upkeep.ts';
import type { Standing } from '../runs/standing.ts';
import { countTombstones } from '../stores/oracle/tombstones.ts';
import { Reach } from '../stores/reach.ts';
import { askForRepair } from '../stores/receipt.ts';
import { changedFlagsPorts, type FlagsSeen } from './changed_flags.ts';
import type { Container } from './container.ts';
import { lookOver } from './controller.ts';
import { sweepPorts } from './dead_letters.ts';
import { type EvidenceQueues, lettersOf, problemOf } from './evidence.ts';
import { probePorts } from './feed.ts';
import { type GuardKept, guardPorts } from './guard.ts';
import { isLetterLeftOut } from './left_out.ts';
import { noticeSender, type ToldMoves } from './notices.ts';
import { INTERVAL, type PacedWrites } from './paced_writes.ts';

interface Environment extends EvidenceQueues {
  readonly PARAMETERS: string;
  readonly COPY_MACHINE: string;
  readonly VERIFY_MACHINE: string;
  /** ARN of the topic that operators are told of moves by; the version before sets none. */
  readonly MOVE_TOPIC?: string;
}

/** What a container keeps from one round to the next. */
interface Kept {
  readonly control: Controller;
  readonly standing: Standing;
  readonly retentionTurn: RetentionTurn;
  /** Those of the controller. */
  readonly writes: PacedWrites;
  readonly flags: FlagsSeen;
  readonly toldMoves: ToldMoves;
  readonly guard: Omit<GuardKept, 'writes'>;
}

/** The part of the function's time that must be left when a move is claimed: for its two writes, and for the log. */
const LAST_MOVE = 4;

/**
 * Whether a move that is claimed now is published before the function is ended from outside.
 * @param remaining milliseconds until then.
 */
export function timelyMoves(
  { request }: Pick<Parsed['timing'], 'request'>,
  writes: PacedWrites,
  remaining: () => number,
): () => boolean {
  return () => remaining() > writes.wait + INTERVAL + request / LAST_MOVE;
}

/**
 * @param remaining milliseconds until the function is ended from outside.
 * @param changed whether the round was begun since a parameter has changed.
 */
export function roundPorts(
  parts: Container,
  environment: Environment,
  { control, standing, retentionTurn, writes, flags, toldMoves, guard }: Kept,
  states: SFNClient,
  remaining: () => number,
  changed = false,
): RoundPorts {
  const { logger, metrics, configuration } = parts;
  const timely = () => remaining() > lastQuestion(configuration.timing);
  const reach = new Reach(timely);
  const count = (name: string, value: number) => metrics.addMetric(name, MetricUnit.Count, value);
  const look = lookOver(parts, environment, reach);
  const notices = noticePorts(parts, environment, toldMoves, { timely, count });
  const timelyWrites = timelyMoves(configuration.timing, writes, remaining);
  const guarding = { ...notices, timely: timelyWrites, audit: look.audit };
  return {
    ...{ control, standing, retentionTurn, remaining, count, changed },
    look: { ...look, timely: timelyWrites },
    guard: guardPorts(parts, environment.PARAMETERS, { ...guard, writes }, guarding),
    ...upkeepPorts(parts, environment, reach, timely),
    enterFlags: () =>
      enterChangedFlags(changedFlagsPorts(parts, environment.PARAMETERS, flags, reach, timely)),
    probes: probePorts(parts.stores, reach, parts.now),
    notices,
    start: async ({ job, input }) => {
      const stateMachineArn = job === 'copy' ? environment.COPY_MACHINE : environment.VERIFY_MACHINE;
      // A name of our own: where an answer is lost and the SDK sends it again, the second request is the same execution.
      const named = { name: randomUUID(), input: JSON.stringify(input) };
      await states.send(new StartExecutionCommand({ stateMachineArn, ...named }));
    },
    seconds: (name, value) => metrics.addMetric(name, MetricUnit.Seconds, value),
    looked: (collection, decision) => logger.info('The controller has looked', { collection, ...decision }),
    failed: (collection, error) => logger.error(`${collection} could not be looked at`, error as Error),
    warn: (message, about) => logger.warn(message, about),
    error: (message) => logger.error(message),
  };
}

function noticePorts(
  { parameters, logger, now }: Container,
  { PARAMETERS: deployment, MOVE_TOPIC: arn }: Environment,
  { told, keep }: ToldMoves,
  round: Pick<RoundPorts['notices'], 'timely' | 'count'>,
): RoundPorts['notices'] {
  const endpoint = process.env.AWS_ENDPOINT_URL ?? null;
  const publish = arn === undefined ? null : noticeSender(parameters, { arn, endpoint });
  return {
    deployment,
    publish,
    told,
    keep,
    now,
    ...round,
    warn: (message, about) => logger.warn(message, about),
  };
}

function upkeepPorts(
  parts: Container,
  environment: Environment,
  reach: Reach,
  timely: () => boolean,
): Omit<UpkeepPorts, 'remaining' | 'count' | 'warn' | 'error'> {
  const { stores, queues, configuration, now } = parts;
  const { ledger } = stores;
  const collections = Object.keys(configuration.collections);
  const oracle = <A>(question: () => Promise<A>) => reach.ask('oracle', question);
  return {
    ...{ collections, now, overdue: overduePorts(parts, reach, timely) },
    retention: retentionPorts(parts, oracle, reach, timely),
    mostTombstones: configuration.mostTombstones,
    countTombstones: (collection, most) =>
      oracle(() => countTombstones(stores.database, stores.of(collection).table.name, now(), most)),
    oracleIsAway: () => reach.isAway('oracle'),
    sweepDocuments: (collection, most) => oracle(() => stores.of(collection).oracle.sweep(most)),
    heartbeat: {
      check: () => oracle(() => stores.heartbeat.check(() => stores.identity.forget())),
      raise: (checked) => oracle(() => stores.heartbeat.raise(checked)),
    },
    sights: (collection, phase) => oracle(() => stores.identity.sights(collection, phase)),
    deadLetters: () => oracle(() => lettersOf(stores, '', queues, environment.DEAD_LETTERS_QUEUE)),
    sweepPorts: (inTime) =>
      sweepPorts(queues, environment, stores.letters, inTime, (letter) => isLetterLeftOut(parts, letter)),
    openConflicts: async () => {
      // They belong to tables, whatever their collections are called.
      const open = await oracle(() => stores.setAside.allOpenConflicts());
      return new Map(collections.map((name) => [name, open.get(stores.of(name).table.name) ?? 0]));
    },
    countSqlChanges: (collection) => oracle(() => stores.sqlChanges.count(stores.of(collection).table.name)),
    underWay: (collection) => oracle(() => ledger.underWay(collection)),
    totals: (run) => oracle(() => ledger.totals(run)),
  };
}

/** Days: gates look at the last minutes, and people at yesterday. */
const PROOF_KEPT = 2;

function retentionPorts(
  { stores, configuration, now, logger }: Container,
  oracle: <A>(question: () => Promise<A>) => Promise<A>,
  reach: Reach,
  timely: () => boolean,
): UpkeepPorts['retention'] {
  return {
    ...{ timely, now, oracleIsAway: () => reach.isAway('oracle') },
    retention: { ...configuration.retention, loadProof: PROOF_KEPT },
    removeOld: (kind, before, most) =>
      oracle(() =>
        kind === 'loadProof'
          ? stores.loadProofs.removeOld(before, most)
          : stores.kept.removeOld(kind, before, most),
      ),
    info: (message, about) => logger.info(message, { ...about }),
    warn: (message, about) => logger.warn(message, { ...about }),
  };
}

function overduePorts(
  { stores, phases, sendReceipt, configuration }: Container,
  reach: Reach,
  timely: () => boolean,
): OverduePorts {
  return {
    overdue: (before, most) => reach.ask('oracle', () => stores.letters.overdue(before, most)),
    answers: async (collection) =>
      collection in configuration.collections && (await problemOf(stores, collection, reach)) === null,
    send: async (collection, key) => {
      const { phase } = await phases.current(collection);
      await askForRepair(sendReceipt, { collection, key, phase });
    },
    renewed: (id, at) => reach.ask('oracle', () => stores.letters.renewed(id, at)),
    ...{ timely, now: Date.now },
  };
}
