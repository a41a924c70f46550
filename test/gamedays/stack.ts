/** The stack on this machine with what game days break in it: parameters that cannot be read, secrets, queues that give out nothing. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Collection } from '../../functions/configuration/configuration.ts';
import { DEMO } from '../../infra/demo/settings.ts';
import { ServiceError } from '../../infra/local/aws/failure.ts';
import { LogStore } from '../../infra/local/aws/logs.ts';
import { ParameterStore } from '../../infra/local/aws/parameters.ts';
import { Queues } from '../../infra/local/aws/queues.ts';
import { SecretStore } from '../../infra/local/aws/secrets.ts';
import { type Deployment, deploy } from '../../infra/local/deploy.ts';
import { platform } from '../../infra/local/start.ts';
import { type Stores, secretOf, startStores } from '../../infra/local/stores.ts';
import { ACCOUNT, REGION, Template } from '../../infra/local/template.ts';
import { type CheckedSettings, checkSettings } from '../../infra/settings.ts';
import { synthesize } from '../../infra/synth.ts';
import { readDocument } from '../../infra/template.ts';
import { CLUSTER } from '../judges/variants.ts';

/**
 * As short as they can be with calls of a second: a bake is 9 seconds, and operations have some left for what they do. A worker of a run
 * keeps 12 seconds of its turn for the calls of its last batch; the rest is what it has for all others, also on a busy machine.
 */
const timing = { lease: 1000, refresh: 500, request: 8000, call: 1000, backfill: 22_000 };

const [cities, countries] = [DEMO.collections.cities, DEMO.collections.countries].map((collection) => ({
  ...collection,
  durabilityImpossible: 'accept' as const,
  unstorable: 'accept' as const,
}));

/** Each read is compared in both stores later, so that a difference is found soon; a day without durable writes goes on, and documents can be set aside. */
export const SETTINGS: CheckedSettings = checkSettings(
  {
    ...DEMO,
    collections: { cities, countries } as typeof DEMO.collections,
    timing,
    shadowReads: 1,
    certification: { wanted: 'none' },
    mostTombstones: 1000,
    deployment: { ...DEMO.deployment, moveTopic: `arn:aws:sns:${REGION}:${ACCOUNT}:moves` },
  },
  'test/gamedays',
);

/** Of the changes of countries. */
export const TOPIC = 'country-changes';

/** The same with change feeds, one by Eventing and one by a topic. The days themselves bring them to work. */
export const WITH_FEED: CheckedSettings = {
  deployment: {
    ...SETTINGS.deployment,
    kafka: { kind: 'msk', cluster: CLUSTER, login: { kind: 'iam' } },
  },
  configuration: {
    ...SETTINGS.configuration,
    collections: {
      ...SETTINGS.configuration.collections,
      cities: {
        ...(SETTINGS.configuration.collections.cities as Collection),
        feed: { quiet: 5000, silent: 10_000 },
      },
      countries: {
        ...(SETTINGS.configuration.collections.countries as Collection),
        feed: { quiet: 5000, silent: 10_000, kafka: { topic: TOPIC, values: 'metadata' } },
      },
    },
  },
};

/** The same with a guard that judges by few requests, and soon. */
export const WITH_GUARD: CheckedSettings = {
  deployment: SETTINGS.deployment,
  configuration: {
    ...SETTINGS.configuration,
    guard: { minutes: 1, failed: 0.05, slower: 2, floor: 100, requests: 20 },
  },
};

/** The same, where a share of the keys goes first. A busy machine alone answers some requests of its few after half a second. */
export const WITH_RAMP: CheckedSettings = {
  ...WITH_GUARD,
  configuration: {
    ...WITH_GUARD.configuration,
    guard: { minutes: 1, failed: 0.05, slower: 2, floor: 800, requests: 20 },
    moves: { ...WITH_GUARD.configuration.moves, ramp: [30, 100].map((percent) => ({ percent, minutes: 1 })) },
  },
};

/** SSM that can be away, and whose parameters can have been put a while ago. */
export class BreakableParameters extends ParameterStore {
  isAway = false;
  readonly #clock: { back: number };

  constructor(clock = { back: 0 }) {
    super(null, () => Date.now() - clock.back);
    this.#clock = clock;
  }

