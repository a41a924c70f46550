/** Dead letters in memory. */
import type { LetterPorts } from '../../functions/operations/dead_letters.ts';
import { type Letter, letterId } from '../../functions/stores/oracle/letters.ts';

export class Death extends Error {}

interface Message {
  readonly body: string;
  readonly handle: string;
  readonly sent: number;
  hidden: boolean;
}

/** A queue of dead letters and the letters themselves, whose user may die at any call. */
export class Desk {
  readonly messages: Message[] = [];
  readonly letters = new Map<string, Letter>();
  readonly resent: string[] = [];
  /** Milliseconds. */
  time = 1_000_000;
  lives: number;
  /** What other workers do as soon as a receipt is sent again. */
  onResend: (body: string) => void = () => {};
  /** Short polls that find nothing. */
  misses = 0;
  #handles = 0;

  constructor(bodies: readonly string[], kept: readonly string[], lives = Number.POSITIVE_INFINITY) {
    for (const body of bodies) this.bury(body);
    for (const body of kept) this.keep(body);
    this.lives = lives;
  }

  bury(body: string): void {
    this.messages.push({ body, handle: `${this.#handles++}`, sent: this.time, hidden: false });
  }

  keep(body: string): Letter {
    const id = letterId(body, null);
    const letter = {
      ...{ id, collection: 'c', key: body, body, whole: !body.startsWith('long'), reason: 'r', cause: 'r' },
      ...({ state: 'open', times: (this.letters.get(id)?.times ?? 0) + 1 } as const),
      ...{ firstSeen: this.time, lastSeen: this.time },
    };
    this.letters.set(id, letter);
    return letter;
  }

  get open(): string[] {
    return [...this.letters.values()].flatMap(({ state, key }) => (state === 'open' ? [key ?? ''] : []));
  }

  get queued(): string[] {
    return this.messages.map(({ body }) => body);
  }

  /** What SQS does once the time of hiding is over. */
  show(): void {
    for (const message of this.messages) message.hidden = false;
  }

  ports(): LetterPorts {
    const dying =
      <A extends unknown[], R>(act: (...args: A) => R) =>
      async (...args: A): Promise<R> => {
        if (this.lives-- <= 0) throw new Death();
        const result = act(...args);
        if (this.lives-- <= 0) throw new Death();
        return result;
      };
    const visible = () => this.messages.filter(({ hidden }) => !hidden);
    const wanted = (key: string | undefined) =>
      [...this.letters.values()].filter(
        (letter) => letter.state === 'open' && (key === undefined || letter.key === key),
      );
    return {
      receive: dying((patient: boolean) => {
        if (!patient && this.misses-- > 0) return [];
        const some = visible().slice(0, 3);
        for (const message of some) message.hidden = true;
        return some.map(({ body, handle, sent }) => ({ body, handle, sent, reason: null }));
      }),
      visible: dying(() => visible().length),
      remove: dying((handles: readonly string[]) => {
        const left = this.messages.filter(({ handle }) => !handles.includes(handle));
        this.messages.splice(0, this.messages.length, ...left);
      }),
      release: dying((released: string) => {
        for (const message of this.messages) if (message.handle === released) message.hidden = false;
      }),
      resend: dying((body: string) => {
        this.resent.push(body);
        this.onResend(body);
      }),
      find: dying((body: string) => this.letters.get(letterId(body, null)) ?? null),
      adopt: dying(({ body }: { body: string }) => this.keep(body)),
      groups: dying(() => []),
      countOpen: dying(({ key }: { key?: string | undefined }) => wanted(key).length),
      ofNobody: dying(() => 0),
      open: dying(({ key }: { key?: string | undefined }, most: number) => wanted(key).slice(0, most)),
      close: dying(({ id, times }: Letter, state: 'redriven' | 'discarded', now: number) => {
        const letter = this.letters.get(id);
        if (letter?.state !== 'open' || letter.times !== times) return false;
        this.letters.set(id, { ...letter, state, lastSeen: now });
        return true;
      }),
      ...{ timely: () => true, timelyToClose: () => true, now: () => this.time },
    };
  }
}
