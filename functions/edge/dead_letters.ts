/** The queue of dead letters, and their letters in Oracle. */
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { LetterPorts } from '../operations/dead_letters.ts';
import type { SweepPorts } from '../operations/sweep.ts';
import { type Letters, letterId } from '../stores/oracle/letters.ts';
import { bury, countsOf, type KeepLetter, MOST_ENTRIES, placeIn } from './queue.ts';

/** Seconds for which a message is hidden from others that look at the queue. */
const HIDDEN = 60;
/** Seconds that SQS may wait, so that it asks all of its servers. */
const PATIENCE = 1;

export interface LetterQueues {
  readonly DEAD_LETTERS_QUEUE: string;
  readonly RECEIPTS_QUEUE: string;
}

/** @param timely whether there is time for more messages. */
export function sweepPorts(
  client: SQSClient,
  { DEAD_LETTERS_QUEUE: QueueUrl }: Pick<LetterQueues, 'DEAD_LETTERS_QUEUE'>,
  letters: Letters,
  timely: () => boolean,
): SweepPorts {
  return {
    receive: async (patient) => {
      const { Messages = [] } = await client.send(
        new ReceiveMessageCommand({
          ...{ QueueUrl, MaxNumberOfMessages: MOST_ENTRIES, VisibilityTimeout: HIDDEN },
          ...{ WaitTimeSeconds: patient ? PATIENCE : 0, MessageAttributeNames: ['reason'] },
          MessageSystemAttributeNames: ['SentTimestamp'],
        }),
      );
      return Messages.map(({ Body = '', ReceiptHandle = '', MessageAttributes, Attributes }) => ({
        ...{ body: Body, handle: ReceiptHandle },
        reason: MessageAttributes?.reason?.StringValue ?? null,
        sent: Number(Attributes?.SentTimestamp ?? Number.POSITIVE_INFINITY),
      }));
    },
    visible: async () => (await countsOf(client, QueueUrl)).due,
    remove: async (handles) => {
      for (let at = 0; at < handles.length; at += MOST_ENTRIES) {
        const some = handles.slice(at, at + MOST_ENTRIES);
        const Entries = some.map((ReceiptHandle, index) => ({ Id: String(index), ReceiptHandle }));
        // Messages that are not deleted are visible again in a while: the next sweep deletes them.
        await client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
      }
    },
    release: async (ReceiptHandle) => {
      await client.send(
        new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }),
      );
    },
    find: (body) => letters.find(letterId(body, placeIn(body))),
    adopt: ({ body, reason }) =>
      letters.keep(body, reason ?? 'SQS gave it up by itself', placeIn(body), Date.now()),
    timely,
  };
}

/** @param timely whether there is time for another letter. @param sweeping whether there is time for more messages. */
export function letterPorts(
  client: SQSClient,
  queues: LetterQueues,
  letters: Letters,
  { timely, sweeping }: { readonly timely: () => boolean; readonly sweeping: () => boolean },
): LetterPorts {
  return {
    ...sweepPorts(client, queues, letters, sweeping),
    resend: async (MessageBody) => {
      await client.send(new SendMessageCommand({ QueueUrl: queues.RECEIPTS_QUEUE, MessageBody }));
    },
    groups: (wanted) => letters.groups(wanted),
    open: (wanted, most) => letters.open(wanted, most),
    countOpen: (wanted) => letters.countOpen(wanted),
    ofNobody: async () => (await letters.count('')).ofNobody,
    close: (letter, state, now) => letters.close(letter, state, now),
    timelyToClose: timely,
    now: Date.now,
  };
}

/** What is true of a message whose letter could not be written. */
const UNWRITTEN = {
  open: 'A dead letter could not be written to Oracle: the queue of dead letters keeps its message, which holds every gate until a sweep writes the letter',
  waiting:
    'A receipt waits for a store, and Oracle could not note that it does: it is delivered again all the same',
} as const;

/** @param stores are asked for their letters when one is written: the connection is made then. */
export function letterKeeper(
  stores: { readonly letters: Pick<Letters, 'keep'> },
  logger: { warn(message: string, about: { readonly cause: string }): void },
  now: () => number,
): KeepLetter {
  return async (body, reason, state = 'open', since) => {
    try {
      return (await stores.letters.keep(body, reason, placeIn(body), now(), state, since)).whole;
    } catch (error) {
      logger.warn(UNWRITTEN[state], { cause: String(error) });
      return false;
    }
  };
}

/** Sets a message aside for operators. */
export type SetAside = (body: string, reason: string) => Promise<void>;

/**
 * Writes the letter to Oracle. Only where that fails, or the message is too long for a letter, does the queue keep the message.
 * Rejects where neither has it: the message has to be delivered again.
 */
export function setterAside(client: SQSClient, queueUrl: string, keep: KeepLetter): SetAside {
  return async (body, reason) => {
    if (!(await keep(body, reason))) await bury(client, queueUrl, body, reason);
  };
}
