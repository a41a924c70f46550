/** What the operations of operators reach: both stores, SSM and SQS. */
import { Space } from '../books/space.ts';
import { bake, lastCall, lastQuestion } from '../configuration/configuration.ts';
import type { Controller } from '../control/controller.ts';
import type { About } from '../operations/about.ts';
import type { OverviewPorts } from '../operations/overview.ts';
import type { OperationPorts } from '../operations/perform.ts';
import { timeLeft } from '../operations/time_left.ts';
import { phaseOf } from '../phases/parameters.ts';
import { aheadOf, shareOf } from '../phases/ramp.ts';
import { progressOf } from '../runs/summary.ts';
import { projectedLeft } from '../stores/oracle/projected_left.ts';
import { tombstoneOf } from '../stores/oracle/tombstones.ts';
import { Reach } from '../stores/reach.ts';
import { readAway } from './away_notes.ts';
import { CLOCK, type Container, type Variables } from './container.ts';
import { lookOver } from './controller.ts';
import { letterPorts } from './dead_letters.ts';
import { diagnosisOf } from './diagnosis.ts';
import { type EvidenceQueues, walksOf } from './evidence.ts';
import { explainPorts } from './explain.ts';
import { forcePorts } from './force.ts';
import { holdWriter } from './hold.ts';
import { decisionsOver } from './left_out.ts';
import { publishedLoad } from './load.ts';
import { latencyReader } from './metric_data.ts';
import { readParameters } from './parameters.ts';
import { preflightPorts } from './preflight.ts';
import { deskIn } from './requests.ts';
import { decidePorts, setAsidePorts } from './set_aside.ts';
import { decideSqlPorts, sqlChangePorts } from './sql_changes.ts';

interface Environment
  extends EvidenceQueues,
    Pick<Variables, 'COUCHBASE_SECRET' | 'ORACLE_SECRET' | 'ORACLE_LOGINS'> {
  readonly PARAMETERS: string;
  readonly COPY_MACHINE: string;
  readonly VERIFY_MACHINE: string;
  /** The environment of the version before, which the code of this one may meet, has none. */
  readonly CERTIFY_MACHINE?: string | undefined;
  readonly AUDIT_LOG?: string;
}

/** @param remaining milliseconds until the function is ended from outside. */
export function operationPorts(
  parts: Container,
  environment: Environment,
  control: Controller,
  remaining: () => number,
): OperationPorts {
  const { stores, queues, configuration, audit } = parts;
  const { timing } = configuration;
  const { left, timely, sweeping } = timeLeft(remaining, lastCall(timing), timing.call);
  return {
    ...{ control, audit, now: CLOCK.wall, time: () => serviceTime(parts, environment) },
    ...forcePorts(parts, control, environment, remaining),
    fourEyes: configuration.fourEyes,
    desk: (collection) => deskIn(parts.parameters, environment.PARAMETERS, collection),
    writeHold: (collection) => holdWriter(parts.parameters, environment.PARAMETERS, collection),
    about: () => about(parts, environment),
    keyHash: (key) => hashOf(parts, key),
    erase: (collection) => erasePorts(parts, collection, timely),
    diagnose: diagnosisOf(parts, environment, timely),
    certification: {
      collections: Object.keys(configuration.collections),
      evidence: (collection) => stores.certificate.of(collection),
      latest: () => stores.certificates.latest(),
      body: (run, part) => stores.certificates.body(run, part),
    },
    overview: overviewPorts(parts, environment, control, remaining),
    latencies: latencyPorts(parts, control),
    letters: letterPorts(queues, environment, stores, { timely, sweeping }, decisionsOver(parts)),
    explain: (collection) => explainPorts(parts, collection),
    preflight: (collection) => preflightPorts(parts, collection, timely),
    acceptLarge: (collection) => ({
      walks: () => walksOf(stores, collection),
      accept: (...given) => stores.preflights.accept(...given),
    }),
    verified: (collection) => ({
      history: () => stores.ledger.history('verify', collection, 100),
      mismatches: (run) => stores.findings.within(timely).of(run, 'mismatch', 1000),
      projected: (run) => stores.projected.of(run),
    }),
    space: (collection) => ({
      measure: () =>
        new Space(stores.database).measure(collection, stores.of(collection).table.name, CLOCK.wall()),
    }),
    setAside: (collection) => setAsidePorts(stores, collection, timely),
    decide: (collection, by, why) => decidePorts(parts, { collection, by, why }, left),
    sqlChanges: (collection) => sqlChangePorts(stores, collection),
    decideSql: (collection) => decideSqlPorts(parts, collection, left),
    accept: (collection) => acceptPorts(parts, control, collection),
    tableOf: (collection) => stores.of(collection).table.name,
  };
}

