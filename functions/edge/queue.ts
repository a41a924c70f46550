/** Receipts on their way into the queue, in batches, and out of it. */
import {
  ChangeMessageVisibilityBatchCommand,
  GetQueueAttributesCommand,
  type MessageAttributeValue,
  SendMessageBatchCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { SQSEvent } from 'aws-lambda';
import * as v from 'valibot';
import { issueText } from '../parsing/issue.ts';
import { described, shortened } from '../parsing/quoted.ts';
import { PHASES } from '../protocol/phase.ts';
import { BadReceipt, CAUSES, type Receipt } from '../stores/receipt.ts';
import { type Hops, handedOn } from './hops.ts';

/** What SQS takes or gives in one call. */
export const MOST_ENTRIES = 10;

/** Characters of a message that logs show. */
const LONGEST_SHOWN = 2000;

const BODY = v.strictObject({
  collection: v.string(),
  key: v.string(),
  phase: v.picklist(PHASES),
  /** Receipts that are on their way while a newer version is deployed have none. */
  cause: v.optional(v.picklist(CAUSES), 'write'),
  /** A CAS, which no JSON number holds. */
  expired: v.pipe(v.string(), v.regex(/^\d{1,20}$/)),
});

const COUNT = v.pipe(v.string(), v.regex(/^\d{1,15}$/, 'it must be a whole number'));
const EVENT = v.looseObject({
  Records: v.array(
    v.looseObject({
      ...{ messageId: v.string(), receiptHandle: v.string(), body: v.string() },
      eventSource: v.literal('aws:sqs'),
      attributes: v.looseObject({ ApproximateReceiveCount: COUNT, SentTimestamp: COUNT }),
      messageAttributes: v.optional(
        v.record(v.string(), v.looseObject({ stringValue: v.nullish(v.string()) })),
      ),
    }),
  ),
});

/** The event is none of a queue: somebody has wired the function to something else. */
export class NotQueue extends Error {
  override readonly name = 'NotQueue';
}

/** Throws `NotQueue`. */
export function queueEvent(event: unknown): SQSEvent {
  const { success, issues } = v.safeParse(EVENT, event);
  if (success) return event as SQSEvent;
  const [issue] = issues;
  throw new NotQueue(
    `The event is none of an SQS queue (${issueText(issue)}): check what invokes this function`,
  );
}

export function receiptText({ collection, key, phase, cause, expired }: Receipt): string {
  const text = JSON.stringify({ collection, key, phase, cause, expired: expired.toString() });
  // A queue takes XML's characters only, and keys may have others.
  return text.replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

export function parseReceipt(text: string): Receipt {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new BadReceipt(`The message is not JSON: it is ${described(text)}`);
  }
  const { success, output, issues } = v.safeParse(BODY, value);
  if (success) return { ...output, expired: BigInt(output.expired) };
  const [issue] = issues;
  throw new BadReceipt(`The message is no receipt: ${issueText(issue)}`);
}

/**
 * Writes the letter of a message. Never rejects: where Oracle cannot take it now, a sweep writes it later.
 * `buried`: from before the message was put into the queue of dead letters. `waits`: since when a receipt waits for a store. Both in
 * milliseconds since the epoch. `caller`: who has written the document, if the message tells.
 */
export type KeepLetter = (
  body: string,
  reason: string,
  at: ({ readonly buried: number } | { readonly waits: number }) & { readonly caller?: string | null },
) => Promise<void>;

/** Puts a message with its reason into the queue of dead letters. Its letter is to be written next: until then it holds every gate. */
export async function bury(
  client: SQSClient,
  queueUrl: string,
  body: string,
  reason: string,
  caller: string | null = null,
): Promise<void> {
  // What a queue takes as an attribute: keys, which reasons quote, may have other characters.
  const StringValue = reason.replace(/[^\x20-\x7e]/g, '?').slice(0, 1000);
  await client.send(
    new SendMessageCommand({
      QueueUrl: queueUrl,
      MessageBody: body,
      MessageAttributes: { reason: { DataType: 'String', StringValue }, ...callerAttribute(caller) },
    }),
  );
}

/** Callers as `callerOf` names them: what a queue takes, and a letter has room for. */
const CALLER = /^[\x20-\x7e]{1,100}$/;

/** Beside the body, which the version before reads strictly. */
export function callerAttribute(caller: string | null): Record<string, MessageAttributeValue> {
  return caller === null ? {} : { caller: { DataType: 'String', StringValue: caller } };
}

/** Who has written the document of a message; null where it does not tell, or tells something else. */
export function callerIn(text: string | undefined): string | null {
  return text !== undefined && CALLER.test(text) ? text : null;
}

/** Bytes of the longest names that a letter has room for: no document has longer ones. */
const [LONGEST_COLLECTION, LONGEST_KEY] = [100, 250];

/** The document that a message is about; null where it is no receipt, or can be about no document. */
export function placeIn(body: string): { collection: string; key: string } | null {
  try {
    const { collection, key } = parseReceipt(body);
    const fits = Buffer.byteLength(collection) <= LONGEST_COLLECTION && Buffer.byteLength(key) <= LONGEST_KEY;
    return fits ? { collection, key } : null;
  } catch {
    return null;
  }
}

/** A message as logs show it: a receipt names a document; what is no receipt may be anything, a document too, and is only described. */
export function shownBody(body: string): string {
  return placeIn(body) === null ? described(body) : shortened(body, LONGEST_SHOWN);
}

/** Hides a message for so many seconds: nobody receives it before they are over. */
export interface Hidden {
  readonly handle: string;
  readonly seconds: number;
}

/** Hides messages, at most `MOST_ENTRIES`. Rejects where one of them could not be hidden. */
export async function hide(client: SQSClient, queueUrl: string, messages: readonly Hidden[]): Promise<void> {
  const Entries = messages.map(({ handle, seconds }, index) => ({
    ...{ Id: String(index), ReceiptHandle: handle, VisibilityTimeout: seconds },
  }));
  const command = new ChangeMessageVisibilityBatchCommand({ QueueUrl: queueUrl, Entries });
  const { Failed = [] } = (await client.send(command)) ?? {};
  const [failed] = Failed;
  if (failed !== undefined)
    throw new Error(`A message could not be hidden: ${failed.Code} ${failed.Message ?? ''}`);
}

/** About how many messages a queue has: visible, delayed, and received but not deleted. */
export async function countsOf(client: SQSClient, QueueUrl: string) {
  const names = ['', 'Delayed', 'NotVisible'].map((kind) => `ApproximateNumberOfMessages${kind}` as const);
  const asked = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: names as never });
  const { Attributes = {} } = await client.send(asked);
  const [due, delayed, hidden] = names.map((name) =>
    Number((Attributes as Record<string, string>)[name] ?? 0),
  );
  return { due: due ?? 0, delayed: delayed ?? 0, hidden: hidden ?? 0 };
}

