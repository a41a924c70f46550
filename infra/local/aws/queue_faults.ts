/** What standard queues of SQS do now and then, and fauxqs never does. Each fault counts how often it strikes. */
import { passPartly } from './partial_batch.ts';

export interface QueueFaults {
  /** Messages overtake each other: some become visible up to so many milliseconds later, and one response has its messages in any order. */
  readonly disorder?: number;
  /** The share of messages that are delivered twice; the second time even where they have been deleted. */
  readonly duplicates?: number;
  /** The share of short polls that return fewer messages than there are, or none. */
  readonly misses?: number;
  /** Counts are samples of up to so many milliseconds ago. */
  readonly lag?: number;
  /** Counts are too low or too high by up to this share of them, and by 1 at least. */
  readonly error?: number;
  /** The share of counts that are 0 whatever the queue holds. */
  readonly zeros?: number;
  /** The share of entries of a batch that are refused while their neighbours are taken. */
  readonly refusals?: number;
}

/** What `npm start` has: whoever receives from a standard queue has to cope with these all the time. */
export const ALWAYS: QueueFaults = { disorder: 300, duplicates: 0.02, misses: 0.2, refusals: 0.002 };

export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** Of any request: what is read of it here. */
interface Input {
  readonly QueueUrl?: string;
  readonly Entries?: readonly { readonly Id?: string; readonly DelaySeconds?: number }[];
  readonly DelaySeconds?: number;
  readonly MaxNumberOfMessages?: number;
  readonly WaitTimeSeconds?: number;
}

interface Message {
  readonly Attributes?: Readonly<Record<string, string>>;
}

interface Sample {
  readonly at: number;
  readonly counts: Readonly<Record<string, number>>;
}

export interface FaultyPorts {
  /** Passes a request on to the queues as they are. */
  pass(target: string, body: string): Promise<Answer>;
  /** The exact counts of a queue, under their names among its attributes. */
  counts(queue: string): Readonly<Record<string, number>>;
  /** Seconds for which a queue delays messages that say nothing about it. */
  delay(queue: string): number;
  /** From 0 up to 1, which is not among them. */
  random(): number;
  /** Milliseconds. */
  now(): number;
}

/** The share of messages that others overtake. */
const OVERTAKEN = 0.3;
const COUNTS = /^ApproximateNumberOfMessages/;

export class FaultyQueues {
  readonly struck = { disorder: 0, duplicates: 0, misses: 0, lag: 0, error: 0, zeros: 0, refusals: 0 };
  readonly #faults: Required<QueueFaults>;
  readonly #ports: FaultyPorts;
  /** Of each queue: messages that are still to be delivered a second time. */
  readonly #again = new Map<string, Message[]>();
  readonly #samples = new Map<string, Sample[]>();

  constructor(faults: QueueFaults, ports: FaultyPorts) {
    const none = { disorder: 0, duplicates: 0, misses: 0, lag: 0, error: 0, zeros: 0, refusals: 0 };
    this.#faults = { ...none, ...faults };
    this.#ports = ports;
  }

  async forward(target: string, body: string): Promise<Answer> {
    const input = JSON.parse(body) as Input;
    const queue = input.QueueUrl?.split('/').at(-1) ?? '';
    switch (target.split('.')[1]) {
      case 'SendMessage':
        return this.#pass(target, this.#delayed(input, queue), queue);
      case 'SendMessageBatch':
        return this.#sendSeveral(target, input, queue);
      case 'DeleteMessageBatch':
      case 'ChangeMessageVisibilityBatch':
        return this.#partly(target, input, queue);
      case 'ReceiveMessage':
        return this.#receive(target, input, queue);
      case 'GetQueueAttributes':
        return this.#counted(await this.#pass(target, input, queue), queue);
      default:
        return this.#pass(target, input, queue);
    }
  }

