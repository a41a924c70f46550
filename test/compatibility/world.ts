/** One embedded Couchbase, Oracle, SQS and SSM, and stacks of several versions that are deployed onto them. */

import { LogStore } from '../../infra/local/aws/logs.ts';
import { ParameterStore } from '../../infra/local/aws/parameters.ts';
import { Queues } from '../../infra/local/aws/queues.ts';
import { type Deployment, deploy } from '../../infra/local/deploy.ts';
import type { WaitingTasks } from '../../infra/local/states/machines.ts';
import { type Stores, secretsOf, startStores } from '../../infra/local/stores.ts';
import { Template } from '../../infra/local/template.ts';
import type { CheckedSettings } from '../../infra/settings.ts';
import { readDocument } from '../../infra/template.ts';

export interface World {
  readonly parameters: ParameterStore;
  readonly queues: Queues;
  readonly stores: Stores;
  /**
   * Deploys a synthesized stack, as CloudFormation does over what is deployed already: parameters and messages stay, the tables are
   * upgraded. Stacks that were deployed before go on: that is what the containers of the version before do for a while.
   * @param outdir where it was synthesized. @param log is given each line that one of its functions prints.
   */
  deploy(outdir: string, log: (source: string, line: string) => void): Promise<Deployment>;
  stop(): Promise<void>;
}

export async function startWorld(settings: CheckedSettings): Promise<World> {
  const started: (() => unknown)[] = [];
  const stop = async () => {
    for (const each of started.splice(0).reverse()) await each();
  };
  try {
    const stores = await startStores(settings, null);
    started.push(stores.oracle.stop, stores.couchbase.stop);
    const queues = await Queues.start(null);
    started.push(() => queues.stop());
    const parameters = new ParameterStore(null, Date.now);
    // The containers of two versions read the phase twice a second each, and this is about what they make of it.
    Object.assign(parameters, { highThroughput: true, eventual: false });
    const logs = new LogStore(null, parameters.now);
    const secrets = secretsOf(settings, stores);
    // Step Functions is one service for both: without it a shard that a worker of the other version takes would never be told as done.
    const waiting: WaitingTasks = new Map();
    return {
      ...{ parameters, queues, stores, stop },
      deploy: async (outdir, log) => {
        const template = new Template(outdir, readDocument(outdir, settings.deployment.name));
        const services = { parameters, queues, secrets, logs };
        const place = { ...services, port: 0, containers: 2, rules: false, waiting, log };
        const deployment = await deploy(template, place);
        started.push(() => deployment.stop());
        return deployment;
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
