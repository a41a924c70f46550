/**
 * How Lambda gathers messages for an invocation: a call to SQS gives ten at most, and a batch is full when it has its number of messages, when its
 * window is over, or when another message would make the event too large. (lambda/latest/dg/invocation-eventsourcemapping.html, 2026-11-27.)
 */
import { setTimeout } from 'node:timers/promises';
import { LAMBDA, SQS } from './limits.ts';

export interface BatchSettings<Record> {
  /** Messages of one invocation at most. */
  readonly size: number;
  /** Milliseconds from the first message on. */
  readonly window: number;
  /** Receives messages. @param wait seconds that SQS may wait for the first of them. */
  readonly receive: (most: number, wait: number) => Promise<readonly Record[]>;
  /** Is told why no more could be received for a batch that has some. */
  readonly failed: (error: unknown) => void;
}

/** Seconds of a long poll. */
const PATIENCE = 20;
/** Milliseconds between two calls in a window in which there was nothing more to receive. */
const PAUSE = 50;
/** Bytes around the records of an event, and between two of them. */
const [AROUND, BETWEEN] = [Buffer.byteLength('{"Records":[]}'), 1];

/** A record, and its bytes in an event. */
interface Weighed<Record> {
  readonly record: Record;
  readonly bytes: number;
}

/** One poller's batches, one after the other. */
export class Batches<Record> {
  readonly #settings: BatchSettings<Record>;
  /** What was received, and is in no batch yet. */
  #waiting: Weighed<Record>[] = [];

  constructor(settings: BatchSettings<Record>) {
    this.#settings = settings;
  }

  /** Empty where nothing has come. Rejects where the first messages cannot be received. */
  async next(): Promise<Record[]> {
    const { size, window, receive } = this.#settings;
    if (this.#waiting.length === 0) this.#add(await receive(Math.min(SQS.entries, size), PATIENCE));
    if (this.#waiting.length === 0) return [];
    const until = performance.now() + window;
    while (this.#waiting.length < size && this.#bytes <= LAMBDA.event) {
      const left = until - performance.now();
      if (left <= 0) break;
      const more = await this.#more(Math.min(SQS.entries, size - this.#waiting.length));
      if (more === null) break;
      this.#add(more);
      if (more.length === 0) await setTimeout(Math.min(PAUSE, left));
    }
    return this.#waiting.splice(0, Math.min(size, this.#fitting)).map(({ record }) => record);
  }

  #add(records: readonly Record[]): void {
    for (const record of records)
      this.#waiting.push({ record, bytes: Buffer.byteLength(JSON.stringify(record)) + BETWEEN });
  }

  /** Of an event with all that waits. */
  get #bytes(): number {
    return this.#waiting.reduce((sum, { bytes }) => sum + bytes, AROUND);
  }

  /** How many an event has room for, from the first one on: one at least. */
  get #fitting(): number {
    let bytes = AROUND;
    const tooMuch = this.#waiting.findIndex((each) => {
      bytes += each.bytes;
      return bytes > LAMBDA.event;
    });
    return tooMuch === -1 ? this.#waiting.length : Math.max(1, tooMuch);
  }

  /** Null where it fails: what there is must not wait for it. */
  async #more(most: number): Promise<readonly Record[] | null> {
    try {
      return await this.#settings.receive(most, 0);
    } catch (error) {
      this.#settings.failed(error);
      return null;
    }
  }
}
