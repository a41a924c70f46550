/** Dead letters in memory. */
import assert from 'node:assert/strict';
import { keptSince, letterId } from '../../functions/books/letters.ts';
import type { LetterPorts } from '../../functions/operations/dead_letters.ts';
import { PROMPT } from '../../functions/operations/sweep.ts';
import type { Letter } from '../../functions/records/letter.ts';

export class Death extends Error {}

/** Milliseconds that writing a letter takes at most. */
const CALL = 100_000;

interface Message {
  readonly id: string;
  readonly body: string;
  readonly handle: string;
  readonly sent: number;
  readonly reason: string | null;
  hidden: boolean;
}

/** A queue of dead letters and the letters themselves, whose user may die at any call. */
export class Desk {
  readonly messages: Message[] = [];
  readonly letters = new Map<string, Letter>();
  readonly resent: string[] = [];
  /** Milliseconds. */
  time = 2_000_000_000;
  lives: number;
  /** What other workers do as soon as a receipt is sent again. */
  onResend: (body: string) => void = () => {};
  /** What others do between the calls of a sweep, one after each. */
  readonly meanwhile: (() => void)[] = [];
  /** Short polls that find nothing. */
  misses = 0;
  /** Which messages are received first. */
  newestFirst = false;
  /** Documents whose last message is from after they were sent again, or given up. */
  readonly due = new Set<string>();
  /** Documents that an operator has left out, and that nobody has written since. */
  readonly leftOut = new Set<string>();
  #handles = 0;

  constructor(bodies: readonly string[], kept: readonly string[], lives = Number.POSITIVE_INFINITY) {
    for (const body of bodies) this.bury(body, null);
    for (const body of kept) this.keep(body, null);
    this.lives = lives;
  }

  /** @param reason null where SQS gives it up by itself. */
  bury(body: string, reason: string | null = 'r'): void {
    const id = `${this.#handles++}`;
    this.messages.push({ id, body, handle: id, sent: this.time, reason, hidden: false });
    this.due.add(body);
  }

  /** What Oracle does. @param queued when the message was put into the queue, if the letter is to count it. */
  keep(body: string, queued: number | null): Letter {
    const id = letterId(body, null);
    const known = this.letters.get(id);
    const counted = known?.state === 'open' ? this.counted(known) : 0;
    const sent = [...(counted > 0 ? [known?.queuedSince ?? 0] : []), ...(queued === null ? [] : [queued])];
    const letter = {
      ...{ id, collection: 'c', key: body, body, whole: !body.startsWith('long'), reason: 'r', cause: 'r' },
      ...({ state: 'open', times: (known?.times ?? 0) + 1 } as const),
      ...{ firstSeen: this.time, lastSeen: this.time },
      ...{
        queued: counted + (queued === null ? 0 : 1),
        queuedSince: sent.length === 0 ? 0 : Math.min(...sent),
      },
    };
    this.letters.set(id, letter);
    return letter;
  }

  /** The first half of what a worker does. @returns the second. */
  setAside(body: string): () => void {
    const buried = this.time;
    this.bury(body);
    return () => void this.keep(body, this.time - buried <= PROMPT + CALL ? buried : null);
  }

  counted({ queued, queuedSince }: Letter): number {
    return queuedSince > keptSince(this.time) ? queued : 0;
  }

  get open(): string[] {
    return [...this.letters.values()].flatMap(({ state, key }) => (state === 'open' ? [key ?? ''] : []));
  }

  get queued(): string[] {
    return this.messages.map(({ body }) => body);
  }

  /** Messages that count for every collection. */
  get unread(): number {
    const open = [...this.letters.values()].filter(({ state }) => state === 'open');
    return this.messages.length - open.reduce((sum, letter) => sum + this.counted(letter), 0);
  }

  /** That no letter counts a message which the queue does not have: it would hide a message that has no letter. */
  requireEnough(): void {
    for (const letter of this.letters.values()) {
      const there = this.messages.filter(({ body }) => body === letter.body).length;
      const { key, state, queued } = letter;
      assert.ok(state === 'open' || queued === 0, `${key} is closed and counts ${queued}`);
      assert.ok(this.counted(letter) <= there, `${key} counts ${queued} of ${there} messages`);
    }
  }

