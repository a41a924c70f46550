/** The queue of dead letters, and their copies. */
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { LetterPorts } from '../operations/dead_letters.ts';
import { type Letters, letterId } from '../stores/oracle/letters.ts';
import { placeIn } from './queue.ts';

/** Seconds for which a message is hidden from others that look at the queue. */
const HIDDEN = 60;

export function letterPorts(
  client: SQSClient,
  { DEAD_LETTERS_QUEUE, RECEIPTS_QUEUE }: { DEAD_LETTERS_QUEUE: string; RECEIPTS_QUEUE: string },
  letters: Letters,
  timely: () => boolean,
): LetterPorts {
  const QueueUrl = DEAD_LETTERS_QUEUE;
  return {
    receive: async () => {
      const asked = { QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: HIDDEN, WaitTimeSeconds: 0 };
      const { Messages = [] } = await client.send(
        new ReceiveMessageCommand({ ...asked, MessageAttributeNames: ['reason'] }),
      );
      return Messages.map(({ Body = '', ReceiptHandle = '', MessageAttributes }) => ({
        ...{ body: Body, handle: ReceiptHandle },
        reason: MessageAttributes?.reason?.StringValue ?? null,
      }));
    },
    remove: async (ReceiptHandle) => {
      await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    },
    release: async (ReceiptHandle) => {
      await client.send(
        new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }),
      );
    },
    resend: async (MessageBody) => {
      await client.send(new SendMessageCommand({ QueueUrl: RECEIPTS_QUEUE, MessageBody }));
    },
    find: (body) => letters.find(letterId(body, placeIn(body))),
    adopt: ({ body, reason }) =>
      letters.keep(body, reason ?? 'SQS gave it up by itself', placeIn(body), Date.now()),
    groups: () => letters.groups(),
    open: (wanted, most) => letters.open(wanted, most),
    close: (id, state) => letters.close(id, state, Date.now()),
    timely,
  };
}
