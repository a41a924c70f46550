/** "Work on this shard": what a state machine sends to the workers, one message a shard. */
import * as v from 'valibot';
import { issueText } from '../parsing/issue.ts';
import { described } from '../parsing/quoted.ts';

const MESSAGE = v.strictObject({
  run: v.pipe(v.string(), v.nonEmpty(), v.maxLength(64)),
  collection: v.string(),
  shard: v.pipe(v.number(), v.integer(), v.minValue(0)),
  /** By which the state machine is told how it went. */
  token: v.string(),
  /** From a worker whose time was up, and who has nothing to tell whoever goes on. */
  rested: v.optional(v.literal(true)),
});

export type ShardMessage = v.InferOutput<typeof MESSAGE>;

/**
 * Whether bodies had better be measured before they are read: somebody has had the shard before and has not come to a good end, so
 * perhaps died of a body that was too large.
 * @param deliveries of this message. @param taken how often the shard was taken, this time included.
 */
export function wantsCare({ rested }: ShardMessage, deliveries: number, taken: number): boolean {
  return deliveries > 1 || (rested !== true && taken > 1);
}

/** No message of ours: no redelivery makes one of it. */
export class BadShardMessage extends Error {
  override readonly name = 'BadShardMessage';
}

export function parseShardMessage(text: string): ShardMessage {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new BadShardMessage(`The message is not JSON: it is ${described(text)}`);
  }
  const { success, output, issues } = v.safeParse(MESSAGE, value);
  if (success) return output;
  const [issue] = issues;
  throw new BadShardMessage(`The message names no shard: ${issueText(issue)}`);
}
