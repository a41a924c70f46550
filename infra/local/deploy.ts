/** Deploys a template on this machine: every resource gets something that stands for it, or the deployment is refused. */
import type { Entry } from '../bundle.ts';
import { type Endpoint, serveAws } from './aws/endpoint.ts';
import { declareLogs, type LogStore } from './aws/logs.ts';
import { Measures } from './aws/measures.ts';
import type { ParameterStore } from './aws/parameters.ts';
import type { Queues } from './aws/queues.ts';
import type { SecretStore } from './aws/secrets.ts';
import { SNS, Topics } from './aws/topics.ts';
import { createCustom } from './custom_resource.ts';
import { workerOf } from './event_source.ts';
import { GATEWAY, type Gateway, serveApi } from './gateway.ts';
import { serveIssuer } from './issuer_server.ts';
import { type MappedTopic, topicsIn } from './kafka_topics.ts';
import { withAliases } from './lambda/aliases.ts';
import { Account } from './lambda/concurrency.ts';
import { LocalFunction } from './lambda/function.ts';
import { STATES } from './limits.ts';
import { place } from './place.ts';
import { accessKeyOf, OPERATOR, operatorIn, Policies } from './policy.ts';
import { type Rules, rulesOf } from './rules.ts';
import { CLOCK } from './states/clock.ts';
import { Machines, type WaitingTasks } from './states/machines.ts';
import { type Named, named } from './states/named.ts';
import { type Reachable, tasksOver } from './states/tasks.ts';
import { REGION, type Resource, type Template } from './template.ts';

export interface Surroundings {
  readonly parameters: ParameterStore;
  readonly secrets: SecretStore;
  readonly queues: Queues;
  readonly logs: LogStore;
  /** Port of the HTTP API; 0 for any. */
  readonly port: number;
  /** Containers of one function at most, whatever the template allows: each is a process. */
  readonly containers: number;
  /** Whether rules start what they should; whoever sets the phase by hand wants no controller. */
  readonly rules: boolean;
  /** Tasks of state machines that wait to be told: the same for all stacks that are deployed beside each other. */
  readonly waiting?: WaitingTasks;
  /** Is given each line that a function prints, and what fails behind the scenes. */
  readonly log: (source: string, line: string) => void;
}

export interface Deployment extends Named {
  readonly gateway: Gateway;
  readonly endpoint: Endpoint;
  /** What was published to any topic. */
  readonly topics: Topics;
  /** What functions have measured. */
  readonly measures: Measures;
  /** By their ARNs. */
  readonly functions: ReadonlyMap<string, LocalFunction>;
  /** What functions are to be given from topics of Kafka: whoever keeps a topic does it. */
  readonly kafkaTopics: readonly MappedTopic[];
  /** The function whose file is this. Throws where there is none. */
  entry(name: Entry): LocalFunction;
  stop(): Promise<void>;
}

