/**
 * The change feed of topics, behind an event source mapping of Kafka. It answers for a batch as a whole: where some of it could not be taken it throws, and all of it comes again. That is so in each mode of
 * such mappings, while single failures are heard in some alone, and are lost in the others. What comes twice does no harm.
 */
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { lastCall, type Parsed } from '../configuration/configuration.ts';
import { quoted } from '../parsing/quoted.ts';
import { type Change, lagOf } from '../routing/changes.ts';
import { takeMany } from '../routing/many_changes.ts';
import { isProbe } from '../stores/feed_probe.ts';
import type { Container } from './container.ts';
import type { ChangesRoute } from './http/changes.ts';
import { changeIn, type Told, type Values } from './kafka_changes.ts';
import { type KafkaRecord, kafkaRecords } from './kafka_event.ts';
import { failingPlainly } from './log_lines.ts';

/** Records of a batch that the log names. */
const NAMED = 10;

type Parts = Pick<Container, 'configuration' | 'phases' | 'logger' | 'metrics' | 'keys'>;
type Route = Pick<ChangesRoute, 'ports' | 'took' | 'now'>;

/** Whose changes a topic has. */
interface Source {
  readonly collection: string;
  readonly bucket: string;
  readonly values: Values;
}

/** The topic is in no collection's settings: a deployment is under way, and the mapping of the other version brings it. */
export class UnknownTopic extends Error {
  override readonly name = 'UnknownTopic';

  constructor(topic: string) {
    super(
      `FEED_TOPIC_UNKNOWN: no collection has feed.kafka.topic ${quoted(topic)}. Its records come again until the deployment has ended; deploy again where it has`,
    );
  }
}

export function kafkaFeed(parts: Parts, route: Route) {
  const { logger, metrics, keys } = parts;
  return middy<unknown>()
    .use(injectLambdaContext(logger, { resetKeys: true }))
    .use(logMetrics(metrics))
    .use(failingPlainly(keys))
    .handler((event: unknown, context: Context) =>
      takeRecords(kafkaRecords(event), parts, route, () => context.getRemainingTimeInMillis()),
    );
}

/** @param remaining milliseconds. Throws where the batch is to come again. */
export async function takeRecords(
  records: readonly KafkaRecord[],
  parts: Omit<Parts, 'keys'>,
  route: Route,
  remaining: () => number,
): Promise<void> {
  const { configuration, phases, metrics } = parts;
  metrics.addMetric('ChangesRead', MetricUnit.Count, records.length);
  const enough = lastCall(configuration.timing);
  for (const [topic, some] of Map.groupBy(records, (record) => record.topic)) {
    const sources = sourcesOf(configuration, topic);
    const told = changesOf(some, sources[0], parts);
    for (const source of sources) {
      const { collection } = source;
      const changes = ownOf(source, sources, told, route.ports.taking);
      if (changes.length === 0) continue;
      const { phase } = await phases.current(collection);
      const { taken, poison } = await takeMany(
        collection,
        phase,
        changes,
        route.ports,
        () => remaining() > enough,
      );
      route.took(collection, taken, lag(some, changes, source, route.now()));
      if (poison.length > 0) tellUnread(parts, topic, poison.length, { collection, keys: poison });
    }
  }
}

/** The collections over the documents that a topic tells of. */
function sourcesOf({ collections }: Pick<Parsed, 'collections'>, topic: string): [Source, ...Source[]] {
  const [first, ...others] = Object.entries(collections).flatMap(([collection, { feed, couchbase }]) =>
    feed?.kafka?.topic === topic ? [{ collection, bucket: couchbase.bucket, values: feed.kafka.values }] : [],
  );
  if (first === undefined) throw new UnknownTopic(topic);
  return [first, ...others];
}

/** Each change goes to the collection that takes its key, and to the first one, which counts it, where none does. A probe may be of any of them. */
function ownOf(
  source: Source,
  sources: readonly [Source, ...Source[]],
  changes: readonly Change[],
  taking: ChangesRoute['ports']['taking'],
): readonly Change[] {
  if (sources.length === 1) return changes;
  return changes.filter(({ key }) => {
    if (isProbe(key)) return true;
    const owner = sources.find(({ collection }) => taking(collection, key) === 'taken') ?? sources[0];
    return owner === source;
  });
}

/** What is none of the connector's is counted and told of by its place, and stops nothing. */
function changesOf(
  records: readonly KafkaRecord[],
  source: Source,
  parts: Pick<Parts, 'logger' | 'metrics'>,
) {
  const told = records.map((record) => [record, changeIn(record, source.values, source.bucket)] as const);
  const elsewhere = told.filter(([, { kind }]) => kind === 'elsewhere').length;
  if (elsewhere > 0) parts.metrics.addMetric('ChangesElsewhere', MetricUnit.Count, elsewhere);
  const unread = told.flatMap(([record, each]) =>
    each.kind === 'unread' ? [{ record, why: each.why }] : [],
  );
  const [first] = unread;
  if (first !== undefined)
    tellUnread(parts, first.record.topic, unread.length, {
      collection: source.collection,
      records: unread
        .slice(0, NAMED)
        .map(({ record: { partition, offset }, why }) => ({ partition, offset, why })),
    });
  return told.flatMap(([, each]) => changeOf(each));
}

function changeOf(told: Told): Change[] {
  return told.kind === 'change' ? [told.change] : [];
}

function tellUnread(
  { logger, metrics }: Pick<Parts, 'logger' | 'metrics'>,
  topic: string,
  count: number,
  about: Readonly<Record<string, unknown>>,
): void {
  metrics.addMetric('ChangesUnread', MetricUnit.Count, count);
  logger.warn('CHANGE_UNREAD: records of the topic tell of no change, and are left out', {
    topic,
    count,
    ...about,
  });
}

/** Where no record tells its CAS, since it came into the topic. */
function lag(
  records: readonly KafkaRecord[],
  changes: readonly Change[],
  { values }: Source,
  now: number,
): number {
  if (values === 'metadata') return lagOf(changes, now);
  return records.reduce((longest, { timestamp }) => Math.max(longest, now - (timestamp ?? now)), 0);
}
