/** One collection in `expand` over embedded stores, and the controller of it, whose SSM is in memory. */

import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { SFNClient } from '@aws-sdk/client-sfn';
import type { GetParametersCommand, SSMClient } from '@aws-sdk/client-ssm';
import { parseConfiguration, subjectsOf } from '../../functions/configuration/configuration.ts';
import { Controller } from '../../functions/control/controller.ts';
import { FlagsSeen } from '../../functions/edge/changed_flags.ts';
import type { Container } from '../../functions/edge/container.ts';
import { controllerPorts, pacedWrites } from '../../functions/edge/controller.ts';
import type { HeartbeatParts } from '../../functions/edge/heartbeat.ts';
import { ToldMoves } from '../../functions/edge/notices.ts';
import { roundPorts } from '../../functions/edge/round.ts';
import { Stores } from '../../functions/edge/stores.ts';
import { AskedLatencies } from '../../functions/operations/guard.ts';
import { RetentionTurn } from '../../functions/operations/retention.ts';
import { round } from '../../functions/operations/round.ts';
import { parsePhase } from '../../functions/phases/effective_phase.ts';
import { type Phase, ROUTES } from '../../functions/protocol/phase.ts';
import type { Kind, Options } from '../../functions/records/run.ts';
import type { RunRequest } from '../../functions/runs/request.ts';
import { stampOf } from '../../functions/runs/stamp.ts';
import { Standing } from '../../functions/runs/standing.ts';
import { OracleConnection } from '../../functions/stores/oracle/connection.ts';
import { upgrade } from '../../functions/stores/oracle/upgrade.ts';
import { ParameterStore } from '../../infra/local/aws/parameters.ts';
import { startCouchbase } from '../../infra/local/servers/couchbase/start.ts';
import { startOracle } from '../../infra/local/servers/oracle/start.ts';

const CONFIGURATION = parseConfiguration(
  {
    collections: {
      orders: {
        couchbase: { bucket: 'shop', scope: 'sales', collection: 'orders' },
        oracle: { table: 'ORDERS' },
      },
    },
    timing: { lease: 30_000, refresh: 5_000, request: 20_000, call: 3_000, backfill: 300_000 },
    connections: 2,
  },
  'test',
);
const USER = { user: 'app', password: 'secret' };
const QUEUES = { send: async () => ({ Attributes: {} }) };
const ENVIRONMENT = {
  ...{
    PARAMETERS: '/x',
    RECEIPTS_QUEUE: 'r',
    DEAD_LETTERS_QUEUE: 'd',
    COPY_MACHINE: 'c',
    VERIFY_MACHINE: 'v',
  },
};
const NAMES = { couchbase: 'couchbase', oracle: 'oracle' };
const HOUR = 3_600_000;

export type World = Awaited<ReturnType<typeof startWorld>>;

export async function startWorld() {
  const [couchbase, oracle] = await Promise.all([
    startCouchbase({ users: { app: 'secret' }, buckets: { shop: { sales: ['orders'] } } }),
    startOracle({ service: 'orders', users: { app: 'secret' } }),
  ]);
  const login = { ...USER, connectString: oracle.connectString };
  const owner = new OracleConnection({ login: async () => login, size: 1, timeout: 10_000 });
  await upgrade(owner, subjectsOf(CONFIGURATION), null, () => {});
  await owner.close();
  const { connectionString } = couchbase;
  const secrets = secretsWith({
    couchbase: { connectionString, username: 'app', password: 'secret' },
    oracle: login,
  });
  const ssm = parametersOf();
  const opened: Stores[] = [];
  /** What the controller has logged. */
  const said: string[] = [];
  return {
    ...{ couchbase, oracle, said, ...ssm },
    /** A container of the controller that has looked at nothing yet. */
    controller: () => {
      const stores = new Stores(CONFIGURATION, secrets, NAMES, async () => {}, heartOf(ssm.parameters, said));
      opened.push(stores);
      return { stores, look: lookOf(stores, ssm.parameters, said) };
    },
    stop: async () => {
      for (const stores of opened) {
        await stores.database.close();
        await stores.of('orders').cluster.close();
      }
      await Promise.all([couchbase.stop(), oracle.stop()]);
    },
  };
}

function secretsWith(texts: Readonly<Record<string, object>>): SecretsManagerClient {
  const send = async ({ input: { SecretId } }: { readonly input: { readonly SecretId: string } }) => ({
    SecretString: JSON.stringify({ ...texts[SecretId], insecure: true }),
    VersionId: 'v1',
  });
  return { send } as unknown as SecretsManagerClient;
}

