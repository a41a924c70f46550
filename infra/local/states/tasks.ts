/** What the tasks of a machine lead to on this machine, with the permissions of its role. */
import { Queues } from '../aws/queues.ts';
import { InvocationFailed, Refused } from '../lambda/failure.ts';
import type { LocalFunction } from '../lambda/function.ts';
import type { Policies } from '../policy.ts';
import { StateFailed } from './language.ts';
import type { RunResource } from './machines.ts';

export interface Reachable {
  /** By their ARNs. */
  readonly functions: ReadonlyMap<string, LocalFunction>;
  readonly queues: Queues;
  readonly policies: () => Policies;
  /** The role of a machine, by its ARN. */
  readonly roleOf: (machine: string) => string;
}

type Argument = Readonly<Record<string, unknown>>;

export function tasksOver(reachable: Reachable): RunResource {
  const may = (machine: string, action: string, resource: string) => {
    const role = reachable.roleOf(machine);
    if (!reachable.policies().allows(role, action, resource))
      throw new StateFailed(
        'States.Permissions',
        `${role} is not authorized to perform: ${action} on resource: ${resource}`,
      );
  };
  return async (machine, resource, argument) => {
    switch (resource.replace(/^arn:aws:states:::/, '')) {
      case 'lambda:invoke': {
        const { FunctionName, Payload } = argument as Argument & { FunctionName: string };
        may(machine, 'lambda:InvokeFunction', FunctionName);
        return { StatusCode: 200, Payload: await invoke(reachable, FunctionName, Payload) };
      }
      case 'sqs:sendMessage': {
        const { QueueUrl, MessageBody, ...more } = argument as Argument & { QueueUrl: string };
        may(machine, 'sqs:SendMessage', Queues.arn(Queues.nameIn(QueueUrl)));
        return send(reachable.queues, QueueUrl, MessageBody, more);
      }
      default:
        throw new StateFailed('States.Runtime', `Nothing on this machine stands for ${resource}`);
    }
  };
}

async function invoke({ functions }: Reachable, arn: string, payload: unknown): Promise<unknown> {
  const target = functions.get(arn);
  if (target === undefined)
    throw new StateFailed('Lambda.ResourceNotFoundException', `There is no function ${arn}`);
  try {
    return (await target.invoke(payload)) ?? null;
  } catch (error) {
    if (error instanceof Refused) throw new StateFailed(`Lambda.${error.type}`, error.message);
    if (error instanceof InvocationFailed) throw new StateFailed(error.type, error.message);
    throw error;
  }
}

async function send(
  queues: Queues,
  QueueUrl: string,
  body: unknown,
  { MessageAttributes, ...unknown }: Argument,
): Promise<unknown> {
  // Of the others that the service takes no machine of ours has any. (step-functions/latest/dg/connect-sqs.html)
  const [other] = Object.keys(unknown);
  if (other !== undefined) throw new StateFailed('States.Runtime', `No ${other} can be sent with a message`);
  const MessageBody = typeof body === 'string' ? body : JSON.stringify(body);
  const sent = await queues.forward(
    'AmazonSQS.SendMessage',
    JSON.stringify({ QueueUrl, MessageBody, MessageAttributes }),
  );
  if (sent.status !== 200) throw new StateFailed('SQS.SdkClientException', sent.body);
  return JSON.parse(sent.body);
}
