/**
 * Walks along the keys of one shard, batch by batch. It can end anywhere, and be taken up anywhere, by anybody: where the shard
 * stands is written down with each batch, by whoever acts on it.
 */
import type { Shard } from '../protocol/shard.ts';
import type { ShardRow } from '../records/run.ts';
import { TooHeavy } from '../stores/failure.ts';
import { type BatchLimits, batchesOf, type PassedOver, type Sized } from './batches.ts';
import { addedTo, isNone, NONE_PASSED, paceOf, passedIn, type Sieve, sifted, type Taken } from './passed.ts';
import type { Permit } from './turn.ts';

export interface WalkPorts {
  /** The next keys of a shard, in byte order; fewer than `limit` only where there are no more. */
  keys(shard: Shard, limit: number): Promise<readonly string[]>;
  /** Which of the keys are looked at; none: all are. */
  readonly sieve?: Sieve | undefined;
  /** Bytes of each body, null for what is not there. */
  sizes(keys: readonly string[]): Promise<readonly (number | null)[]>;
  /**
   * Whether all bodies are measured before they are read: twice as many requests. Otherwise they are taken for small, until a
   * batch is `TooHeavy`.
   */
  readonly careful: boolean;
  finish(): Promise<void>;
  /** Waits until it is the turn of so many documents. Null where that comes only after time is up. */
  turn(documents: number): Promise<Turn | null>;
  /** Looks at the phase, before anything is acted on: what came before may have taken long. Throws `PhaseChanged`. */
  permit(): Promise<Permit>;
  /** Whether there is time for another batch. */
  timely(): boolean;
  /** Where workers have died: the next keys are worked on one by one. */
  readonly alone?: Alone | undefined;
}

/** Keys that are worked on one by one, with nothing else under way: a worker that dies has died of the key that was written down last. */
export interface Alone {
  readonly keys: number;
  /** Writes a key down before anything of its document is read. @param left keys after it that are worked on one by one. */
  touch(key: string, left: number): Promise<void>;
}

/** Leave to work on one batch. */
export interface Turn {
  /** Is told once the batch is done. */
  over(): Promise<void>;
}

/** `rest`: time is up, and somebody has to go on from where the shard stands. */
export type Walked = 'done' | 'rest';

/** Keys that are listed at a time. */
const PAGE = 1000;
/** A batch that is too heavy is tried again in so many pieces; when one has fewer documents than that, they are measured. */
const [PIECES, FEWEST] = [4, 8];

/** What is done with a batch: while one is acted on, the next is prepared. */
export interface Acts<Prepared> {
  /** Reads what it takes, and changes nothing. Throws `TooHeavy` where that is more than `most` bytes. */
  prepare(batch: readonly Sized[], most: number): Promise<Prepared>;
  act(batch: readonly Sized[], prepared: Prepared): Promise<void>;
}

/** Throws `StoreUnavailable` where a store does not answer: the shard stands where it stood after the last batch. */
export async function walkShard<Prepared>(
  row: ShardRow,
  ports: WalkPorts,
  limits: BatchLimits,
  acts: Acts<Prepared>,
): Promise<Walked> {
  if (row.state === 'done') return 'done';
  const walk = new Walk(ports, limits, acts);
  try {
    for await (const page of pagesOf(row, ports)) if (!(await walk.on(page))) return 'rest';
  } finally {
    await walk.acting;
  }
  if (!ports.timely() || !(await walk.ended())) return 'rest';
  await ports.finish();
  return 'done';
}

class Walk<Prepared> {
  readonly #ports: WalkPorts;
  readonly #limits: BatchLimits;
  readonly #acts: Acts<Prepared>;
  /** Documents of a batch that nobody has measured. */
  #together: number;
  /** What was passed over behind the last key that was taken, and up to where. */
  #left = NONE_PASSED;
  #last: string | null = null;
  /** The batch that is acted on. */
  acting: Promise<void> = Promise.resolve();

  constructor(ports: WalkPorts, limits: BatchLimits, acts: Acts<Prepared>) {
    this.#ports = ports;
    this.#limits = limits;
    this.#acts = acts;
    this.#together = limits.documents;
  }

  /** False where time is up. */
  on(page: Page): Promise<boolean> {
    const { sizes, alone, rest, last } = page;
    const taken = this.#withLeft(page.taken);
    this.#left = taken.length === 0 ? addedTo(this.#left, rest) : rest;
    this.#last = last ?? this.#last;
    if (taken.length === 0) return this.ended();
    return alone === undefined ? this.#along(taken, sizes) : this.#oneByOne(taken, alone);
  }