/** Beside the body, as a caller is. */
const FEED: MessageAttributeValue = { DataType: 'String', StringValue: 'changes' };

/** Whether a change feed has led to a message. */
export function isOfFeed(text: string | undefined): boolean {
  return text === FEED.StringValue;
}

/** Sends a receipt as `SendReceipt` does. @param before where the message stands that led to it, if one did. */
export type SendReceiptAfter = (receipt: Receipt, before?: Hops) => Promise<boolean>;

function attributesOf({ caller, feed }: Receipt, before: Hops | undefined) {
  const all = {
    ...(before === undefined ? {} : handedOn(before)),
    ...callerAttribute(caller ?? null),
    ...(feed === true ? { feed: FEED } : {}),
  };
  return Object.keys(all).length === 0 ? {} : { MessageAttributes: all };
}

interface Waiting {
  readonly receipt: Receipt;
  readonly before: Hops | undefined;
  readonly resolve: (sent: boolean) => void;
}

/**
 * Sends receipts: those that come in the same turn go together.
 * @param delay seconds before anybody gets to see them.
 * @param failed is told why some could not be sent. @param ofFeed seconds for those of a change feed.
 */
export function receiptSender(
  client: SQSClient,
  queueUrl: string,
  delay: number,
  failed: (error: unknown) => void,
  ofFeed = delay,
): SendReceiptAfter {
  let waiting: Waiting[] = [];
  const flush = () => {
    const all = waiting;
    waiting = [];
    for (let at = 0; at < all.length; at += MOST_ENTRIES) {
      const some = all.slice(at, at + MOST_ENTRIES);
      sendSome(some).catch((error: unknown) => {
        failed(error);
        for (const { resolve } of some) resolve(false);
      });
    }
  };
  const sendSome = async (some: readonly Waiting[]) => {
    const Entries = some.map(({ receipt, before }, index) => ({
      Id: String(index),
      MessageBody: receiptText(receipt),
      DelaySeconds: receipt.feed === true ? ofFeed : delay,
      ...attributesOf(receipt, before),
    }));
    const answered = await client.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
    const { Successful = [], Failed = [] } = answered;
    for (const each of Failed)
      failed(new Error(`The queue refused a receipt: ${each.Code} ${each.Message ?? ''}`));
    const silent = some.length - Successful.length - Failed.length;
    if (silent > 0) failed(new Error(`The queue gave no answer for ${silent} of ${some.length} receipts`));
    // Only what the queue confirms counts as sent: a write that was acknowledged rests on its receipt.
    const sent = new Set(Successful.map(({ Id }) => Id));
    for (const [index, { resolve }] of some.entries()) resolve(sent.has(String(index)));
  };
  return (receipt, before) =>
    new Promise((resolve) => {
      if (waiting.length === 0) setImmediate(flush);
      waiting.push({ receipt, before, resolve });
    });
}