function parametersOf() {
  const parameters = new ParameterStore(null, Date.now);
  const put = (name: string, Value: string) =>
    parameters.callAt(
      Date.now() - HOUR,
      'PutParameter',
      { Name: `/x/${name}`, Value, Overwrite: true },
      'test',
    );
  const read = (Name: string) =>
    (parameters.call('GetParameter', { Name: `/x/${Name}` }, 'test') as { Parameter: { Value: string } })
      .Parameter.Value;
  const want = (phase: Phase) => {
    const { couchbaseWrites, oracleWrites, reads } = ROUTES[phase].flags;
    put('couchbase-writes', String(couchbaseWrites));
    put('oracle-writes', String(oracleWrites));
    put('reads', reads);
  };
  for (const flag of ['couchbase-writes', 'oracle-writes', 'reads'])
    put(`collections/orders/${flag}`, 'inherit');
  put('collections/orders/phase', JSON.stringify({ phase: 'expand', since: 0, by: 'test' }));
  want('expand');
  const phase = () => parsePhase(read('collections/orders/phase')).phase;
  return { parameters, put, read, want, phase };
}

/** One look of the controller. @returns what the round has counted. */
function lookOf(stores: Stores, parameters: ParameterStore, said: string[]) {
  const client = clientOf(parameters);
  const log = (message: string, about?: unknown) => said.push(`${message} ${JSON.stringify(about) ?? ''}`);
  const counted = new Map<string, number>();
  const parts = {
    ...{ configuration: CONFIGURATION, stores, audit: stores.audit },
    ...{ parameters: client, queues: QUEUES, now: Date.now },
    logger: { info: () => {}, warn: log, error: log },
    metrics: { addMetric: (name: string, _: unknown, value: number) => counted.set(name, value) },
    phases: { current: async () => ({ phase: 'expand' }) },
  } as unknown as Container;
  const writes = pacedWrites();
  const controls = controllerPorts(parts, ENVIRONMENT, writes, () => {});
  const kept = {
    ...{ control: new Controller(controls), guard: { controls, asked: new AskedLatencies() } },
    standing: new Standing(),
    retentionTurn: new RetentionTurn(),
    writes,
    flags: new FlagsSeen(),
    toldMoves: new ToldMoves(client, writes, ENVIRONMENT.PARAMETERS),
  };
  const states = { send: async () => ({}) } as unknown as SFNClient;
  return async () => {
    counted.clear();
    await round(roundPorts(parts, ENVIRONMENT, kept, states, () => 60_000));
    return counted;
  };
}

function heartOf(parameters: ParameterStore, said: string[]): HeartbeatParts {
  const warn = (message: string, about?: unknown) => said.push(`${message} ${JSON.stringify(about) ?? ''}`);
  return {
    ...{ parameters: clientOf(parameters), prefix: '/x', phase: async () => 'expand' },
    ...{ logger: { warn } as never, now: Date.now },
  };
}

/** SSM as its client sees it. */
export function clientOf(parameters: ParameterStore): SSMClient {
  const answered = (name: string, input: object) => {
    const found = parameters.call(name, input as never, 'controller') as {
      Parameters?: { LastModifiedDate: number }[];
    };
    const { Parameters } = found;
    if (Parameters === undefined) return found;
    return {
      ...found,
      Parameters: Parameters.map((each) => ({
        ...each,
        LastModifiedDate: new Date(each.LastModifiedDate * 1000),
      })),
    };
  };
  const send = async (command: GetParametersCommand) => {
    const name = command.constructor.name.replace(/Command$/, '');
    const response = { headers: { date: new Date().toUTCString() } };
    const handler = async () => ({ response, output: answered(name, command.input) as never });
    return (await command.middlewareStack.resolve(handler, {})(command as never)).output;
  };
  return { send } as unknown as SSMClient;
}

/** Runs that have ended clean: a backfill of all, and a verification by content that began then. @param then milliseconds since the epoch. */
export async function proven(stores: Stores, then = Date.now() - 50_000): Promise<void> {
  const ended = async (kind: Kind, options: Options, started: number) => {
    const stamp = stampOf({} as RunRequest, stores.mapping('orders'));
    const id = `${kind}-${started}`;
    await stores.ledger.begin(
      { id, kind, collection: 'orders', options, stamp, phase: 'expand', started },
      [],
    );
    await stores.ledger.end(id, 'clean', started + 1);
  };
  await ended('backfill', {}, then - 10_000);
  await ended('verify', { mode: 'content' }, then);
}
