/**
 * Finds the receipt that ends the process of its worker. SQS delivers all messages of such an invocation again, together, so that its neighbours
 * would share its fate a thousand times. Messages that are delivered for the third time are marked in Oracle before anything is read, and the
 * marks are cleared when the invocation ends. A message whose mark is still there was in the hands of a worker that has died: it is settled
 * after all others, alone, with a mark of its own. Two deaths alone, and it is set aside.
 */
import type { Mark } from '../records/suspect.ts';
import type { Received } from './receipt_worker.ts';

export interface SuspectPorts {
  /** The same for all receipts of a document. */
  readonly idOf: (body: string) => string;
  readonly marks: (ids: readonly string[]) => Promise<ReadonlyMap<string, Mark>>;
  /** @param marked what `marks` has told of them. */
  readonly mark: (ids: readonly string[], marked: ReadonlyMap<string, Mark>, alone: boolean) => Promise<void>;
  readonly clear: (ids: readonly string[]) => Promise<void>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Milliseconds after which an invocation has ended. */
  readonly lasts: number;
  /** A store that is away is not asked for marks. */
  readonly may: () => boolean;
}

/** Deliveries that leave no mark: nearly every receipt is settled by its first one. */
const UNMARKED = 2;
/** Deaths of a worker that has nothing else in hand. */
const DEATHS = 2;

export interface Sorted {
  /** May be worked on together. */
  readonly together: readonly Received[];
  /** Are worked on after those, one by one. */
  readonly alone: readonly Received[];
  readonly killers: readonly Received[];
  /** Another worker has them in hand. */
  readonly later: readonly Received[];
}

/** Of one invocation. */
export class Suspects {
  readonly #ports: SuspectPorts;
  #marked: ReadonlyMap<string, Mark> = new Map();
  #together: readonly string[] = [];

  constructor(ports: SuspectPorts) {
    this.#ports = ports;
  }

  /** Marks those that are delivered again and again. Never rejects: where Oracle is away all are worked on together. */
  async sort(all: readonly Received[]): Promise<Sorted> {
    const none: Sorted = { together: all, alone: [], killers: [], later: [] };
    const { idOf, marks, mark, may } = this.#ports;
    const again = all.filter(({ deliveries }) => deliveries > UNMARKED);
    if (again.length === 0 || !may()) return none;
    try {
      this.#marked = await marks([...new Set(again.map(({ body }) => idOf(body)))]);
      const sorted: Record<keyof Sorted, Received[]> = { together: [], alone: [], killers: [], later: [] };
      for (const each of all) sorted[this.#placeOf(each)].push(each);
      const marked = sorted.together.filter(({ deliveries }) => deliveries > UNMARKED);
      const together = [...new Set(marked.map(({ body }) => idOf(body)))];
      if (together.length > 0) await mark(together, this.#marked, false);
      this.#together = together;
      return sorted;
    } catch {
      return none;
    }
  }

  /** Those that were worked on together have harmed nobody. Never rejects. */
  async clear(): Promise<void> {
    if (this.#together.length > 0) await this.#ports.clear(this.#together).catch(() => {});
  }

  /** Works on one that may end the process. Rejects, and has not worked on it, where that cannot be written down before. */
  async alone({ body }: Received, work: () => Promise<void>): Promise<void> {
    const { idOf, mark, clear } = this.#ports;
    const id = idOf(body);
    await mark([id], this.#marked, true);
    await work();
    await clear([id]).catch(() => {});
  }

  #placeOf({ body, deliveries }: Received): keyof Sorted {
    const { idOf, now, lasts } = this.#ports;
    if (deliveries <= UNMARKED) return 'together';
    const { at, alone } = this.#marked.get(idOf(body)) ?? { at: 0, alone: 0 };
    if (at === 0) return 'together';
    if (now() - at < lasts) return alone > 0 ? 'later' : 'together';
    return alone < DEATHS ? 'alone' : 'killers';
  }
}