  #withLeft(taken: readonly Taken[]): readonly Taken[] {
    const [first, ...others] = taken;
    if (first === undefined || isNone(this.#left)) return taken;
    return [{ ...first, passed: addedTo(this.#left, first.passed ?? NONE_PASSED) }, ...others];
  }

  /**
   * Writes down what was passed over where no batch does: a page without any key to take must not be listed again by the next worker. False where time is up.
   */
  async ended(): Promise<boolean> {
    const { sieve, timely, permit } = this.#ports;
    if (sieve === undefined || this.#last === null || isNone(this.#left)) return true;
    await this.acting;
    const turn = timely() ? await this.#ports.turn(Math.max(1, paceOf(this.#left))) : null;
    if (turn === null) return false;
    await permit();
    await sieve.pass(this.#last, this.#left);
    this.#left = NONE_PASSED;
    await turn.over();
    return true;
  }

  async #oneByOne(keys: readonly Taken[], alone: Alone): Promise<boolean> {
    for (const [n, each] of keys.entries()) {
      const { key } = each;
      const turn = this.#ports.timely() ? await this.#ports.turn(1) : null;
      if (turn === null) return false;
      await alone.touch(key, Math.max(0, alone.keys - n - 1));
      const [size = null] = await this.#ports.sizes([key]);
      const batch = [{ ...each, size }];
      const prepared = await this.#acts.prepare(batch, Number.POSITIVE_INFINITY);
      await this.#ports.permit();
      await this.#acts.act(batch, prepared);
      await turn.over();
    }
    return true;
  }

  async #along(keys: readonly Taken[], sizes: Page['sizes']): Promise<boolean> {
    if (sizes !== null) return this.#measured(keys, sizes);
    // It may have been heavy here and there only.
    this.#together = Math.min(this.#limits.documents, Math.max(FEWEST, this.#together * PIECES));
    for (let at = 0; at < keys.length; ) {
      const batch = keys.slice(at, at + this.#together).map((each) => ({ ...each, size: 0 }));
      try {
        if (!(await this.#step(batch, this.#limits.bytes))) return false;
        at += batch.length;
      } catch (error) {
        if (!(error instanceof TooHeavy)) throw error;
        this.#together = Math.floor(this.#together / PIECES);
        const rest = keys.slice(at);
        if (this.#together < FEWEST)
          return this.#measured(rest, await this.#ports.sizes(rest.map(({ key }) => key)));
      }
    }
    return true;
  }

  async #measured(keys: readonly Taken[], sizes: readonly (number | null)[]): Promise<boolean> {
    const sized = keys.map((each, index) => ({ ...each, size: sizes[index] ?? null }));
    for (const batch of batchesOf(sized, this.#limits))
      if (!(await this.#step(batch, Number.POSITIVE_INFINITY))) return false;
    return true;
  }

  async #step(batch: readonly Sized[], most: number): Promise<boolean> {
    const documents = batch.length + paceOf(passedIn(batch));
    const turn = this.#ports.timely() ? await this.#ports.turn(documents) : null;
    if (turn === null) return false;
    const prepared = await this.#acts.prepare(batch, most);
    await this.acting;
    await this.#ports.permit();
    this.acting = this.#acts.act(batch, prepared).then(() => turn.over());
    // It is awaited, but perhaps not before it has failed.
    this.acting.catch(() => {});
    return true;
  }
}

interface Page {
  readonly taken: readonly Taken[];
  /** What was passed over behind the last of them. */
  readonly rest: PassedOver;
  /** How many keys were listed, and the last of them. */
  readonly listed: number;
  readonly last: string | null;
  /** Null where nobody has measured. */
  readonly sizes: readonly (number | null)[] | null;
  /** For keys that are worked on one by one. */
  readonly alone?: Alone;
}

/** All of a shard, until there is no time left to ask for more. While one page is gone through, the next is listed. */
async function* pagesOf(row: ShardRow, ports: WalkPorts): AsyncGenerator<Page> {
  let after = row.doneKey ?? row.after;
  const { alone } = ports;
  if (alone !== undefined && alone.keys > 0 && ports.timely()) {
    const page = pageOf(await ports.keys({ after, upTo: row.upTo }, alone.keys), ports);
    yield { ...page, sizes: null, alone };
    if (page.listed < alone.keys) return;
    after = page.last ?? after;
  }
  let listing: Promise<Page> | null = pageAfter(after, row, ports);
  while (listing !== null && ports.timely()) {
    const page: Page = await listing;
    const { listed, last } = page;
    listing = last === null || listed < PAGE ? null : pageAfter(last, row, ports);
    // Awaited when its turn comes, if it comes.
    listing?.catch(() => {});
    yield page;
  }
}

async function pageAfter(after: string | null, { upTo }: ShardRow, ports: WalkPorts): Promise<Page> {
  const page = pageOf(await ports.keys({ after, upTo }, PAGE), ports);
  const { careful, sizes } = ports;
  return { ...page, sizes: careful ? await sizes(page.taken.map(({ key }) => key)) : null };
}

function pageOf(keys: readonly string[], { sieve }: WalkPorts): Omit<Page, 'sizes'> {
  return { ...sifted(keys, sieve, NONE_PASSED), listed: keys.length, last: keys.at(-1) ?? null };
}