  async #pass(target: string, input: object, queue: string): Promise<Answer> {
    if (this.#faults.lag > 0) this.#sample(queue);
    const answer = await this.#ports.pass(target, JSON.stringify(input));
    if (this.#faults.lag > 0) this.#sample(queue);
    return answer;
  }

  #strikes(fault: keyof QueueFaults, share: number): boolean {
    if (share === 0 || this.#ports.random() >= share) return false;
    this.struck[fault]++;
    return true;
  }

  /** A message that becomes visible a little later than it was to. */
  #delayed(message: Pick<Input, 'DelaySeconds'>, queue: string): object {
    const { disorder } = this.#faults;
    if (disorder === 0 || !this.#strikes('disorder', OVERTAKEN)) return message;
    const delay = message.DelaySeconds ?? this.#ports.delay(queue);
    return { ...message, DelaySeconds: delay + (this.#ports.random() * disorder) / 1000 };
  }

  #sendSeveral(target: string, input: Input, queue: string): Promise<Answer> {
    const delayed = (input.Entries ?? []).map((each) => this.#delayed(each, queue));
    return this.#partly(target, { ...input, Entries: delayed as Input['Entries'] & object }, queue);
  }

  /** A batch some of whose entries may be refused. */
  #partly(target: string, { Entries = [], ...rest }: Input, queue: string): Promise<Answer> {
    const refused = new Set(Entries.filter(() => this.#strikes('refusals', this.#faults.refusals)));
    if (refused.size === 0) return this.#pass(target, { ...rest, Entries }, queue);
    const why = { SenderFault: false, Code: 'InternalError', Message: 'We encountered an internal error' };
    const failed = [...refused].map(({ Id }) => ({ Id, ...why }));
    const taken = Entries.filter((each) => !refused.has(each));
    return passPartly(taken, failed, (entries) => this.#pass(target, { ...rest, Entries: entries }, queue));
  }

  async #receive(target: string, input: Input, queue: string): Promise<Answer> {
    const { MaxNumberOfMessages: most = 1, WaitTimeSeconds: wait = 0 } = input;
    const missed = wait === 0 && this.#strikes('misses', this.#faults.misses);
    const shown = missed ? Math.floor(this.#ports.random() * most) : most;
    if (shown === 0) return responseOf([]);
    const repeated = (this.#again.get(queue) ?? []).splice(0, shown);
    if (repeated.length > 0) return responseOf(repeated);
    const asked = { ...input, MaxNumberOfMessages: shown };
    const answer = await this.#pass(target, asked, queue);
    if (answer.status !== 200) return answer;
    const { Messages = [] } = JSON.parse(answer.body) as { Messages?: Message[] };
    const twice = Messages.filter(() => this.#strikes('duplicates', this.#faults.duplicates)).map(
      deliveredAgain,
    );
    this.#again.set(queue, [...(this.#again.get(queue) ?? []), ...twice]);
    return responseOf(this.#faults.disorder > 0 ? this.#shuffled(Messages) : Messages);
  }

  #shuffled<Each>(all: readonly Each[]): Each[] {
    return all
      .map((each) => ({ each, place: this.#ports.random() }))
      .sort((a, b) => a.place - b.place)
      .map(({ each }) => each);
  }

  #counted(answer: Answer, queue: string): Answer {
    if (answer.status !== 200) return answer;
    const { Attributes = {} } = JSON.parse(answer.body) as { Attributes?: Record<string, string> };
    const names = Object.keys(Attributes).filter((name) => COUNTS.test(name));
    const sampled = names.length === 0 ? {} : this.#lagging(queue);
    const told = names.map((name) => [
      name,
      String(this.#distorted(sampled[name] ?? Number(Attributes[name]))),
    ]);
    return {
      status: 200,
      body: JSON.stringify({ Attributes: { ...Attributes, ...Object.fromEntries(told) } }),
    };
  }

  /** Takes down what a queue holds now, and forgets what is older than any answer may be. */
  #sample(queue: string): void {
    const now = this.#ports.now();
    const samples = [...(this.#samples.get(queue) ?? []), { at: now, counts: this.#ports.counts(queue) }];
    const oldest = samples.findLastIndex(({ at }) => at <= now - this.#faults.lag);
    this.#samples.set(queue, samples.slice(Math.max(0, oldest)));
  }

  /** What the queue held some time ago; nothing where nobody has used it yet. */
  #lagging(queue: string): Sample['counts'] {
    const { lag } = this.#faults;
    if (lag === 0) return {};
    this.struck.lag++;
    const since = this.#ports.now() - this.#ports.random() * lag;
    const samples = this.#samples.get(queue) ?? [];
    return (samples.findLast(({ at }) => at <= since) ?? samples[0])?.counts ?? {};
  }

  #distorted(count: number): number {
    const { zeros, error } = this.#faults;
    if (this.#strikes('zeros', zeros)) return 0;
    if (error === 0) return count;
    this.struck.error++;
    const most = Math.max(1, count * error);
    return Math.max(0, Math.round(count + (2 * this.#ports.random() - 1) * most));
  }
}

function deliveredAgain(message: Message): Message {
  const { ApproximateReceiveCount: deliveries, ...rest } = message.Attributes ?? {};
  if (deliveries === undefined) return message;
  return { ...message, Attributes: { ...rest, ApproximateReceiveCount: String(Number(deliveries) + 1) } };
}

function responseOf(Messages: readonly Message[]): Answer {
  return { status: 200, body: JSON.stringify(Messages.length === 0 ? {} : { Messages }) };
}
