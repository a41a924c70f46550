/** The event that an event source mapping of Kafka invokes a function with, as far as it is looked at. */
import * as v from 'valibot';
import { issueText } from '../parsing/issue.ts';

const WHOLE = v.pipe(v.number(), v.integer('it must be a whole number'));
const NUMBER = v.pipe(WHOLE, v.minValue(0, 'it must be 0 or more'));
/** In Base64; missing, or null, for none. */
const BYTES = v.nullish(v.pipe(v.string(), v.regex(/^[A-Za-z0-9+/]*={0,2}$/, 'it must be Base64')));

const EVENT = v.looseObject({
  eventSource: v.picklist(['aws:kafka', 'SelfManagedKafka'], 'it must be aws:kafka or SelfManagedKafka'),
  records: v.record(
    v.string(),
    v.array(
      v.looseObject({
        ...{ topic: v.string(), partition: NUMBER, offset: NUMBER, timestamp: v.nullish(WHOLE) },
        ...{ key: BYTES, value: BYTES },
      }),
    ),
  ),
});

export interface KafkaRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** When its producer has made it, or the broker has got it, in milliseconds since the epoch. Null where nothing tells. */
  readonly timestamp: number | null;
  readonly key: Buffer | null;
  /** Null for a tombstone. */
  readonly value: Buffer | null;
}

/** The event is none of Kafka: somebody has wired the function to something else. */
export class NotKafka extends Error {
  override readonly name = 'NotKafka';
}

/** All records, of each partition in their order. Throws `NotKafka`. */
export function kafkaRecords(event: unknown): KafkaRecord[] {
  const { success, output, issues } = v.safeParse(EVENT, event);
  if (!success)
    throw new NotKafka(
      `The event is none of a Kafka topic (${issueText(issues[0])}): check what invokes this function`,
    );
  return Object.values(output.records)
    .flat()
    .map(({ topic, partition, offset, timestamp, key, value }) => ({
      ...{ topic, partition, offset, timestamp: timeIn(timestamp) },
      ...{ key: bytesOf(key), value: bytesOf(value) },
    }));
}

/** Kafka tells -1 of a record that has none. It is no reason for the batch to fail, and to come again for ever. */
function timeIn(timestamp: number | null | undefined): number | null {
  return timestamp === null || timestamp === undefined || timestamp < 0 ? null : timestamp;
}

function bytesOf(text: string | null | undefined): Buffer | null {
  return text === null || text === undefined ? null : Buffer.from(text, 'base64');
}
