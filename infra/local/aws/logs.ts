/** CloudWatch Logs, as far as functions add events to a stream and operators read them: what it takes, what it rejects, and page by page. */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { LOGS } from '../limits.ts';
import { ACCOUNT, REGION, type Template } from '../template.ts';
import { ServiceError } from './failure.ts';

interface Event {
  readonly timestamp: number;
  readonly message: string;
  readonly ingestionTime: number;
}

type Sent = Omit<Event, 'ingestionTime'>;

/** A stream, as requests find it. */
interface Found {
  readonly name: string;
  readonly events: Event[];
  /** Days that its group keeps events. */
  readonly days: number;
}

type Input = Readonly<Record<string, unknown>>;

export class LogStore {
  /** By the names of their group and stream. */
  readonly #streams = new Map<string, Event[]>();
  /** Days, by the names of groups. */
  readonly #groups = new Map<string, number>();
  readonly #file: string | null;
  readonly #now: () => number;
  /** A fault: as long as it is set, it answers nothing. */
  away = false;

  /** @param file where events outlive the process; null for nowhere. @param now the time of this service. */
  constructor(file: string | null, now: () => number) {
    this.#file = file;
    this.#now = now;
  }

  /** @param name of a group, with `:log-stream:` and a stream where it is about one. */
  static arn(name: string): string {
    return `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:${name}`;
  }

  /** What requests of that operation need a permission for. */
  static resource({ logGroupName, logStreamName }: Input): string {
    return LogStore.arn(`${logGroupName}:log-stream:${logStreamName ?? ''}`);
  }

  /** As a deployment does. @param days that events are kept. */
  declare(group: string, streams: readonly string[], days: number): void {
    this.#groups.set(group, days);
    for (const stream of streams) this.#streams.set(nameOf(group, stream), []);
    if (this.#file === null || !existsSync(this.#file)) return;
    const lines = readFileSync(this.#file, 'utf8').split('\n');
    for (const line of lines.filter((text) => text !== '')) {
      const { name, ...event } = JSON.parse(line) as Event & { name: string };
      if (streams.some((stream) => nameOf(group, stream) === name)) this.#streams.get(name)?.push(event);
    }
  }

  /** Answers a request. Throws `ServiceError`. */
  call(operation: string, input: Input): unknown {
    if (this.away)
      throw new ServiceError('ServiceUnavailableException', 'The service cannot complete the request.', 503);
    switch (operation) {
      case 'PutLogEvents':
        return this.#put(this.#find(input), input);
      case 'GetLogEvents':
        return this.#get(this.#find(input).events, input);
      default:
        throw new ServiceError(
          'UnknownOperationException',
          `This machine's CloudWatch Logs knows no ${operation}`,
        );
    }
  }

  #find({ logGroupName, logStreamName }: Input): Found {
    const days = this.#groups.get(String(logGroupName));
    const name = nameOf(String(logGroupName), String(logStreamName));
    const events = this.#streams.get(name);
    if (days === undefined || events === undefined)
      throw new ServiceError(
        'ResourceNotFoundException',
        `The specified log ${days === undefined ? 'group' : 'stream'} does not exist.`,
      );
    return { name, events, days };
  }

  #put({ name, events, days }: Found, { logEvents }: Input): unknown {
    const sent = logEvents as readonly Sent[] | undefined;
    const problem = problemIn(sent ?? []);
    if (problem !== null) throw new ServiceError('InvalidParameterException', problem);
    const [all, now] = [sent ?? [], this.#now()];
    const oldest = now - Math.min(LOGS.past, days * 86_400_000);
    const tooNew = all.findIndex(({ timestamp }) => timestamp > now + LOGS.future);
    const tooOld = all.findLastIndex(({ timestamp }) => timestamp < oldest);
    const taken = all.slice(tooOld + 1, tooNew < 0 ? all.length : tooNew);
    for (const { timestamp, message } of taken) {
      const event = { timestamp, message, ingestionTime: now };
      events.push(event);
      if (this.#file !== null) appendFileSync(this.#file, `${JSON.stringify({ name, ...event })}\n`);
    }
    if (taken.length === all.length) return {};
    return {
      rejectedLogEventsInfo: {
        ...(tooNew < 0 ? {} : { tooNewLogEventStartIndex: tooNew }),
        ...(tooOld < 0 ? {} : { tooOldLogEventEndIndex: tooOld + 1 }),
      },
    };
  }

  /** The same token again tells that there are no more; a page may be empty before that. */
  #get(events: readonly Event[], { startFromHead, limit = LOGS.page, nextToken }: Input): unknown {
    if (startFromHead !== true)
      throw new ServiceError('InvalidParameterException', 'This machine reads from the head only');
    if ((limit as number) > LOGS.page)
      throw new ServiceError('InvalidParameterException', `limit must be ${LOGS.page} or less`);
    const from = nextToken === undefined ? 0 : Number(/^f\/(\d+)$/.exec(String(nextToken))?.[1]);
    if (Number.isNaN(from))
      throw new ServiceError('InvalidParameterException', 'The specified nextToken is invalid.');
    const page = events.slice(from, from + (limit as number));
    const next = `f/${from + page.length}`;
    return { events: page, nextForwardToken: next, nextBackwardToken: `b/${from}` };
  }
}

/** Groups and streams of a template whose resources have been placed. */
export function declareLogs(template: Template, logs: LogStore): void {
  const streams = template
    .ofType('AWS::Logs::LogStream')
    .map(({ properties }) => template.resolve(properties) as Readonly<Record<string, string>>);
  for (const { id, properties } of template.ofType('AWS::Logs::LogGroup')) {
    const own = streams.filter(({ LogGroupName }) => LogGroupName === id);
    const names = own.map(({ LogStreamName = '' }) => LogStreamName);
    logs.declare(id, names, Number(properties.RetentionInDays));
  }
}

function nameOf(group: string, stream: string): string {
  return `${group} ${stream}`;
}

function problemIn(events: readonly Sent[]): string | null {
  if (events.length === 0 || events.length > LOGS.events)
    return `1 validation error detected: Value at 'logEvents' must have length between 1 and ${LOGS.events}`;
  const bytes = events.reduce((sum, { message }) => sum + Buffer.byteLength(message) + LOGS.overhead, 0);
  if (bytes > LOGS.batch) return `Upload too large: ${bytes} bytes exceeds limit of ${LOGS.batch}`;
  if (
    events.some(({ message, timestamp }) => message === '' || !Number.isInteger(timestamp) || timestamp < 0)
  )
    return 'Log events must have a message and a timestamp';
  const isOrdered = events.every(({ timestamp }, n) => timestamp >= (events[n - 1]?.timestamp ?? 0));
  if (!isOrdered) return 'Log events in a single PutLogEvents request must be in chronological order.';
  return null;
}
