/**
 * How often a message was handed on, and since when. Workers send messages to the queue that invokes them, which is meant: so Lambda is told
 * not to end such loops, and this ends those that nobody meant. It travels as attributes, since the version before reads bodies strictly; a
 * message without them has just been born.
 */
import type { MessageAttributeValue } from '@aws-sdk/client-sqs';
import type { SQSRecord } from 'aws-lambda';

/** Where a message stands in the chain of those that were handed on. */
export interface Hops {
  readonly hops: number;
  /** When the first message of the chain was sent, in milliseconds since the epoch. */
  readonly born: number;
}

/** No honest run gets here: one hop a second, for almost as long as a queue keeps anything. */
const MOST_HOPS = 1_000_000;
/** Milliseconds. */
const DAY = 24 * 3_600_000;
/** Nor does one after this age, in milliseconds, with this many hops: a message that has waited for a store has a few. */
const OLD = { age: 14 * DAY, hops: 10_000 };
/**
 * The same of a shard, whose chain begins anew whenever a worker has worked on something. A pause is 290 hops a day, one of a task of the
 * version before 8,000, and a verification that lets others go first makes 240.
 */
export const OLD_SHARD: typeof OLD = { age: 60 * DAY, hops: 10_000 };

/** The name that a task fails with, and how the reason of a dead letter begins. */
export const LOOP = 'MessageLoop';

/** Where the message of a record stands. Attributes that hold something else count as none. */
export function hopsOf({ attributes, messageAttributes }: SQSRecord): Hops {
  const number = (name: string) => {
    const text = messageAttributes?.[name]?.stringValue ?? '';
    return /^\d{1,15}$/.test(text) ? Number(text) : null;
  };
  return { hops: number('hops') ?? 0, born: number('born') ?? Number(attributes.SentTimestamp) };
}

/** The beginning of another chain: something was done meanwhile. */
export function bornAt(now: number): Hops {
  return { hops: 0, born: now };
}

/** Attributes of the next message of the chain. */
export function handedOn({ hops, born }: Hops): Record<'hops' | 'born', MessageAttributeValue> {
  const number = (value: number) => ({ DataType: 'Number', StringValue: String(value) });
  return { hops: number(hops + 1), born: number(born) };
}

/** Why the chain has to end here; null where it may go on. */
export function loopIn({ hops, born }: Hops, now: number, old = OLD): string | null {
  if (hops <= MOST_HOPS && (hops <= old.hops || now - born <= old.age)) return null;
  const days = Math.floor((now - born) / DAY);
  return `${LOOP}: the message was handed on ${hops} times in ${days} days, and has come to no end`;
}
