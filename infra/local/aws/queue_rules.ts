/** What SQS refuses and passes on, and fauxqs does not: delays, messages in flight, and the header that counts a chain of invocations. */
import { setTimeout } from 'node:timers/promises';
import { SQS } from '../limits.ts';
import { passPartly } from './partial_batch.ts';
import type { Answer } from './queue_faults.ts';

interface Sent {
  readonly Id?: string;
  readonly DelaySeconds?: number;
  readonly MessageSystemAttributes?: { readonly AWSTraceHeader?: { readonly StringValue: string } };
}

interface Input extends Sent {
  readonly QueueUrl?: string;
  readonly Entries?: readonly (Sent & { readonly Id: string })[];
  readonly WaitTimeSeconds?: number;
}

interface Received {
  readonly MessageId: string;
  readonly Attributes?: Readonly<Record<string, string>>;
}

export interface RulePorts {
  pass(target: string, body: string): Promise<Answer>;
  /** Messages of a queue that were received and neither deleted nor given back. */
  inFlight(queue: string): number;
}

/** Messages whose header is remembered: those of a machine that runs for hours, and not of one that runs for months. */
const REMEMBERED = 100_000;
/** Milliseconds of a long poll of a queue that has as many messages in flight as it may. */
const FULL = 1000;

export class QueueRules {
  readonly #ports: RulePorts;
  readonly #most: number;
  /** By the ids of messages. */
  readonly #headers = new Map<string, string>();
  /** Of each queue: what was in flight at the last count, and all that was received since. */
  readonly #flying = new Map<string, number>();

  /** @param most messages in flight of a queue. */
  constructor(ports: RulePorts, most: number = SQS.inFlight) {
    this.#ports = ports;
    this.#most = most;
  }

  async forward(target: string, body: string): Promise<Answer> {
    const input = JSON.parse(body || '{}') as Input;
    switch (target.split('.')[1]) {
      case 'SendMessage':
        if (isDelay(input.DelaySeconds)) return this.#sent(input, await this.#ports.pass(target, body));
        return refusal('InvalidParameterValue', reasonOf(input));
      case 'SendMessageBatch':
        return this.#sendSeveral(target, input);
      case 'ReceiveMessage':
        return this.#receive(target, body, input);
      default:
        return this.#ports.pass(target, body);
    }
  }

  #sent({ MessageSystemAttributes }: Sent, answer: Answer): Answer {
    if (answer.status === 200) this.#remember(JSON.parse(answer.body).MessageId, MessageSystemAttributes);
    return answer;
  }

  async #sendSeveral(target: string, { Entries = [], ...rest }: Input): Promise<Answer> {
    const [taken, refused] = [true, false].map((wanted) =>
      Entries.filter(({ DelaySeconds }) => isDelay(DelaySeconds) === wanted),
    ) as [Input['Entries'] & object, Input['Entries'] & object];
    const failed = refused.map((each) => ({
      ...{ Id: each.Id, SenderFault: true, Code: 'InvalidParameterValue', Message: reasonOf(each) },
    }));
    const answer = await passPartly(taken, failed, (entries) =>
      this.#ports.pass(target, JSON.stringify({ ...rest, Entries: entries })),
    );
    if (answer.status !== 200) return answer;
    const { Successful = [] } = JSON.parse(answer.body) as {
      Successful?: { Id: string; MessageId: string }[];
    };
    for (const { Id, MessageId } of Successful)
      this.#remember(MessageId, taken.find((each) => each.Id === Id)?.MessageSystemAttributes);
    return answer;
  }

  #remember(id: string, attributes: Sent['MessageSystemAttributes']): void {
    const header = attributes?.AWSTraceHeader?.StringValue;
    if (header === undefined) return;
    this.#headers.set(id, header);
    if (this.#headers.size <= REMEMBERED) return;
    for (const oldest of this.#headers.keys()) {
      this.#headers.delete(oldest);
      break;
    }
  }

  async #receive(
    target: string,
    body: string,
    { QueueUrl = '', WaitTimeSeconds = 0 }: Input,
  ): Promise<Answer> {
    const queue = QueueUrl.split('/').at(-1) ?? '';
    if (this.#isFull(queue)) {
      if (WaitTimeSeconds === 0)
        return refusal('OverLimit', `Too many messages in flight for queue ${queue}`, 403);
      await setTimeout(Math.min(FULL, WaitTimeSeconds * 1000));
      return succeeded({});
    }
    const answer = await this.#ports.pass(target, body);
    if (answer.status !== 200) return answer;
    const { Messages = [] } = JSON.parse(answer.body) as { Messages?: Received[] };
    this.#flying.set(queue, (this.#flying.get(queue) ?? 0) + Messages.length);
    if (!Messages.some(({ MessageId }) => this.#headers.has(MessageId))) return answer;
    return succeeded({ Messages: Messages.map((each) => this.#traced(each)) });
  }

  /** To count takes as long as there are messages: it is done where the queue may be full. */
  #isFull(queue: string): boolean {
    if ((this.#flying.get(queue) ?? 0) < this.#most) return false;
    this.#flying.set(queue, this.#ports.inFlight(queue));
    return (this.#flying.get(queue) ?? 0) >= this.#most;
  }

  #traced(message: Received): Received {
    const AWSTraceHeader = this.#headers.get(message.MessageId);
    if (AWSTraceHeader === undefined || message.Attributes === undefined) return message;
    return { ...message, Attributes: { ...message.Attributes, AWSTraceHeader } };
  }
}

/** The body of a request that sends messages, with the header of the request as an attribute of each: SQS takes both for the same. */
export function withTrace(target: string, body: string, header: string | undefined): string {
  if (header === undefined || !target.includes('.SendMessage')) return body;
  const AWSTraceHeader = { DataType: 'String', StringValue: header };
  const traced = (sent: Sent) => ({
    ...sent,
    MessageSystemAttributes: { AWSTraceHeader, ...sent.MessageSystemAttributes },
  });
  const input = JSON.parse(body) as Input;
  return JSON.stringify(
    input.Entries === undefined ? traced(input) : { ...input, Entries: input.Entries.map(traced) },
  );
}

function isDelay(seconds: number | undefined): boolean {
  return seconds === undefined || (Number.isInteger(seconds) && seconds >= 0 && seconds <= SQS.delay);
}

function reasonOf({ DelaySeconds }: Sent): string {
  return `Value ${DelaySeconds} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= ${SQS.delay}.`;
}

function succeeded(answer: object): Answer {
  return { status: 200, body: JSON.stringify(answer) };
}

function refusal(type: string, message: string, status = 400): Answer {
  return { status, body: JSON.stringify({ __type: `com.amazonaws.sqs#${type}`, message }) };
}
