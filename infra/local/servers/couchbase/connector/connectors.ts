/**
 * The Couchbase Kafka connector together with the topics that it writes, by its sources (couchbase/kafka-connect-couchbase 4.3): RawJsonWithMetadataSourceHandler with
 * `couchbase.no.value`, or RawJsonSourceHandler with it, from now on. Each state of a document at least once, in the order of its partition, and other documents of it in between.
 */
import type { Bucket } from '../bucket.ts';
import type { Mutation } from '../mutation.ts';

export interface Connector {
  readonly topic: string;
  readonly bucket: string;
  readonly scope: string;
  readonly collection: string;
  /** What values hold: metadata, or nothing. */
  readonly values: 'metadata' | 'none';
  /** Partitions of the topic. */
  readonly partitions: number;
}

/** A record as a broker keeps it; key and value in Base64, the value null for none. */
export interface Kept {
  readonly partition: number;
  readonly offset: number;
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
  readonly key: string;
  readonly value: string | null;
}

export class Connectors {
  readonly #buckets: ReadonlyMap<string, Bucket>;
  readonly #topics = new Map<string, Topic>();

  constructor(buckets: ReadonlyMap<string, Bucket>) {
    this.#buckets = buckets;
    for (const bucket of buckets.values())
      bucket.watch((mutation) => {
        for (const topic of this.#topics.values()) topic.note(mutation);
      });
  }

  /** Throws for a keyspace that there is not. A topic that there is goes on. */
  connect(connector: Connector): void {
    const { topic, bucket, scope, collection } = connector;
    if (this.#buckets.get(bucket)?.scopes.get(scope)?.collections.has(collection) !== true)
      throw new Error(`There is no ${bucket}.${scope}.${collection}`);
    if (!this.#topics.has(topic)) this.#topics.set(topic, new Topic(connector));
  }

  /** A record of somebody else, in the first partition. Key and value in Base64; the value null for none. */
  produce(topic: string, key: string, value: string | null): void {
    this.#of(topic).add(0, key, value);
  }

  /** The next records of a topic, which its one reader has read from then on. @param most of them. */
  read(topic: string, most: number): Kept[] {
    return this.#of(topic).read(most);
  }

  #of(topic: string): Topic {
    const found = this.#topics.get(topic);
    if (found === undefined) throw new Error(`UNKNOWN_TOPIC_OR_PARTITION: ${topic}`);
    return found;
  }
}

class Topic {
  readonly #connector: Connector;
  readonly #offsets: number[];
  readonly #kept: Kept[] = [];

  constructor(connector: Connector) {
    this.#connector = connector;
    this.#offsets = Array.from({ length: connector.partitions }, () => 0);
  }

  note(mutation: Mutation): void {
    const { bucket, scope, collection, values } = this.#connector;
    if (mutation.bucket !== bucket || mutation.name !== `${scope}.${collection}`) return;
    const value = values === 'none' ? null : Buffer.from(metadataOf(mutation)).toString('base64');
    this.add(mutation.vbucket % this.#offsets.length, mutation.key.toString('base64'), value);
  }

  add(partition: number, key: string, value: string | null): void {
    const offset = this.#offsets[partition] ?? 0;
    this.#offsets[partition] = offset + 1;
    this.#kept.push({ partition, offset, timestamp: Date.now(), key, value });
  }

  read(most: number): Kept[] {
    return this.#kept.splice(0, most);
  }
}

/** A CAS is a number of Java's, with more digits than JavaScript's numbers have. */
function metadataOf({ bucket, key, vbucket, document }: Mutation): string {
  const { cas, seqno, revision, deleted, expiry, flags } = document;
  const numbers = { partition: vbucket, cas, bySeqno: seqno, revSeqno: revision, vBucketUuid: 0 };
  const more = deleted ? {} : { expiration: expiry, flags, lockTime: 0 };
  const texts = { bucket, key: key.toString('utf8'), event: deleted ? 'deletion' : 'mutation' };
  const members = [
    ...Object.entries(texts).map(([name, text]) => `"${name}":${JSON.stringify(text)}`),
    ...Object.entries({ ...numbers, ...more }).map(([name, number]) => `"${name}":${number}`),
  ];
  return `{${members.join(',')}}`;
}
