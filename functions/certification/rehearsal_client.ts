/** One client of a rehearsal: asks the product's own router one thing after the other, and writes down what it was told. */
import { Payload } from '../protocol/payload.ts';
import type { Phase } from '../protocol/phase.ts';
import type { Version } from '../protocol/version.ts';
import { NO_PRECONDITION, type Precondition } from '../routing/precondition.ts';
import type { Answer } from '../routing/request.ts';
import type { Router } from '../routing/router.ts';
import type { Activity } from './activity.ts';
import type { Histories } from './histories.ts';
import type { Operation, Value } from './operation.ts';

/** Of one key at the same time: explanations double with each. */
const DOUBTS = 2;

/** How requests have ended. */
export interface Tally {
  reads: number;
  written: number;
  refused: number;
  /** Nothing was done, or nobody can say. */
  unanswered: number;
  /** Milliseconds. */
  longest: number;
  /** Phases in which a write was acknowledged. */
  readonly phases: Set<string>;
}

export interface ClientParts {
  readonly router: Router;
  readonly histories: Histories;
  readonly activity: Activity;
  readonly tally: Tally;
  /** Keys that all clients share. */
  readonly keys: readonly string[];
  /** That nobody writes. */
  readonly untouched: readonly string[];
  readonly random: () => number;
  readonly steady: () => number;
  /** The phase that this client obeys, and the stay in it, as `seal on the way back`. */
  readonly at: () => { readonly phase: Phase; readonly stay: string };
  /** Calls back when a write without an answer has taken effect, or never will. */
  readonly whenResolved: (key: string, resolved: () => void) => void;
}

interface Known {
  readonly value: Value;
  readonly version: Version;
}

export class RehearsalClient {
  readonly #parts: ClientParts;
  readonly #name: string;
  readonly #known = new Map<string, Known>();
  #writes = 0;

  constructor(name: string, parts: ClientParts) {
    this.#name = name;
    this.#parts = parts;
  }

  /** Asks one thing. Throws `NotKept` for an answer that no order explains. */
  async ask(): Promise<void> {
    const { random, keys, untouched, histories } = this.#parts;
    if (random() < 0.1) return this.#read(pick(untouched, random));
    const clear = keys.filter((key) => histories.doubts(key) < DOUBTS);
    if (clear.length === 0) return;
    const key = pick(clear, random);
    if (random() < 0.4) return this.#read(key);
    const value = random() < 0.25 ? null : `{"write":"${this.#name}-${++this.#writes}"}`;
    const known = this.#known.get(key);
    if (random() < 0.2) return this.#write(key, value, { ...NO_PRECONDITION, noneMatch: 'any' }, null);
    if (known !== undefined && known.value !== null && random() < 0.4)
      return this.#write(key, value, { ...NO_PRECONDITION, match: [known.version] }, known.value);
    return this.#write(key, value, NO_PRECONDITION, undefined);
  }

  async #read(key: string): Promise<void> {
    const { histories, tally, router } = this.#parts;
    const { stay, phase } = this.#parts.at();
    const id = histories.begin(key, { kind: 'read', value: null }, `${this.#name} in ${stay}`);
    const answer = await this.#timed(() =>
      router.read({ collection: 'rehearsal', key }, { phase, timely: () => true }),
    );
    if (answer.kind !== 'found' && answer.kind !== 'absent') {
      tally.unanswered++;
      return histories.forget(key, id);
    }
    tally.reads++;
    const value = answer.kind === 'found' ? answer.document.digest : null;
    if (answer.kind === 'found') this.#known.set(key, { value, version: answer.version });
    histories.end(key, id, { kind: 'done', value });
  }

  async #write(
    key: string,
    body: string | null,
    precondition: Precondition,
    expected: Value | undefined,
  ): Promise<void> {
    const { histories, router, tally } = this.#parts;
    const { stay, phase } = this.#parts.at();
    const payload = new Payload(Buffer.from(body ?? ''), null);
    const value = body === null ? null : payload.digest;
    const operation: Operation = { kind: 'write', value, expected };
    const id = histories.begin(key, operation, `${this.#name} in ${stay}`);
    const place = { collection: 'rehearsal', key, precondition };
    const request =
      body === null ? ({ ...place, verb: 'delete' } as const) : ({ ...place, verb: 'put', payload } as const);
    const answer = await this.#timed(() => router.write(request, { phase, timely: () => true }));
    if (answer.kind === 'written') {
      tally.written++;
      tally.phases.add(stay);
      this.#known.set(key, { value, version: answer.version });
      return histories.end(key, id, { kind: 'done' });
    }
    if (answer.kind === 'refused') {
      tally.refused++;
      // An ETag may be stale in good faith: a document that only got a new version.
      if (typeof expected === 'string') return histories.forget(key, id);
      return histories.end(key, id, { kind: 'refused' });
    }
    this.#unanswered(key, id, answer);
  }

  #unanswered(key: string, id: number, { kind }: Answer): void {
    const { histories, tally, whenResolved } = this.#parts;
    tally.unanswered++;
    if (kind === 'unknown') {
      histories.doubt(key, id);
      whenResolved(key, () => histories.resolve(key, id));
    } else histories.forget(key, id);
  }

  async #timed(act: () => Promise<Answer>): Promise<Answer> {
    const { activity, steady, tally } = this.#parts;
    const [id, began] = [activity.begin(), steady()];
    let inDoubt = true;
    try {
      const answer = await act();
      inDoubt = answer.kind === 'unknown' || answer.kind === 'unavailable';
      return answer;
    } finally {
      tally.longest = Math.max(tally.longest, Math.round(steady() - began));
      activity.end(id, inDoubt);
    }
  }
}

function pick<Item>(items: readonly Item[], random: () => number): Item {
  return items[Math.floor(random() * items.length)] as Item;
}