const hashOf = async ({ keys }: Container, key: string): Promise<string | null> =>
  keys.areHashed ? keys.hash(key) : null;

function latencyPorts(
  { parameters, configuration, now }: Container,
  control: Controller,
): OperationPorts['latencies'] {
  return {
    collections: Object.keys(configuration.collections),
    phase: (collection) => control.effective(collection),
    read: latencyReader(parameters, process.env.AWS_ENDPOINT_URL ?? null),
    now,
  };
}

function erasePorts(
  parts: Container,
  collection: string,
  timely: () => boolean,
): ReturnType<OperationPorts['erase']> {
  const { kept } = parts.stores;
  const { database, table } = parts.stores.of(collection);
  const document = (key: string) => ({ collection, table: table.name, key });
  return {
    ...explainPorts(parts, collection),
    tombstone: (key) => tombstoneOf(database, table.name, key),
    changedBySql: (key) => parts.stores.sqlChanges.count(document(key).table, { key }),
    count: (kind, key) => kept.count(kind, document(key)),
    remove: (kind, key, most) => kept.removeOf(kind, document(key), most),
    ...(table.projections.length === 0 ? {} : { projectedLeft: projectedLeft(database, table, parts.now) }),
    keyHash: (key) => hashOf(parts, key),
    timely,
  };
}

/** Asks SSM what time it is: a container that was frozen does not know for how long. Where SSM does not answer, its own time counts. */
async function serviceTime(
  {
    parameters,
    configuration: { collections },
    now,
  }: Pick<Container, 'parameters' | 'configuration' | 'now'>,
  { PARAMETERS: prefix }: Pick<Environment, 'PARAMETERS'>,
): Promise<number> {
  const [name = ''] = Object.keys(collections);
  // The clock of the container hears each answer of SSM.
  await readParameters(parameters, [phaseOf(prefix, name)]).catch(() => {});
  return now();
}

/** What the caller of the API has to know beside its address. */
function about(
  { configuration: { collections, timing } }: Container,
  {
    PARAMETERS: parameters,
    COPY_MACHINE: copy,
    VERIFY_MACHINE: verify,
    CERTIFY_MACHINE: certify,
    AUDIT_LOG: log,
  }: Environment,
): About {
  const machines = { copy, verify, ...(certify === undefined ? {} : { certify }) };
  return {
    ...{ parameters, machines, collections: Object.keys(collections) },
    ...{ bake: bake(timing), request: timing.request, auditLog: log ?? null },
  };
}

function overviewPorts(
  parts: Container,
  environment: Environment,
  control: Controller,
  remaining: () => number,
): OverviewPorts {
  const { ledger, findings } = parts.stores;
  const least = lastQuestion(parts.configuration.timing);
  const reach = new Reach(() => remaining() > least);
  const underWay = async (collection: string) => {
    const runs = await ledger.underWay(collection);
    const books = { ledger, findings: findings.within(() => remaining() > least) };
    return Promise.all(runs.map((run) => progressOf(run, books, parts.now())));
  };
  return {
    look: () => control.look(lookOver(parts, environment, reach)),
    runs: (collection) => reach.ask('oracle', () => underWay(collection)),
    // A question more to a store that is away would use up the time of the others.
    connections: () => parts.stores.encryptions(),
    load: async () => (reach.isAway('oracle') || remaining() <= least ? null : publishedLoad(parts)),
    away: () => readAway(parts.parameters, environment.PARAMETERS).catch(() => new Map()),
    now: parts.now,
  };
}

function acceptPorts(
  { stores: { identity, notDurable }, now }: Container,
  control: Controller,
  collection: string,
): ReturnType<OperationPorts['accept']> {
  return {
    // As it is published: what a container remembers may be of before a forced move.
    phase: async () => {
      const effective = await control.effective(collection);
      return { phase: effective.phase, ahead: shareOf(effective) > 0 ? aheadOf(effective.phase) : null };
    },
    sights: (phase) => identity.sights(collection, phase),
    note: (until) => notDurable.note(collection, until),
    accept: (affected) => identity.accept(collection, affected),
    now,
  };
}
