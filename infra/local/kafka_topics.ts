/** Event source mappings of Kafka: records of a topic to a function, and the same again where it failed. Nothing here is a broker: whoever keeps a topic gives out its records. */
import { setTimeout } from 'node:timers/promises';
import type { LocalFunction } from './lambda/function.ts';
import type { Kept } from './servers/couchbase/connector/connectors.ts';
import { type Template, UnknownInTemplate } from './template.ts';

/** Milliseconds until a topic without records is looked at again, and until a batch that failed is tried again. */
const [PAUSE, AGAIN] = [100, 1000];

export interface MappedTopic {
  readonly topic: string;
  readonly target: LocalFunction;
  /** Records of one invocation at most. */
  readonly batch: number;
  /** ARN of the cluster of MSK; null for a cluster of one's own. */
  readonly cluster: string | null;
}

/** Those of a template. Throws `UnknownInTemplate` for a mapping that leads nowhere. */
export function topicsIn(template: Template, functions: ReadonlyMap<string, LocalFunction>): MappedTopic[] {
  const mappings = template
    .ofType('AWS::Lambda::EventSourceMapping')
    .filter(({ properties }) => properties.Topics !== undefined);
  return mappings.flatMap(({ id, properties }) => {
    const { FunctionName, Topics, BatchSize, EventSourceArn } = template.resolve(properties) as {
      FunctionName: string;
      Topics: string[];
      BatchSize?: number;
      EventSourceArn?: string;
    };
    const target = [...functions.values()].find(({ settings }) => settings.name === FunctionName);
    if (target === undefined)
      throw new UnknownInTemplate(`${id} leads to ${FunctionName}, which is no function`);
    return Topics.map((topic) => ({
      topic,
      target,
      batch: BatchSize ?? 100,
      cluster: EventSourceArn ?? null,
    }));
  });
}

/** As Lambda shows records to functions: a tombstone has no value. */
export function kafkaEvent(topic: string, records: readonly Kept[], cluster: string | null = null) {
  const shown = records.map(({ value, ...record }) => ({
    ...{ topic, ...record, timestampType: 'CREATE_TIME', headers: [] },
    ...(value === null ? {} : { value }),
  }));
  return {
    ...(cluster === null
      ? { eventSource: 'SelfManagedKafka' }
      : { eventSource: 'aws:kafka', eventSourceArn: cluster }),
    bootstrapServers: 'broker.invalid:9092',
    records: Object.fromEntries(
      [...Map.groupBy(shown, ({ partition }) => partition)].map(([partition, some]) => [
        `${topic}-${partition}`,
        some,
      ]),
    ),
  };
}

/** Brings the records of one topic to its function until it is stopped, one batch after the other. */
export class TopicReader {
  readonly #mapped: MappedTopic;
  readonly #next: (most: number) => Promise<readonly Kept[]>;
  readonly #stopping = new AbortController();
  readonly #running: Promise<void>;

  /** @param next gives out records that it has not given out before. */
  constructor(mapped: MappedTopic, next: (most: number) => Promise<readonly Kept[]>) {
    [this.#mapped, this.#next] = [mapped, next];
    this.#running = this.#read();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #read(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      // A topic whose server is away is read later.
      const records = await this.#next(this.#mapped.batch).catch(() => []);
      if (records.length === 0) await pause(PAUSE, signal);
      else await this.#bring(records);
    }
  }

  async #bring(records: readonly Kept[]): Promise<void> {
    const { topic, target, cluster } = this.#mapped;
    const { signal } = this.#stopping;
    while (!signal.aborted)
      try {
        await target.invoke(kafkaEvent(topic, records, cluster));
        return;
      } catch {
        // The function has said why. Kafka gives out no later record of the partition before this one.
        await pause(AGAIN, signal);
      }
  }
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await setTimeout(milliseconds, undefined, { signal }).catch(() => {});
}
