/** The whole of Crossfade in AWS, in the order of its story. */
import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { RETIRED } from '../../functions/edge/environment.ts';
import type { Login } from '../../functions/stores/oracle/rights.ts';
import { oracleVariables } from '../oracle_logins.ts';
import { receiptBatch } from '../receipt_settings.ts';
import { CONTROLLERS, OPERATORS } from '../session_settings.ts';
import type { CheckedSettings } from '../settings.ts';
import { Certifying } from './certifying.ts';
import { chooseApi } from './choose_api.ts';
import { PhaseController } from './controller.ts';
import type { DocumentApi } from './document_api.ts';
import { everywhere } from './everywhere.ts';
import { Functions } from './functions.ts';
import { kafkaFeed } from './kafka_feed.ts';
import { loadProof } from './load_proof.ts';
import { type Machines, OperatorRights } from './operator_rights.ts';
import { Parameters } from './parameters.ts';
import { serve } from './rollout.ts';
import { ShardedRuns, type ShardWorkerProps } from './sharded_runs.ts';
import { Tables } from './tables.ts';
import { verifyRegularly } from './verify_regularly.ts';
import { LATE, Watch } from './watch.ts';
import { WorkQueue } from './work_queue.ts';

/** Deliveries of a receipt before SQS gives it up, the most that it allows: the reconciler sets aside what is dead long before. */
const DELIVERIES = 1000;

export class CrossfadeStack extends Stack {
  readonly #settings: CheckedSettings;
  readonly #functions: Functions;
  readonly #parameters: Parameters;
  readonly #receipts: WorkQueue;
  readonly #documents: DocumentApi;
  readonly #router: LambdaFunction;

