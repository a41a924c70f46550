/** The whole stack on this machine: synthesized, deployed, with both stores embedded. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Platform } from '../bundle.ts';
import type { CheckedSettings } from '../settings.ts';
import { synthesize } from '../synth.ts';
import { readDocument } from '../template.ts';
import { LogStore } from './aws/logs.ts';
import { ParameterStore } from './aws/parameters.ts';
import { Queues } from './aws/queues.ts';
import type { SecretStore } from './aws/secrets.ts';
import { type Deployment, deploy } from './deploy.ts';
import { deployFeeds } from './feeds.ts';
import { QUICK } from './quick.ts';
import type { Running as Couchbase } from './servers/couchbase/start.ts';
import type { Running as Oracle } from './servers/oracle/start.ts';
import { type Logins, type Stores, secretsOf, startStores } from './stores.ts';
import { Template } from './template.ts';

export interface LocalSettings {
  readonly settings: CheckedSettings;
  /** Where everything outlives the process; null for nowhere. */
  readonly data: string | null;
  /** Port of the HTTP API; 0 for any. */
  readonly port: number;
  /** Containers of one function at most. */
  readonly containers: number;
  /** Whether rules start what they should; whoever sets the phase by hand wants no controller. */
  readonly rules: boolean;
  /** Whether the functions reach the stores over TLS; they do not if not given. */
  readonly tls?: boolean;
  /** Whether Oracle runs transactions truly at the same time; it does not if not given, nor where the stores outlive the process. */
  readonly concurrent?: boolean;
  /** The clock of AWS, in milliseconds since the epoch: that of this machine where it is not given. */
  readonly clock?: () => number;
  readonly log: (source: string, line: string) => void;
}

/** Around any stores. */
export interface Around {
  readonly deployment: Deployment;
  readonly parameters: ParameterStore;
  readonly queues: Queues;
  readonly logs: LogStore;
  readonly secrets: SecretStore;
  stop(): Promise<void>;
}

export interface Local extends Around {
  readonly couchbase: Couchbase;
  readonly oracle: Oracle;
  /** The logins that the functions have. */
  readonly logins: Logins;
}

/** With both stores embedded. */
export async function startLocal(given: LocalSettings): Promise<Local> {
  const stores = Promise.withResolvers<Stores>();
  const around = await startAround(given, async (started) => {
    const begun = await startStores(
      given.settings,
      given.data,
      given.tls,
      given.concurrent && given.data === null,
    );
    started.push(begun.oracle.stop, begun.couchbase.stop);
    stores.resolve(begun);
    return secretsOf(given.settings, begun);
  });
  const { couchbase, oracle, logins } = await stores.promise;
  let feeds = async () => {};
  const stop = async () => {
    await feeds();
    await around.stop();
  };
  try {
    feeds = await deployFeeds(given.settings.configuration, around.deployment, couchbase);
  } catch (error) {
    await stop();
    throw error;
  }
  return { ...around, couchbase, oracle, logins, stop };
}

/** @param begin the secrets that lead to the stores; it adds what ends whatever it has started. */
export async function startAround(
  given: LocalSettings,
  begin: (started: (() => Promise<void>)[]) => Promise<SecretStore>,
): Promise<Around> {
  const { settings, data } = given;
  const folder = data ?? mkdtempSync(join(tmpdir(), 'crossfade-'));
  mkdirSync(folder, { recursive: true });
  const started: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const each of started.reverse().splice(0)) await each();
    if (data === null) rmSync(folder, { recursive: true, force: true });
  };
  try {
    const outdir = join(folder, 'cdk.out');
    const synthesized = synthesize(settings, outdir, platform(), false);
    synthesized.catch(() => {});
    const secrets = await begin(started);
    const queues = await Queues.start(data);
    started.push(() => queues.stop());
    await synthesized;
    const parameters = parametersFor(given);
    const logs = new LogStore(data === null ? null : join(data, 'logs.jsonl'), given.clock ?? Date.now);
    const template = new Template(outdir, readDocument(outdir, settings.deployment.name));
    const deployment = await deploy(template, {
      ...{ parameters, queues, secrets, logs },
      ...{ port: given.port, containers: given.containers, rules: given.rules, log: given.log },
    });
    started.push(() => deployment.stop());
    return { deployment, parameters, queues, logs, secrets, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function parametersFor({ settings, data, clock }: LocalSettings): ParameterStore {
  const file = data === null ? null : join(data, 'parameters.json');
  const parameters = new ParameterStore(file, clock ?? Date.now);
  const { refresh } = settings.configuration.timing;
  // Where each container reads the phase twice a second or more, an account needs it.
  parameters.highThroughput = refresh <= QUICK.refresh;
  // Only tests have each request read the phase: each of their steps builds on the one before.
  parameters.eventual = refresh > 0;
  return parameters;
}

/** This machine, as the Couchbase driver names it. */
export function platform(): Platform {
  Object.assign(process.report, { excludeNetwork: true });
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  const musl = process.platform === 'linux' && header.glibcVersionRuntime === undefined;
  return `${process.platform}${musl ? 'musl' : ''}-${process.arch}`;
}
