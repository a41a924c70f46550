/** What CloudWatch would have: data points of functions, queues and state machines, and the alarms over them. */
import { ListExecutionsCommand, SFNClient } from '@aws-sdk/client-sfn';
import { OPERATOR } from '../../infra/local/policy.ts';
import { REGION } from '../../infra/local/template.ts';
import { type Alarm, alarmsIn, goesOff, isNamed, type Sample, samplesIn } from './alarms.ts';
import type { GameStack } from './stack.ts';

/**
 * Periods are so many times shorter here than in the template: 5 minutes are 15 seconds. Counts and thresholds of counts stay as they
 * are.
 */
export const SPEED = 20;
/** Seconds that all periods of an alarm take here, at most: less than a game day waits for an alarm. */
const LONGEST = 60;
/** So many periods they are then, at most: a shorter one would hold no data point of a controller that looks every few seconds. */
const MOST_PERIODS = 4;
/**
 * Ages, in seconds, count for so many times as much, so that nobody waits for hours. A receipt that is well is delivered after 9 seconds, which
 * must be none of the 15 minutes after which it is late.
 */
const AGES: Readonly<Record<string, number>> = { ReceiptAge: 60, ReceiptsQueue: 60, ShardsTo: 600 };
/** Milliseconds between two looks at queues and state machines, and for which data points are kept. */
const [LOOK, KEPT] = [400, 300_000];
/** A message that was received so often and is not deleted counts no more for the age of the oldest. (AWS, "Available CloudWatch metrics for Amazon SQS".) */
const RECEIVED = 3;

interface Held {
  readonly sentTimestamp: number;
  readonly approximateReceiveCount: number;
}

interface Inspected {
  readonly messages: {
    readonly ready: readonly Held[];
    readonly delayed: readonly Held[];
    readonly inflight: readonly { readonly message: Held }[];
  };
}

export class Watch {
  readonly alarms: readonly Alarm[];
  readonly #stack: GameStack;
  readonly #states: SFNClient;
  readonly #failed = new Set<string>();
  #samples: Sample[] = [];
  #stopped = false;
  #looking: Promise<void> = Promise.resolve();

  readonly #speed: number;

  constructor(stack: GameStack, speed: number) {
    this.#stack = stack;
    this.#speed = speed;
    this.alarms = alarmsIn(stack.template).map(inFewPeriods);
    this.#states = new SFNClient({
      endpoint: stack.deployment.endpoint.url,
      region: REGION,
      credentials: { accessKeyId: OPERATOR, secretAccessKey: 'x' },
    });
  }

  start(): void {
    this.#looking = this.#look();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#looking;
    this.#states.destroy();
  }

  /** A line that a function has printed. */
  note(line: string): void {
    this.#add(samplesIn(line));
  }

  /** Ids of the alarms that go off now. */
  off(): string[] {
    const now = Date.now();
    const speed = ({ period, periods }: Alarm) => Math.max(this.#speed, (period * periods) / LONGEST);
    return this.alarms
      .filter((alarm) => goesOff(alarm, this.#samples, now, speed(alarm)))
      .map(({ id }) => id);
  }

  /** Whether one that the page calls so goes off now. Throws where the template has none. */
  goesOff(name: string): boolean {
    if (!this.alarms.some((alarm) => isNamed(alarm, name)))
      throw new Error(`The template has no alarm ${name}`);
    return this.off().some((id) => isNamed({ id }, name));
  }

  async #look(): Promise<void> {
    while (!this.#stopped) {
      await Promise.all([this.#queues(), this.#executions()]);
      const old = Date.now() - KEPT;
      this.#samples = this.#samples.filter(({ at }) => at > old);
      await new Promise((resolve) => setTimeout(resolve, LOOK));
    }
  }

  async #queues(): Promise<void> {
    const { queues } = this.#stack;
    for (const name of queues.names) {
      const asked = await fetch(`http://127.0.0.1:${queues.port}/_fauxqs/queues/${name}`);
      const { ready, delayed, inflight } = ((await asked.json()) as Inspected).messages;
      const counted = [...ready, ...delayed, ...inflight.map(({ message }) => message)]
        .filter(({ approximateReceiveCount }) => approximateReceiveCount < RECEIVED)
        .map(({ sentTimestamp }) => (Date.now() - sentTimestamp) / 1000);
      const sample = (metric: string, value: number) => ({
        ...{ namespace: 'AWS/SQS', metric, value, at: Date.now(), dimensions: { QueueName: name } },
      });
      this.#add([
        sample('ApproximateNumberOfMessagesVisible', ready.length),
        ...(counted.length === 0 ? [] : [sample('ApproximateAgeOfOldestMessage', Math.max(...counted))]),
      ]);
    }
  }

  async #executions(): Promise<void> {
    const { deployment } = this.#stack;
    for (const name of ['CopyAll', 'VerifyAll', 'Controller'] as const) {
      const stateMachineArn = deployment.machine(name);
      const asked = new ListExecutionsCommand({ stateMachineArn, statusFilter: 'FAILED' });
      const { executions = [] } = await this.#states.send(asked);
      for (const { executionArn = '' } of executions) {
        if (this.#failed.has(executionArn)) continue;
        this.#failed.add(executionArn);
        const dimensions = { StateMachineArn: stateMachineArn };
        const failed = { namespace: 'AWS/States', metric: 'ExecutionsFailed', value: 1, dimensions };
        this.#add([{ ...failed, at: Date.now() }]);
      }
    }
  }

  #add(samples: readonly Sample[]): void {
    this.#samples.push(...samples.map((each) => ({ ...each, value: each.value * speedOf(each) })));
  }
}

function inFewPeriods(alarm: Alarm): Alarm {
  const { period, periods, breaching } = alarm;
  if (periods <= MOST_PERIODS) return alarm;
  const share = MOST_PERIODS / periods;
  return { ...alarm, period: period / share, periods: MOST_PERIODS, breaching: Math.ceil(breaching * share) };
}

function speedOf({ metric, dimensions: { QueueName = '' } }: Sample): number {
  const subject = metric === 'ApproximateAgeOfOldestMessage' ? QueueName : metric;
  return Object.entries(AGES).find(([name]) => subject.startsWith(name))?.[1] ?? 1;
}
