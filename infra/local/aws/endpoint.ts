/** The one address of all AWS services on this machine, for functions, SDKs and the command line: `AWS_ENDPOINT_URL`. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text as textOf } from 'node:stream/consumers';
import { listening, portOf, shut } from '../listen.ts';
import type { Machines } from '../states/machines.ts';
import { ServiceError } from './failure.ts';
import { LogStore } from './logs.ts';
import type { Measures } from './measures.ts';
import { ParameterApi } from './parameter_api.ts';
import { ParameterStore } from './parameters.ts';
import { withTrace } from './queue_rules.ts';
import { Queues } from './queues.ts';
import { SecretStore } from './secrets.ts';
import type { Topics } from './topics.ts';

export interface Services {
  readonly parameters: ParameterStore;
  readonly secrets: SecretStore;
  readonly queues: Queues;
  readonly logs: LogStore;
  readonly topics: Topics;
  readonly measures: Measures;
  readonly machines: Machines;
  /** Whether the holder of an access key may. Null for a key that nobody has. */
  readonly allows: (accessKey: string, action: string, resource: string) => boolean | null;
}

export interface Endpoint {
  readonly url: string;
  stop(): Promise<void>;
}

type Served = Services & { readonly parameterApi: ParameterApi };

const SERVICES = ['ssm', 'secretsmanager', 'sqs', 'states', 'logs', 'sns', 'monitoring'] as const;
/** They speak the Query protocol: a form is asked, and XML answers. */
const QUERY: readonly string[] = ['sns', 'monitoring'];
/** Where a service signs by another name than that of its permissions. */
const PERMISSIONS: Readonly<Record<string, string>> = { monitoring: 'cloudwatch' };

interface Request {
  readonly accessKey: string;
  readonly service: (typeof SERVICES)[number];
  readonly target: string;
  readonly operation: string;
  readonly body: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** The batch forms of SQS need the permission of the single one. */
const ACTIONS: Readonly<Record<string, string>> = {
  SendMessageBatch: 'SendMessage',
  DeleteMessageBatch: 'DeleteMessage',
  ChangeMessageVisibilityBatch: 'ChangeMessageVisibility',
};

export async function serveAws(given: Services): Promise<Endpoint> {
  const services = { ...given, parameterApi: new ParameterApi(given.parameters) };
  const server = createServer((request, response) => {
    answer(services, request, response).catch(() => response.destroy());
  });
  await listening(server, 0);
  return {
    url: `http://127.0.0.1:${portOf(server)}`,
    stop: async () => {
      shut(server);
    },
  };
}

async function answer(services: Served, request: IncomingMessage, response: ServerResponse): Promise<void> {
  let date = {};
  const send = (status: number, body: string, type = '') =>
    response
      .writeHead(status, {
        'content-type': 'application/x-amz-json-1.1',
        ...date,
        ...(type === '' ? {} : { 'x-amzn-errortype': type }),
      })
      .end(body);
  try {
    const asked = await read(request);
    // By the clock that parameters change by, which need not be that of this process.
    if (asked.service === 'ssm') date = { date: new Date(services.parameters.now()).toUTCString() };
    authorize(services, asked);
    if (asked.service === 'sns') return void send(200, services.topics.call(asked.operation, asked.input));
    if (asked.service === 'monitoring')
      return void send(200, services.measures.call(asked.operation, asked.input));
    if (asked.service !== 'sqs') return void send(200, JSON.stringify(call(services, asked)));
    const trace = request.headers['x-amzn-trace-id'];
    const { status, body } = await services.queues.forward(
      asked.target,
      withTrace(asked.target, asked.body, trace === undefined ? undefined : String(trace)),
    );
    send(status, rehosted(body, request.headers.host ?? ''));
  } catch (error) {
    const known =
      error instanceof ServiceError ? error : new ServiceError('InternalFailure', String(error), 500);
    send(known.status, JSON.stringify({ __type: known.type, message: known.message }), known.type);
  }
}

async function read(request: IncomingMessage): Promise<Request> {
  const [, accessKey = '', name = ''] =
    /Credential=([^/]+)\/[^/]+\/[^/]+\/([^/]+)\//.exec(request.headers.authorization ?? '') ?? [];
  const service = SERVICES.find((each) => each === name);
  if (service === undefined)
    throw new ServiceError(
      'UnknownOperationException',
      `This machine has SSM, Secrets Manager, SQS, Step Functions, CloudWatch, CloudWatch Logs and SNS, no ${name || 'service without a signature'}`,
    );
  const target = String(request.headers['x-amz-target'] ?? '');
  const body = await textOf(request);
  if (QUERY.includes(service)) {
    const input = Object.fromEntries(new URLSearchParams(body));
    return { accessKey, service, target, operation: input.Action ?? '', body, input };
  }
  try {
    return {
      accessKey,
      service,
      target,
      operation: target.split('.')[1] ?? '',
      body,
      input: JSON.parse(body || '{}'),
    };
  } catch {
    throw new ServiceError(
      'SerializationException',
      'The body is no JSON: this machine speaks the JSON protocols only',
    );
  }
}

function call(services: Served, { service, operation, input, accessKey }: Request): unknown {
  switch (service) {
    case 'ssm':
      return services.parameterApi.answer(operation, input, accessKey);
    case 'states':
      return services.machines.call(operation, input);
    case 'logs':
      return services.logs.call(operation, input);
    default:
      return services.secrets.call(operation, input);
  }
}

function authorize({ allows }: Services, { accessKey, service, operation, input }: Request): void {
  const action = `${PERMISSIONS[service] ?? service}:${ACTIONS[operation] ?? operation}`;
  for (const resource of resourcesOf(service, input)) {
    const allowed = allows(accessKey, action, resource);
    if (allowed === null)
      throw new ServiceError(
        'UnrecognizedClientException',
        'The security token included in the request is invalid.',
        403,
      );
    if (!allowed)
      throw new ServiceError(
        'AccessDeniedException',
        `${accessKey} is not authorized to perform: ${action} on resource: ${resource}`,
        400,
      );
  }
}

function resourcesOf(service: Request['service'], input: Request['input']): string[] {
  const text = (value: unknown) => (typeof value === 'string' ? [value] : []);
  switch (service) {
    case 'ssm': {
      const names = [...text(input.Name), ...text(input.Path), ...((input.Names as string[]) ?? [])];
      return names.length === 0 ? ['*'] : names.map(ParameterStore.arn);
    }
    case 'secretsmanager':
      return [SecretStore.arn(String(input.SecretId))];
    case 'logs':
      return [LogStore.resource(input)];
    case 'sns':
      return text(input.TopicArn);
    case 'monitoring':
      return ['*'];
    case 'states':
      return [
        ...text(input.stateMachineArn),
        ...text(input.executionArn),
        ...text(input.taskToken).flatMap(machineOf),
      ];
    case 'sqs': {
      const names = [...text(input.QueueName), ...text(input.QueueUrl).map(Queues.nameIn)];
      return names.length === 0 ? ['*'] : names.map(Queues.arn);
    }
  }
}

/** Queue URLs lead here, and not to the server behind. */
function rehosted(body: string, host: string): string {
  return body
    .replace(/"QueueUrl":"http:\/\/[^/]+\//g, `"QueueUrl":"http://${host}/`)
    .replace(/"QueueUrls":\[[^\]]*\]/g, (list) => list.replace(/http:\/\/[^/"]+\//g, `http://${host}/`));
}

/** A token begins with the machine that gave it out: that is what its holder needs a permission for. Others are none. */
function machineOf(token: string): string[] {
  return token.split(' ').slice(0, -1);
}
