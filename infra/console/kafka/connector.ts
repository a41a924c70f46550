/** The Couchbase Kafka connector that is a collection's change feed, as Kafka Connect takes it (docs.couchbase.com, "Source Configuration Options"; PUT or POST of its REST API). */
import type { Collection } from '../../../functions/configuration/configuration.ts';
import { feedName } from '../../../functions/diagnosis/feeds.ts';

type Topic = NonNullable<NonNullable<Collection['feed']>['kafka']>;

const HANDLERS = 'com.couchbase.connect.kafka.handler.source';
const HANDLER = { metadata: 'RawJsonWithMetadataSourceHandler', none: 'RawJsonSourceHandler' } as const;

/**
 * `couchbase.no.value`: Couchbase sends no content to the connector, so none comes into the topic. `initial.offset.topic`: what is written before the first change of a
 * partition is not missed when the connector starts again. It needs the release 4.2.4.
 * @param nodes names of Couchbase's nodes, with commas between them.
 */
export function kafkaConnector(
  name: string,
  { bucket, scope, collection }: Collection['couchbase'],
  { topic, values }: Topic,
  nodes: string,
) {
  return {
    name: feedName(name),
    config: {
      'connector.class': 'com.couchbase.connect.kafka.CouchbaseSourceConnector',
      'tasks.max': '2',
      'couchbase.seed.nodes': nodes,
      ...{ 'couchbase.username': '', 'couchbase.password': '' },
      ...{ 'couchbase.bucket': bucket, 'couchbase.collections': `${scope}.${collection}` },
      'couchbase.topic': topic,
      'couchbase.source.handler': `${HANDLERS}.${HANDLER[values]}`,
      'couchbase.no.value': 'true',
      'couchbase.stream.from': 'SAVED_OFFSET_OR_NOW',
      'couchbase.initial.offset.topic': topic,
      'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
      'value.converter': 'org.apache.kafka.connect.converters.ByteArrayConverter',
    },
  };
}