  /** @param bundle folder of the bundled functions. */
  constructor(scope: Construct, settings: CheckedSettings, bundle: string, props?: StackProps) {
    super(scope, settings.deployment.name, props);
    this.#settings = settings;
    const { configuration, deployment } = settings;
    const timeout = Duration.millis(configuration.timing.request);
    this.#parameters = new Parameters(this, 'Parameters', {
      prefix: deployment.parameters,
      collections: Object.keys(configuration.collections),
      inStack: deployment.collectionsInStack,
    });
    this.#receipts = new WorkQueue(this, 'Receipts', { timeout, deliveries: DELIVERIES, late: LATE });
    this.#functions = new Functions(this, 'Functions', bundle, deployment);
    this.#documents = chooseApi(this, 'Documents', settings, this.#functions);
    const tables = new Tables(this, this.#functions, settings, this.#parameters).resource;
    const retired = deployment.secrets.couchbase === null;
    this.#router = this.#routing(timeout);
    const { users, shards } = retired ? { users: [], shards: [] } : this.#migrating(timeout);
    new Watch(this, 'Watch', { receipts: this.#receipts, shards, configuration: settings.configuration });
    for (const user of [this.#router, ...users]) user.node.addDependency(tables);
    serve(this, { router: this.#router, followers: users, documents: this.#documents, settings });
    everywhere(this, deployment);
  }

  /** All that is there for as long as there is a way back to Couchbase. */
  #migrating(timeout: Duration): { readonly users: LambdaFunction[]; readonly shards: WorkQueue[] } {
    const { users, machines, shards } = this.#runs();
    const certifying = new Certifying(this, 'Certify', {
      ...{ functions: this.#functions, parameters: this.#parameters, deployment: this.#settings.deployment },
    });
    const operator = this.#operations(timeout, machines, certifying);
    const beside = [operator, this.#controller(timeout, machines), certifying.certifier];
    const props = {
      ...{ functions: this.#functions, parameters: this.#parameters, receipts: this.#receipts, timeout },
      ...{ settings: this.#settings },
    };
    const feed = kafkaFeed(this, { ...props, environment: this.#environment('serve') });
    const proof = loadProof(this, this.#router, { ...props, environment: this.#environment('work') });
    return { users: [...users, ...beside, this.#reconciliation(timeout), ...feed, ...proof], shards };
  }

  #routing(timeout: Duration): LambdaFunction {
    const router = this.#functions.create('Api', {
      entry: 'api',
      description: 'Reads and writes documents as the phase says',
      ...{ timeout, memory: 1024, concurrency: this.#settings.deployment.concurrency.api },
      environment: this.#environment('serve'),
    });
    this.#allowStores(router, 'serve');
    this.#receipts.allowSending(router);
    this.#parameters.allowAway(router, true);
    return router;
  }

  #reconciliation(timeout: Duration): LambdaFunction {
    const containers = this.#settings.deployment.concurrency.reconcile;
    const reconciler = this.#functions.create('Reconcile', {
      entry: 'reconcile',
      description: 'Settles receipts: makes both stores agree about a key',
      // Ten documents of 20 MiB at a time, or a bulk look at sixteen; and a batch of receipts, which is 6 MB at most.
      ...{ timeout, memory: 2048, concurrency: containers, sendsToItself: true },
      environment: { ...this.#environment('work'), DEAD_LETTERS_QUEUE: this.#receipts.deadLetters.queueUrl },
    });
    this.#allowStores(reconciler, 'work');
    this.#parameters.allowHeartbeat(reconciler);
    this.#receipts.allowSending(reconciler);
    this.#receipts.allowSending(reconciler, this.#receipts.deadLetters);
    this.#receipts.workedOffBy(reconciler, containers, receiptBatch(this.#settings.deployment));
    return reconciler;
  }

  /** @param machines that operators are told of. */
  #operations(timeout: Duration, machines: Machines, { machine }: Certifying): LambdaFunction {
    const operator = this.#functions.create('Operate', {
      entry: 'operate',
      description: 'Explains documents to operators, and handles dead letters for them',
      ...{ timeout, memory: 1024, concurrency: OPERATORS },
      environment: {
        ...{ ...this.#environment('control', true), ...this.#control(machines) },
        // The version before knows nothing of it, and its environment may meet the code of this one.
        CERTIFY_MACHINE: machine.stateMachineArn,
      },
    });
    this.#allowControl(operator);
    this.#parameters.allowHeartbeat(operator);
    this.#parameters.allowAway(operator);
    this.#receipts.allowSending(operator);
    this.#receipts.allowClearing(operator);
    new OperatorRights(this, 'Rights', {
      ...{ operator, documents: this.#documents, parameters: this.#parameters, audit: this.#functions.audit },
      machines: [machines.copy.machine, machines.verify.machine, machine],
    });
    return operator;
  }

  /** @param machines that it may start. */
  #controller(timeout: Duration, machines: Machines): LambdaFunction {
    const control = this.#functions.create('Control', {
      entry: 'control',
      description: 'Takes phases one safe move towards what operators want',
      ...{ timeout, memory: 1024, concurrency: CONTROLLERS },
      environment: { ...this.#environment('control'), ...this.#control(machines) },
    });
    this.#allowControl(control);
    this.#parameters.allowControlling(control);
    this.#receipts.allowClearing(control);
    for (const runs of Object.values(machines)) runs.allowStarting(control);
    new PhaseController(this, 'Controller', {
      ...{ control, settings: this.#settings },
      parameters: this.#parameters,
    });
    return control;
  }

  #control({ copy, verify }: Machines): Record<string, string> {
    return {
      DEAD_LETTERS_QUEUE: this.#receipts.deadLetters.queueUrl,
      COPY_MACHINE: copy.machine.stateMachineArn,
      VERIFY_MACHINE: verify.machine.stateMachineArn,
    };
  }

  #allowControl(user: LambdaFunction): void {
    this.#allowStores(user, 'control');
    this.#functions.allowAuditing(user);
    this.#parameters.allowMoving(user);
    this.#receipts.allowCounting(user);
  }

  #runs(): { readonly users: LambdaFunction[]; readonly machines: Machines; readonly shards: WorkQueue[] } {
    const { deployment } = this.#settings;
    const planner = this.#functions.create('Plan', {
      entry: 'plan',
      description: 'Begins runs over shards, looks at what differs again, and sums them up',
      timeout: Duration.millis(this.#settings.configuration.timing.backfill),
      ...{ memory: 1024, concurrency: null },
      environment: { ...this.#environment('control'), PACE_PARAMETER: this.#parameters.pace.parameterName },
    });
    this.#allowRuns(planner, 'control');
    const { backfill, verify } = deployment.concurrency;
    const copying = { job: 'copy', entry: 'backfill', workers: backfill } as const;
    const comparing = { job: 'verify', entry: 'verify', workers: verify } as const;
    const copies = this.#shardWorker(planner, {
      ...{ ...copying, id: 'Backfill', queue: 'ShardsToCopy', machine: 'CopyAll' },
      description: 'Copies shards from Couchbase to Oracle, or back',
    });
    const compares = this.#shardWorker(planner, {
      ...{ ...comparing, id: 'Verify', queue: 'ShardsToVerify', machine: 'VerifyAll' },
      description: 'Compares both stores along shards',
    });
    return {
      users: [planner, copies.worker, compares.worker],
      machines: { copy: copies.runs, verify: compares.runs },
      shards: [copies.shards, compares.shards],
    };
  }

  #shardWorker(
    planner: LambdaFunction,
    { id, queue, machine, job, entry, workers, description }: ShardWorkerProps,
  ): { readonly worker: LambdaFunction; readonly runs: ShardedRuns; readonly shards: WorkQueue } {
    const { configuration, deployment } = this.#settings;
    const timeout = Duration.millis(configuration.timing.backfill);
    const shards = new WorkQueue(this, queue, { timeout, deliveries: 5, late: Duration.hours(2) });
    const worker = this.#functions.create(id, {
      ...{ entry, description, timeout, memory: 1024, concurrency: workers, sendsToItself: true },
      environment: {
        ...this.#environment('work'),
        PACE_PARAMETER: this.#parameters.pace.parameterName,
        SHARDS_QUEUE: shards.queue.queueUrl,
        DEAD_LETTERS_QUEUE: this.#receipts.deadLetters.queueUrl,
      },
    });
    this.#allowRuns(worker, 'work');
    this.#parameters.allowHeartbeat(worker);
    shards.allowSending(worker);
    shards.allowSending(worker, this.#receipts.deadLetters);
    shards.workedOffBy(worker, workers, { batch: 1, window: 0 });
    const { logRetentionDays } = deployment;
    const runs = new ShardedRuns(this, machine, { job, planner, shards, logRetentionDays, workers });
    runs.allowTelling(worker);
    if (job === 'verify') verifyRegularly(runs, this.#settings);
    return { worker, runs, shards };
  }

  /** Runs look at both stores, keep a pace, and leave to receipts what they should not do themselves. */
  #allowRuns(user: LambdaFunction, login: Login): void {
    this.#allowStores(user, login);
    this.#parameters.allowPacing(user);
    this.#receipts.allowSending(user);
  }

  #environment(login: Login, tells = false): Record<string, string> {
    const { secrets } = this.#settings.deployment;
    return {
      ...{ PARAMETERS: this.#parameters.prefix, RECEIPTS_QUEUE: this.#receipts.queue.queueUrl },
      ...{ COUCHBASE_SECRET: secrets.couchbase ?? RETIRED, ...oracleVariables(secrets, login, tells) },
      ...(secrets.keys !== null && { KEYS_SECRET: secrets.keys }),
    };
  }

  #allowStores(user: LambdaFunction, login: Login): void {
    const { secrets } = this.#settings.deployment;
    this.#parameters.allowObeying(user);
    this.#functions.allowStores(user, secrets, login);
    if (secrets.keys !== null) this.#functions.allowReadingSecret(user, secrets.keys);
    this.#parameters.allowLogins(user);
  }
}