  /** What is put meanwhile was put so many milliseconds ago. */
  past(ago: number, put: () => void): void {
    this.#clock.back = ago;
    put();
    this.#clock.back = 0;
  }

  override call(operation: string, input: Readonly<Record<string, unknown>>, by: string): unknown {
    if (this.isAway && by !== TEST) throw new ServiceError('ServiceUnavailable', 'SSM is away', 503);
    return super.call(operation, input, by);
  }
}

/** Who puts parameters past the AWS API: the days themselves. */
export const TEST = 'test';

export interface GameStack {
  readonly template: Template;
  readonly deployment: Deployment;
  readonly parameters: BreakableParameters;
  readonly queues: Queues;
  /** CloudWatch Logs, which can be away. */
  readonly logs: LogStore;
  readonly stores: Stores;
  /** Texts by their names: what is put here is what functions read. */
  readonly secrets: Map<string, string>;
  /** Queues with this in their name give out no message while it is not null, as where a function takes none. */
  readonly held: { queue: string | null };
  /** Ends the reading of topics. */
  readonly feeds: { stop: () => Promise<void> };
  stop(): Promise<void>;
}

/** @param log is given each line that a function prints. */
export async function startStack(
  log: (source: string, line: string) => void,
  settings = SETTINGS,
): Promise<GameStack> {
  const folder = mkdtempSync(join(tmpdir(), 'crossfade-gamedays-'));
  const started: (() => Promise<unknown>)[] = [async () => rmSync(folder, { recursive: true, force: true })];
  const stop = async () => {
    for (const each of started.splice(0).reverse()) await each();
  };
  try {
    const [stores] = await Promise.all([
      // What a killed server has held must be there when it starts again.
      startStores(settings, folder),
      synthesize(settings, join(folder, 'cdk.out'), platform(), false),
    ]);
    started.push(stores.oracle.stop, stores.couchbase.stop);
    const queues = await Queues.start(null);
    started.push(() => queues.stop());
    const held = withheld(queues);
    const parameters = new BreakableParameters();
    const secrets = secretsOf(stores);
    const template = new Template(
      join(folder, 'cdk.out'),
      readDocument(join(folder, 'cdk.out'), 'Crossfade'),
    );
    const logs = new LogStore(null, parameters.now);
    const deployment = await deploy(template, {
      ...{ parameters, queues, secrets: new SecretStore(secrets), logs, log },
      ...{ port: 0, containers: 2, rules: false },
    });
    started.push(() => deployment.stop());
    const feeds = { stop: async () => {} };
    started.push(() => feeds.stop());
    return { template, deployment, parameters, queues, logs, stores, secrets, held, feeds, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function secretsOf({ logins }: Stores): Map<string, string> {
  const { couchbase, oracle, oracleWork, oracleControl, oracleOwner } = DEMO.deployment.secrets;
  return new Map([
    [couchbase, secretOf(logins.couchbase)],
    [oracle, secretOf(logins.functions.serve)],
    [oracleWork, secretOf(logins.functions.work)],
    [oracleControl, secretOf(logins.functions.control)],
    [oracleOwner, secretOf(logins.oracle)],
  ]);
}

const NOTHING_RECEIVED = { status: 200, body: '{}' };

function withheld(queues: Queues): { queue: string | null } {
  const held: { queue: string | null } = { queue: null };
  const forward = queues.forward.bind(queues);
  queues.forward = async (target, body) => {
    const { QueueUrl = '' } = JSON.parse(body || '{}') as { QueueUrl?: string };
    const isHeld = () =>
      held.queue !== null && target.endsWith('.ReceiveMessage') && QueueUrl.includes(held.queue);
    if (isHeld()) {
      // As a long poll that is shorter than most.
      await new Promise((resolve) => setTimeout(resolve, 500));
      return NOTHING_RECEIVED;
    }
    const received = await forward(target, body);
    // A long poll that was under way takes nothing either.
    if (!isHeld()) return received;
    const { Messages = [] } = JSON.parse(received.body || '{}') as { Messages?: { ReceiptHandle: string }[] };
    const back = target.replace('.ReceiveMessage', '.ChangeMessageVisibility');
    for (const { ReceiptHandle } of Messages)
      await forward(back, JSON.stringify({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }));
    return NOTHING_RECEIVED;
  };
  return held;
}
