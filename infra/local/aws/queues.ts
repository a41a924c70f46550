/** SQS: fauxqs, behind this machine's one address. */
import { type FauxqsServer, startFauxqs } from 'fauxqs';
import { ACCOUNT, REGION } from '../template.ts';
import { passPartly } from './partial_batch.ts';
import { type Answer, FaultyQueues, type QueueFaults } from './queue_faults.ts';
import { QueueRules, type RulePorts } from './queue_rules.ts';

/** Seconds. */
const MOMENT = 0.001;

/**
 * Where fauxqs 2.4.1 keeps messages on disk, a visibility timeout of 0 fails, and the message is lost until a restart. A moment is as good.
 */
function hiddenForAMoment(body: string): string {
  return JSON.stringify(JSON.parse(body), (name, value) =>
    name === 'VisibilityTimeout' && value === 0 ? MOMENT : value,
  );
}

const THROTTLED = { Code: 'ThrottlingException', Message: 'Rate exceeded' };

export class Queues {
  /** Of the queues that were created. */
  readonly names: string[] = [];
  readonly #server: FauxqsServer;
  readonly #outlives: boolean;
  /** Entries of batches that are still to be refused. */
  #refusals = 0;
  #faulty: FaultyQueues | null = null;
  readonly #rules: QueueRules;

  private constructor(server: FauxqsServer, outlives: boolean, most?: number) {
    this.#server = server;
    this.#outlives = outlives;
    const ports: RulePorts = {
      pass: (target, body) => this.#faulty?.forward(target, body) ?? this.#exact(target, body),
      inFlight: (name) => this.counts(name).inflight,
    };
    this.#rules = new QueueRules(ports, most);
  }

  /** @param directory where messages outlive the process; null for nowhere. @param most messages in flight, where not as many as in AWS. */
  static async start(directory: string | null, most?: number): Promise<Queues> {
    const persistence = directory === null ? {} : { dataDir: directory };
    const settings = { port: 0, logger: false, defaultRegion: REGION, ...persistence };
    return new Queues(await startFauxqs(settings), directory !== null, most);
  }

  /** Where fauxqs itself listens. */
  get port(): number {
    return this.#server.port;
  }

  static arn(name: string): string {
    return `arn:aws:sqs:${REGION}:${ACCOUNT}:${name}`;
  }

  /** The name of the queue that a URL leads to. */
  static nameIn(url: string): string {
    return url.split('/').at(-1) ?? '';
  }

  /** Creates a queue, or gives one that has outlived the process these attributes; its messages stay. */
  async create(name: string, attributes: Readonly<Record<string, string>>): Promise<void> {
    this.names.push(name);
    if (this.#server.inspectQueue(name) === undefined) {
      this.#server.createQueue(name, { region: REGION, attributes });
      return;
    }
    const QueueUrl = `http://127.0.0.1/${ACCOUNT}/${name}`;
    const body = JSON.stringify({ QueueUrl, Attributes: attributes });
    const { status, body: said } = await this.forward('AmazonSQS.SetQueueAttributes', body);
    if (status !== 200) throw new Error(`The queue ${name} cannot be changed: ${said}`);
  }

  /** How many messages a queue holds: to be received, delayed, and received but not deleted. */
  counts(name: string): { ready: number; delayed: number; inflight: number } {
    const messages = this.#server.inspectQueue(name)?.messages;
    if (messages === undefined) throw new Error(`There is no queue ${name}`);
    // fauxqs moves messages whose time has come only when somebody receives from the queue.
    const now = Date.now();
    const delayed = messages.delayed.filter(({ delayUntil = 0 }) => delayUntil > now).length;
    const inflight = messages.inflight.filter(({ visibilityDeadline }) => visibilityDeadline > now).length;
    const all = messages.ready.length + messages.delayed.length + messages.inflight.length;
    return { ready: all - delayed - inflight, delayed, inflight };
  }

  /** A fault: SQS refuses the next so many entries of SendMessageBatch, as it does when it throttles, and takes their neighbours. */
  refuse(entries: number): void {
    this.#refusals = entries;
  }

  /**
   * From now on, all queues do what standard queues may do.
   * @returns how often each fault has struck, as time goes on.
   */
  behave(faults: QueueFaults, random = Math.random, now = Date.now): FaultyQueues['struck'] {
    this.#faulty = new FaultyQueues(faults, {
      pass: (target, body) => this.#exact(target, body),
      counts: (name) => this.#counted(name),
      delay: (name) => Number(this.#server.inspectQueue(name)?.attributes.DelaySeconds ?? 0),
      ...{ random, now },
    });
    return this.#faulty.struck;
  }

  /** Answers a request. */
  forward(target: string, body: string): Promise<Answer> {
    return this.#rules.forward(target, body);
  }

  async #exact(target: string, body: string): Promise<Answer> {
    if (this.#refusals > 0 && target.endsWith('.SendMessageBatch')) return this.#throttled(target, body);
    if (target.endsWith('.GetQueueAttributes')) return this.#attributes(target, body);
    const isGivenBack = this.#outlives && target.includes('.ChangeMessageVisibility');
    return this.#pass(target, isGivenBack ? hiddenForAMoment(body) : body);
  }

  /** The attributes as fauxqs has them, with the counts of this moment. */
  async #attributes(target: string, body: string): Promise<Answer> {
    const answer = await this.#pass(target, body);
    if (answer.status !== 200) return answer;
    const { QueueUrl } = JSON.parse(body) as { QueueUrl: string };
    const { Attributes = {} } = JSON.parse(answer.body) as { Attributes?: Record<string, string> };
    const counts = Object.entries(this.#counted(Queues.nameIn(QueueUrl)));
    const now = counts.filter(([name]) => name in Attributes).map(([name, count]) => [name, String(count)]);
    return { ...answer, body: JSON.stringify({ Attributes: { ...Attributes, ...Object.fromEntries(now) } }) };
  }

  #counted(name: string): Readonly<Record<string, number>> {
    const { ready, delayed, inflight } = this.counts(name);
    return {
      ApproximateNumberOfMessages: ready,
      ApproximateNumberOfMessagesDelayed: delayed,
      ApproximateNumberOfMessagesNotVisible: inflight,
    };
  }

  #throttled(target: string, body: string): Promise<Answer> {
    const { Entries, ...rest } = JSON.parse(body) as { Entries: { Id: string }[] };
    const refused = Entries.slice(0, this.#refusals);
    this.#refusals -= refused.length;
    const Failed = refused.map(({ Id }) => ({ ...{ Id, SenderFault: false }, ...THROTTLED }));
    return passPartly(Entries.slice(refused.length), Failed, (taken) =>
      this.#pass(target, JSON.stringify({ ...rest, Entries: taken })),
    );
  }

  async #pass(target: string, body: string): Promise<Answer> {
    const response = await fetch(`http://127.0.0.1:${this.#server.port}/`, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': target,
        // It reads the region here.
        authorization: `AWS4-HMAC-SHA256 Credential=local/20260101/${REGION}/sqs/aws4_request, SignedHeaders=host, Signature=0`,
      },
      body,
    });
    return { status: response.status, body: await response.text() };
  }

  stop(): Promise<void> {
    return this.#server.stop();
  }
}