/** Rejects, with everything it had started stopped, where the template cannot be deployed as it is. */
export async function deploy(template: Template, surroundings: Surroundings): Promise<Deployment> {
  const started: (() => unknown)[] = [];
  const stop = async () => {
    for (const each of started.splice(0).reverse()) await each();
  };
  try {
    const roles = new Map<string, string>();
    const machines = new Machines(STATES.events, CLOCK, surroundings.waiting);
    const policies = policiesOf(template);
    const allows = allowing(roles, policies);
    const [topics, measures] = [new Topics((text) => surroundings.log(SNS, text)), new Measures()];
    const endpoint = await serveAws({ ...surroundings, topics, measures, machines, allows });
    started.push(() => endpoint.stop());
    for (const resource of template.resources) place(template, resource, endpoint.url);
    await create(template, surroundings);
    const { apps, environment } = await serveIssuer(template, started);
    const functions = new Map<string, LocalFunction>();
    const around = { ...surroundings, account: new Account(), environment, measures };
    for (const resource of template.ofType('AWS::Lambda::Function')) {
      const made = functionOf(template, resource, endpoint.url, around);
      functions.set(made.settings.arn, made);
      roles.set(accessKeyOf(resource.id), template.text(resource.properties.Role).split('/').at(-1) ?? '');
      started.push(() => made.stop());
    }
    define(template, machines, { functions, policies, queues: surroundings.queues });
    started.push(() => machines.stop());
    for (const resource of template.resources)
      if (resource.type.startsWith('Custom::')) await createCustom(template, resource, functions);
    const failed = (line: string) => surroundings.log(GATEWAY, line);
    const served = withAliases(template, functions);
    const gateway = await serveApi(template, served, surroundings.port, failed, undefined, allows, apps);
    started.push(() => gateway.stop());
    await work(template, functions, endpoint.url, surroundings, started);
    const rules = rulesOf(template, policies(), (stateMachineArn, input, name) =>
      machines.call('StartExecution', { stateMachineArn, input, name }),
    );
    if (surroundings.rules) started.push(obey(rules, surroundings.parameters));
    const entry = (name: Entry) => entryIn(functions, name);
    const kafkaTopics = topicsIn(template, functions);
    return { gateway, endpoint, topics, measures, kafkaTopics, functions, entry, ...named(machines), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Queues come to their functions. */
async function work(
  template: Template,
  functions: ReadonlyMap<string, LocalFunction>,
  endpoint: string,
  surroundings: Surroundings,
  started: (() => unknown)[],
): Promise<void> {
  for (const resource of template.ofType('AWS::Lambda::EventSourceMapping')) {
    if (resource.properties.Topics !== undefined) continue;
    const worker = workerOf(template, resource, functions, endpoint, surroundings);
    await worker.start();
    started.push(() => worker.stop());
  }
}

/** When the first one asks, all that the policies refer to has been placed. */
function policiesOf(template: Template): () => Policies {
  let read: Policies | null = null;
  return () => {
    read ??= new Policies(template);
    return read;
  };
}

function entryIn(functions: ReadonlyMap<string, LocalFunction>, name: Entry): LocalFunction {
  const handler = `${name}.handler`;
  const found = [...functions.values()].find(({ settings }) => settings.environment._HANDLER === handler);
  if (found === undefined) throw new Error(`No function is deployed with the handler ${handler}`);
  return found;
}

/** @returns what ends it. */
function obey({ scheduled, changed }: Rules, parameters: ParameterStore): () => void {
  const timers = scheduled.map((each) => setInterval(each.start, each.milliseconds));
  parameters.changed = (name, operation) => changed({ name, operation });
  return () => {
    timers.forEach(clearInterval);
    parameters.changed = () => {};
  };
}

/** Who may do what: null for an access key that nobody has. */
function allowing(roles: ReadonlyMap<string, string>, policies: () => Policies) {
  return (accessKey: string, action: string, resource: string): boolean | null => {
    if (accessKey === OPERATOR) return true;
    const operator = operatorIn(accessKey);
    if (operator !== null) return policies().allowsOperator(operator.rights, action, resource);
    const role = roles.get(accessKey);
    return role === undefined ? null : policies().allows(role, action, resource);
  };
}

function define(template: Template, machines: Machines, reachable: Omit<Reachable, 'roleOf'>): void {
  const roles = new Map<string, string>();
  for (const { id, properties } of template.ofType('AWS::StepFunctions::StateMachine')) {
    const arn = template.text({ Ref: id });
    machines.define(arn, template.text(properties.DefinitionString));
    roles.set(arn, template.text(properties.RoleArn).split('/').at(-1) ?? '');
  }
  machines.use(tasksOver({ ...reachable, roleOf: (machine) => roles.get(machine) ?? '' }));
}

async function create(template: Template, { parameters, queues, logs }: Surroundings): Promise<void> {
  declareLogs(template, logs);
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
    await queues.create(id, {
      ...(RedrivePolicy === undefined ? {} : { RedrivePolicy: JSON.stringify(RedrivePolicy) }),
      ...(VisibilityTimeout === undefined ? {} : { VisibilityTimeout: String(VisibilityTimeout) }),
      ...(MessageRetentionPeriod === undefined
        ? {}
        : { MessageRetentionPeriod: String(MessageRetentionPeriod) }),
    });
  }
}

function functionOf(
  template: Template,
  { id, properties }: Resource,
  endpoint: string,
  {
    account,
    containers,
    log,
    environment,
    measures,
  }: Surroundings & {
    readonly account: Account;
    readonly environment: Readonly<Record<string, string>>;
    readonly measures: Measures;
  },
): LocalFunction {
  const resolved = template.resolve({ ...properties, Code: null }) as {
    Environment?: { Variables: Record<string, string> };
    Handler: string;
    MemorySize: number;
    Timeout: number;
    ReservedConcurrentExecutions?: number;
    RecursiveLoop?: 'Allow' | 'Terminate';
  };
  const { Environment, Handler, MemorySize, Timeout, ReservedConcurrentExecutions: reserved } = resolved;
  return new LocalFunction({
    name: id,
    arn: template.text({ 'Fn::GetAtt': [id, 'Arn'] }),
    timeout: Timeout * 1000,
    concurrency: Math.min(containers, reserved ?? containers),
    pool: account.pool(id, reserved ?? null),
    loops: resolved.RecursiveLoop === 'Allow',
    log: (line) => {
      measures.take(line);
      log(id, line);
    },
    environment: {
      ...{ ...Environment?.Variables, ...environment },
      ...{ _HANDLER: Handler, LAMBDA_TASK_ROOT: template.assetOf(properties.Code) },
      ...{ AWS_LAMBDA_FUNCTION_NAME: id, AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(MemorySize) },
      ...{ AWS_REGION: REGION, AWS_ACCESS_KEY_ID: accessKeyOf(id), AWS_SECRET_ACCESS_KEY: 'local' },
      ...{ AWS_ENDPOINT_URL: endpoint, AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand', TZ: ':UTC' },
    },
  });
}
