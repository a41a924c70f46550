/** Deploys a template on this machine: every resource gets something that stands for it, or the deployment is refused. */
import { SQSClient } from '@aws-sdk/client-sqs';
import { type Endpoint, serveAws } from './aws/endpoint.ts';
import type { ParameterStore } from './aws/parameters.ts';
import type { Queues } from './aws/queues.ts';
import type { SecretStore } from './aws/secrets.ts';
import { createCustom } from './custom_resource.ts';
import { type Gateway, serveApi } from './gateway.ts';
import { LocalFunction } from './lambda/function.ts';
import { place } from './place.ts';
import { Policies } from './policy.ts';
import { ACCOUNT, REGION, type Resource, type Template, UnknownInTemplate } from './template.ts';
import { Worker } from './worker.ts';

export interface Surroundings {
  readonly parameters: ParameterStore;
  readonly secrets: SecretStore;
  readonly queues: Queues;
  /** Port of the HTTP API; 0 for any. */
  readonly port: number;
  /** Containers of one function at most, whatever the template allows: each is a process. */
  readonly containers: number;
  /** Is given each line that a function prints, and what fails behind the scenes. */
  readonly log: (source: string, line: string) => void;
}

/** Whoever has this access key may do everything: the person at this machine. */
export const OPERATOR = 'operator';

export class Deployment {
  readonly gateway: Gateway;
  readonly endpoint: Endpoint;
  readonly functions: ReadonlyMap<string, LocalFunction>;
  readonly #workers: readonly Worker[];

  private constructor(
    gateway: Gateway,
    endpoint: Endpoint,
    functions: ReadonlyMap<string, LocalFunction>,
    workers: readonly Worker[],
  ) {
    this.gateway = gateway;
    this.endpoint = endpoint;
    this.functions = functions;
    this.#workers = workers;
  }

  /** Rejects, with everything it had started stopped, where the template cannot be deployed as it is. */
  static async start(template: Template, surroundings: Surroundings): Promise<Deployment> {
    const roles = new Map<string, string>();
    let policies: Policies | null = null;
    const endpoint = await serveAws({
      ...surroundings,
      allows: (accessKey, action, resource) => {
        if (accessKey === OPERATOR) return true;
        const role = roles.get(accessKey);
        return role === undefined ? null : (policies?.allows(role, action, resource) ?? false);
      },
    });
    const functions = new Map<string, LocalFunction>();
    const workers: Worker[] = [];
    try {
      for (const resource of template.resources) place(template, resource, endpoint.url);
      policies = new Policies(template);
      create(template, surroundings);
      for (const resource of template.ofType('AWS::Lambda::Function')) {
        const made = functionOf(template, resource, endpoint.url, surroundings);
        functions.set(made.settings.arn, made);
        roles.set(accessKeyOf(resource.id), template.text(resource.properties.Role).split('/').at(-1) ?? '');
      }
      for (const resource of template.resources)
        if (resource.type.startsWith('Custom::')) await createCustom(template, resource, functions);
      const gateway = await serveApi(template, functions, surroundings.port);
      for (const resource of template.ofType('AWS::Lambda::EventSourceMapping')) {
        const worker = workerOf(template, resource, functions, endpoint.url, surroundings);
        await worker.start();
        workers.push(worker);
      }
      return new Deployment(gateway, endpoint, functions, workers);
    } catch (error) {
      await Promise.all(workers.map((worker) => worker.stop()));
      for (const each of functions.values()) each.stop();
      await endpoint.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    await this.gateway.stop();
    const stopped = Promise.all(this.#workers.map((worker) => worker.stop()));
    for (const each of this.functions.values()) each.stop();
    await stopped;
    await this.endpoint.stop();
  }
}

function create(template: Template, { parameters, queues }: Surroundings): void {
  for (const { properties } of template.ofType('AWS::SSM::Parameter')) {
    const { Name, Value, Description, AllowedPattern } = template.resolve(properties) as Record<
      string,
      string
    >;
    parameters.declare(Name as string, Value as string, Description ?? '', AllowedPattern ?? null);
  }
  for (const { id, properties } of template.ofType('AWS::SQS::Queue')) {
    const { RedrivePolicy, VisibilityTimeout, MessageRetentionPeriod } = template.resolve(
      properties,
    ) as Record<string, unknown>;
    queues.create(id, {
      ...(RedrivePolicy === undefined ? {} : { RedrivePolicy: JSON.stringify(RedrivePolicy) }),
      ...(VisibilityTimeout === undefined ? {} : { VisibilityTimeout: String(VisibilityTimeout) }),
      ...(MessageRetentionPeriod === undefined
        ? {}
        : { MessageRetentionPeriod: String(MessageRetentionPeriod) }),
    });
  }
}

function accessKeyOf(id: string): string {
  return `LOCAL${id}`;
}

function functionOf(
  template: Template,
  { id, properties }: Resource,
  endpoint: string,
  { containers, log }: Surroundings,
): LocalFunction {
  const { Environment, Handler, MemorySize, Timeout, ReservedConcurrentExecutions } = template.resolve({
    ...properties,
    Code: null,
  }) as {
    Environment?: { Variables: Record<string, string> };
    Handler: string;
    MemorySize: number;
    Timeout: number;
    ReservedConcurrentExecutions?: number;
  };
  return new LocalFunction({
    name: id,
    arn: `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${id}`,
    timeout: Timeout * 1000,
    concurrency: Math.min(containers, ReservedConcurrentExecutions ?? containers),
    log: (line) => log(id, line),
    environment: {
      ...Environment?.Variables,
      ...{ _HANDLER: Handler, LAMBDA_TASK_ROOT: template.assetOf(properties.Code) },
      ...{ AWS_LAMBDA_FUNCTION_NAME: id, AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(MemorySize) },
      ...{ AWS_REGION: REGION, AWS_ACCESS_KEY_ID: accessKeyOf(id), AWS_SECRET_ACCESS_KEY: 'local' },
      ...{ AWS_ENDPOINT_URL: endpoint, AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand', TZ: ':UTC' },
    },
  });
}

function workerOf(
  template: Template,
  { id, properties }: Resource,
  functions: ReadonlyMap<string, LocalFunction>,
  endpoint: string,
  { log }: Surroundings,
): Worker {
  const { EventSourceArn, FunctionName, BatchSize, FunctionResponseTypes, ScalingConfig } = template.resolve(
    properties,
  ) as {
    EventSourceArn: string;
    FunctionName: string;
    BatchSize?: number;
    FunctionResponseTypes?: string[];
    ScalingConfig?: { MaximumConcurrency: number };
  };
  const target = [...functions.values()].find(({ settings }) => settings.name === FunctionName);
  if (target === undefined)
    throw new UnknownInTemplate(`${id} leads to ${FunctionName}, which is no function`);
  const client = new SQSClient({
    ...{ endpoint, region: REGION },
    credentials: { accessKeyId: accessKeyOf(target.settings.name), secretAccessKey: 'local' },
  });
  const mapping = {
    target,
    queueUrl: `${endpoint}/${ACCOUNT}/${EventSourceArn.split(':').at(-1)}`,
    queueArn: EventSourceArn,
    batchSize: BatchSize ?? 10,
    reportsFailures: FunctionResponseTypes?.includes('ReportBatchItemFailures') ?? false,
    concurrency: Math.min(
      target.settings.concurrency,
      ScalingConfig?.MaximumConcurrency ?? target.settings.concurrency,
    ),
  };
  return new Worker(mapping, client, (error) => log(id, String(error)));
}
