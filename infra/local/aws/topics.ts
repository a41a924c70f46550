/** SNS, as far as functions use it: it takes what is published, and prints it. Any topic of this account is there. */
import { randomUUID } from 'node:crypto';
import { ServiceError } from './failure.ts';

/** Characters of a subject, and bytes of a message. (SNS API reference, "Publish", 2026-11-28.) */
const [SUBJECT, MESSAGE] = [100, 262_144];

/** What prints is named so. */
export const SNS = 'SNS';

export interface Published {
  readonly topic: string;
  readonly subject: string;
  readonly message: string;
}

export class Topics {
  /** In their order. */
  readonly published: Published[] = [];
  /** Whether it refuses what is published. */
  isAway = false;
  readonly #print: (line: string) => void;

  constructor(print: (line: string) => void) {
    this.#print = print;
  }

  /** @param form of the Query protocol. @returns XML. Throws `ServiceError`. */
  call(operation: string, form: Readonly<Record<string, unknown>>): string {
    if (operation !== 'Publish')
      throw new ServiceError('InvalidAction', `This machine's SNS knows no ${operation}`);
    if (this.isAway) throw new ServiceError('InternalError', 'SNS is away', 500);
    const { TopicArn, Subject = '', Message = '' } = form as Record<string, string>;
    const [topic, subject, message] = [String(TopicArn), Subject, Message];
    if (!/^[\x20-\x7e]*$/.test(subject) || subject.length > SUBJECT)
      throw new ServiceError('InvalidParameter', 'Invalid parameter: Subject');
    if (message === '' || Buffer.byteLength(message) > MESSAGE)
      throw new ServiceError('InvalidParameter', 'Invalid parameter: Message');
    this.published.push({ topic, subject, message });
    this.#print(`${subject}\n${message}`);
    const id = `<MessageId>${randomUUID()}</MessageId>`;
    return `<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult>${id}</PublishResult></PublishResponse>`;
  }
}
