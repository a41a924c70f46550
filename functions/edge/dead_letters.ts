/** The queue of dead letters, and their letters in Oracle. */
import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { LeftOut } from '../books/left_out.ts';
import { type Letter, type Letters, letterId } from '../books/letters.ts';
import type { LetterPorts } from '../operations/dead_letters.ts';
import { PROMPT, type SweepPorts } from '../operations/sweep.ts';
import { answeredAfter } from './bounded.ts';
import { bury, callerIn, type KeepLetter, MOST_ENTRIES, placeIn } from './queue.ts';

/** Seconds for which a message is hidden from others that look at the queue. */
const HIDDEN = 60;
/** Seconds that SQS may wait, so that it asks all of its servers. */
const PATIENCE = 1;

export interface LetterQueues {
  readonly DEAD_LETTERS_QUEUE: string;
  readonly RECEIPTS_QUEUE: string;
}

/** @param timely whether there is time for more messages. @param patience seconds of a patient poll. */
export function sweepPorts(
  client: SQSClient,
  { DEAD_LETTERS_QUEUE: QueueUrl }: Pick<LetterQueues, 'DEAD_LETTERS_QUEUE'>,
  letters: Letters,
  timely: () => boolean,
  isLeftOut: SweepPorts['isLeftOut'],
  now: () => number = Date.now,
  patience = PATIENCE,
): SweepPorts {
  return {
    receive: async (patient) => {
      const WaitTimeSeconds = patient ? patience : 0;
      const command = new ReceiveMessageCommand({
        ...{ QueueUrl, MaxNumberOfMessages: MOST_ENTRIES, VisibilityTimeout: HIDDEN },
        ...{ WaitTimeSeconds, MessageAttributeNames: ['reason', 'caller'] },
        MessageSystemAttributeNames: ['SentTimestamp'],
      });
      const { Messages = [] } = await client.send(command, answeredAfter(WaitTimeSeconds));
      return Messages.map(({ MessageId = '', Body = '', ReceiptHandle = '', ...about }) => ({
        ...{ id: MessageId, body: Body, handle: ReceiptHandle },
        reason: about.MessageAttributes?.reason?.StringValue ?? null,
        caller: callerIn(about.MessageAttributes?.caller?.StringValue),
        sent: Number(about.Attributes?.SentTimestamp ?? Date.now()),
      }));
    },
    remove: async (handles) => {
      // Messages that are not deleted are visible again in a while: the next sweep deletes them.
      for (const Entries of batches(handles))
        await client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
    },
    release: async (handles) => {
      for (const some of batches(handles)) {
        const Entries = some.map((each) => ({ ...each, VisibilityTimeout: 0 }));
        await client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries }));
      }
    },
    find: (body) => letters.find(letterId(body, placeIn(body))),
    isLeftOut,
    adopt: ({ body, reason, sent, caller = null }, counted) =>
      letters.keep(body, reason ?? 'SQS gave it up by itself', placeIn(body), now(), {
        ...{ queued: counted ? sent : null, caller },
      }),
    recount: (id, fewer, sent) => letters.recount(id, fewer, sent, now()),
    ...{ timely, now },
  };
}

/** Entries of one call after another. */
function batches(handles: readonly string[]): { readonly Id: string; readonly ReceiptHandle: string }[][] {
  const entries = handles.map((ReceiptHandle, index) => ({
    Id: String(index % MOST_ENTRIES),
    ReceiptHandle,
  }));
  const starts = entries.flatMap((_, at) => (at % MOST_ENTRIES === 0 ? [at] : []));
  return starts.map((at) => entries.slice(at, at + MOST_ENTRIES));
}

/** Keeps with a letter in which state its document is left out. */
export type Leave = (letter: Pick<Letter, 'id' | 'collection' | 'key'>) => Promise<void>;

/** What operators have decided about documents, and decide. */
export interface Decisions {
  readonly leave: Leave;
  readonly isLeftOut: SweepPorts['isLeftOut'];
}

/** @param timely whether there is time for another letter. @param sweeping whether there is time for more messages. */
export function letterPorts(
  client: SQSClient,
  queues: LetterQueues,
  { letters, leftOut }: { readonly letters: Letters; readonly leftOut: LeftOut },
  { timely, sweeping }: { readonly timely: () => boolean; readonly sweeping: () => boolean },
  { leave, isLeftOut }: Decisions,
  now: () => number = Date.now,
  patience = PATIENCE,
): LetterPorts {
  return {
    ...sweepPorts(client, queues, letters, sweeping, isLeftOut, now, patience),
    resend: async (MessageBody) => {
      await client.send(new SendMessageCommand({ QueueUrl: queues.RECEIPTS_QUEUE, MessageBody }));
    },
    groups: (wanted) => letters.groups(wanted),
    callers: (wanted) => letters.callers(wanted),
    choices: (collection) => leftOut.choices(collection),
    choose: (collection, choice, holds) => leftOut.choose(collection, choice, holds, now()),
    open: (wanted, most) => letters.open(wanted, most),
    countOpen: (wanted) => letters.countOpen(wanted),
    ofNobody: async () => (await letters.count('', now())).ofNobody,
    close: async (letter, state, at) => {
      // Before it is closed: a letter that is open leaves nothing out.
      if (state === 'discarded') await leave(letter);
      return letters.close(letter, state, at);
    },
    timelyToClose: timely,
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
  return async (body, reason, at) => {
    const time = now();
    const seen =
      'waits' in at
        ? ({ state: 'waiting', since: at.waits } as const)
        : // Later a sweep counts the message: two must not.
          ({ state: 'open', queued: time - at.buried <= PROMPT ? at.buried : null } as const);
    try {
      const { caller = null } = at;
      await stores.letters.keep(body, reason, placeIn(body), time, { ...seen, caller });
    } catch (error) {
      logger.warn(UNWRITTEN[seen.state], { cause: String(error) });
    }
  };
}

/** Sets a message aside for operators. */
export type SetAside = (body: string, reason: string, caller?: string | null) => Promise<void>;

/** Puts the message into the queue, then writes its letter. Rejects where the queue does not take it: it has to be delivered again. */
export function setterAside(
  client: SQSClient,
  queueUrl: string,
  keep: KeepLetter,
  now: () => number = Date.now,
): SetAside {
  return async (body, reason, caller = null) => {
    const buried = now();
    await bury(client, queueUrl, body, reason, caller);
    await keep(body, reason, { buried, ...(caller === null ? {} : { caller }) });
  };
}
