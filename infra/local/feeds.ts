/** Change feeds on this machine: what an operator imports into Couchbase, with a token of the local issuer, or a connector that writes into a topic. */
import { CHANGES_SCOPE } from '../../functions/edge/http/routes.ts';
import { eventingFunction } from '../console/eventing/definition.ts';
import type { CheckedSettings } from '../settings.ts';
import type { Deployment } from './deploy.ts';
import { TopicReader } from './kafka_topics.ts';
import type { Running } from './servers/couchbase/start.ts';

type Collection = CheckedSettings['configuration']['collections'][string];
type Couchbase = Pick<Running, 'deploy' | 'connect' | 'records'>;

/** Partitions of each topic. */
const PARTITIONS = 4;

/**
 * Deploys the function of each collection that has a feed, or starts its connector. What a function keeps would lie in the default collection of the bucket.
 * @returns what ends the reading of topics.
 */
export async function deployFeeds(
  { collections }: CheckedSettings['configuration'],
  { gateway, kafkaTopics }: Pick<Deployment, 'gateway' | 'kafkaTopics'>,
  couchbase: Couchbase,
): Promise<() => Promise<void>> {
  const readers: TopicReader[] = [];
  const connected = new Set<string>();
  for (const [name, collection] of Object.entries(collections)) {
    if (collection.feed === null) continue;
    const { kafka } = collection.feed;
    if (kafka === undefined) await deployFunction(name, collection, gateway, couchbase);
    else if (!connected.has(kafka.topic)) {
      connected.add(kafka.topic);
      await couchbase.connect({ ...collection.couchbase, ...kafka, partitions: PARTITIONS });
      const mapped = kafkaTopics.filter(({ topic }) => topic === kafka.topic);
      readers.push(
        ...mapped.map((each) => new TopicReader(each, (most) => couchbase.records(each.topic, most))),
      );
    }
  }
  return async () => {
    await Promise.all(readers.map((reader) => reader.stop()));
  };
}

async function deployFunction(
  name: string,
  collection: Collection,
  gateway: Deployment['gateway'],
  couchbase: Couchbase,
): Promise<void> {
  const metadata = { bucket: collection.couchbase.bucket, scope: '_default', collection: '_default' };
  const made = eventingFunction(name, collection, gateway.url, metadata);
  const token = await gateway.token(`feed of ${name}`, { scope: CHANGES_SCOPE });
  for (const binding of made.depcfg.curl) binding.bearer_key = token;
  await couchbase.deploy(made);
}