  /** Time goes by; SQS shows again what was hidden, and forgets what is too old. */
  pass(milliseconds: number): void {
    this.time += milliseconds;
    for (const message of this.messages) message.hidden &&= milliseconds < 60_000;
    const left = this.messages.filter(({ sent }) => sent > this.time - 14 * 86_400_000);
    // For 14 days no sweep has looked.
    for (const { body } of this.messages)
      if (!left.some((message) => message.body === body) && !this.open.includes(body)) this.due.delete(body);
    this.messages.splice(0, this.messages.length, ...left);
  }

  ports(): LetterPorts {
    const dying =
      <A extends unknown[], R>(act: (...args: A) => R) =>
      async (...args: A): Promise<R> => {
        if (this.lives-- <= 0) throw new Death();
        const result = act(...args);
        this.requireEnough();
        this.meanwhile.shift()?.();
        this.requireEnough();
        if (this.lives-- <= 0) throw new Death();
        return result;
      };
    const wanted = (key: string | undefined) =>
      [...this.letters.values()].filter(
        (letter) => letter.state === 'open' && (key === undefined || letter.key === key),
      );
    return {
      ...this.#queue(dying),
      resend: dying((body: string) => {
        this.resent.push(body);
        this.due.delete(body);
        this.onResend(body);
      }),
      find: dying((body: string) => this.letters.get(letterId(body, null)) ?? null),
      isLeftOut: dying(({ key }: { key: string | null }) => this.leftOut.has(key ?? '')),
      adopt: dying(({ body, sent }: { body: string; sent: number }, counted: boolean) =>
        this.keep(body, counted ? sent : null),
      ),
      recount: dying((id: string, fewer: number, sent: number) => this.#recount(id, fewer, sent)),
      groups: dying(() => []),
      countOpen: dying(({ key }: { key?: string | undefined }) => wanted(key).length),
      ofNobody: dying(() => 0),
      ...{ callers: dying(() => []), choices: dying(() => []), choose: dying(() => true) },
      open: dying(({ key }: { key?: string | undefined }, most: number) => wanted(key).slice(0, most)),
      close: dying((read: Letter, state: 'redriven' | 'discarded', now: number) => {
        const letter = this.letters.get(read.id);
        if (letter?.state !== 'open' || letter.times !== read.times || letter.queued !== read.queued)
          return false;
        this.letters.set(read.id, { ...letter, state, lastSeen: now, queued: 0, queuedSince: 0 });
        if (state === 'discarded') this.due.delete(letter.body);
        return true;
      }),
      ...{ timely: () => true, timelyToClose: () => true, now: () => this.time },
    };
  }

  #queue(dying: <A extends unknown[], R>(act: (...args: A) => R) => (...args: A) => Promise<R>) {
    const visible = () => this.messages.filter(({ hidden }) => !hidden);
    return {
      receive: dying((patient: boolean) => {
        if (!patient && this.misses-- > 0) return [];
        const some = (this.newestFirst ? visible().reverse() : visible()).slice(0, 3);
        for (const message of some) message.hidden = true;
        return some.map((each) => ({ ...each }));
      }),
      remove: dying((handles: readonly string[]) => {
        const left = this.messages.filter(({ handle }) => !handles.includes(handle));
        this.messages.splice(0, this.messages.length, ...left);
      }),
      release: dying((handles: readonly string[]) => {
        for (const message of this.messages) if (handles.includes(message.handle)) message.hidden = false;
      }),
    };
  }

  #recount(id: string, fewer: number, sent: number): boolean {
    const letter = this.letters.get(id);
    if (letter?.state !== 'open') return false;
    const counted = this.counted(letter) - fewer;
    const queuedSince = counted > 1 ? letter.queuedSince : sent;
    this.letters.set(id, { ...letter, queued: Math.max(counted, 1), queuedSince });
    return true;
  }
}
