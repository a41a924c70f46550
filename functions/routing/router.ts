/** Serves what apps ask: the protocol's steps over both stores, one key at a time. */

import { CallFailed } from '../protocol/call.ts';
import { type Phase, ROUTES } from '../protocol/phase.ts';
import type { Content } from '../protocol/state.ts';
import { type KeepsChanged, keepingChanged } from '../stores/changed_by_sql.ts';
import { TooLargeToRead } from '../stores/failure.ts';
import { type Answers, type Measures, portOf, readingUpTo } from '../stores/port.ts';
import type { Receipts } from '../stores/receipt.ts';
import { LARGEST_BODY } from '../stores/storable.ts';
import { answered, tooLarge } from './attempt.ts';
import type { Bulkheads } from './bulkheads.ts';
import { FollowerPart, followerOf } from './follower_part.ts';
import { type Course, guard, type Port } from './guard.ts';
import type { KeyTurns, Turn } from './key_turns.ts';
import type { LoadSamples } from './load_samples.ts';
import type { Answer, Place, WriteRequest } from './request.ts';
import { shown } from './shown.ts';
import { type Ahead, followsInOracle, requireKey, requireStorable } from './storable.ts';

/** A collection's two stores. */
export interface Pair extends Ahead {
  readonly couchbase: Answers<'couchbase'> & Ahead['couchbase'] & Measures<'couchbase'>;
  readonly oracle: Answers<'oracle'> & Ahead['oracle'] & Measures<'oracle'> & KeepsChanged;
}

export interface Surroundings {
  readonly phase: Phase;
  /** When the phase began, in milliseconds since the epoch. Without it no load is proven. */
  readonly since?: number | undefined;
  /** Whether a call that begins now ends before the function does. */
  readonly timely: () => boolean;
  /** Who asks, for what is set aside. */
  readonly caller?: string | undefined;
}

/**
 * @param pairOf the stores of a collection, for a request in a phase; the edge lets no unknown one through. @param sampled whether both stores are to be
 * compared after a read. @param bulkheads what keeps a store that follows, and the queue, from holding up writes; null: each is waited for. @param turns
 * what keeps writes of one key from holding up others; null: nothing. @param samples what gathers them for the proof of load; null: nothing is proven.
 */
export class Router {
  readonly #pairOf: (collection: string, phase: Phase) => Pair;
  readonly #receipts: Receipts;
  readonly #sampled: () => boolean;
  readonly #bulkheads: Bulkheads | null;
  readonly #turns: KeyTurns | null;
  readonly #samples: LoadSamples | null;

  constructor(
    pairOf: (collection: string, phase: Phase) => Pair,
    receipts: Receipts,
    sampled: () => boolean,
    bulkheads: Bulkheads | null = null,
    turns: KeyTurns | null = null,
    samples: LoadSamples | null = null,
  ) {
    this.#pairOf = pairOf;
    this.#receipts = receipts;
    this.#sampled = sampled;
    this.#bulkheads = bulkheads;
    this.#turns = turns;
    this.#samples = samples;
  }

  /** @param most bytes of a body that is of use. A larger one is measured, and not read. */
  async read(place: Place, surroundings: Surroundings, most = LARGEST_BODY): Promise<Answer> {
    const { phase, timely } = surroundings;
    const course: Course = { causes: [], written: false };
    const pair = this.#pairOf(place.collection, phase);
    const stores = portOf(place.key, { ...pair, receipt: this.#receipts.of(place, phase) });
    // In `seal` either store may have the newer document: the size of one decides nothing.
    const largest = ROUTES[phase].order === 'sealed' ? LARGEST_BODY : most;
    const sample = this.#samples?.begin(place, surroundings) ?? null;
    const reading = readingUpTo(place.key, largest, pair, stores);
    const asking = sample?.timed(reading) ?? reading;
    const port = guard(keepingChanged(place.key, pair.oracle, asking, timely), timely, course);
    try {
      const { content, version } = await shown(phase, port);
      sample?.ended({ content, version });
      if (ROUTES[phase].second !== null && this.#sampled()) this.#receipts.shadow(place, phase);
      return content === null ? { kind: 'absent' } : { kind: 'found', document: content, version };
    } catch (error) {
      if (error instanceof TooLargeToRead) return tooLarge(error);
      if (error instanceof CallFailed) return { kind: 'unavailable', causes: [...course.causes, error] };
      throw error;
    }
  }

  /** Throws `PoisonDocument`, with nothing written, for what the stores could not hold: see `requireStorable`. */
  async write(request: WriteRequest, surroundings: Surroundings): Promise<Answer> {
    const turn = this.#turns?.begin(request) ?? null;
    if (typeof turn === 'number') return { kind: 'busy', after: turn };
    return this.#writeIn(turn, request, surroundings);
  }

  async #writeIn(turn: Turn | null, request: WriteRequest, surroundings: Surroundings): Promise<Answer> {
    const { phase, timely, caller } = surroundings;
    const pair = this.#pairOf(request.collection, phase);
    const receipt = this.#receipts.of(request, phase, followsInOracle(phase) ? caller : undefined);
    const course: Course = { causes: [], written: false };
    const { key } = request;
    const asked = portOf(key, { ...pair, receipt });
    const stores = turn?.counted(asked) ?? asked;
    const sent = () => receipt.sent(key, {});
    const part = this.#partOf(stores, request, surroundings, sent, turn);
    const guarded = (asking: Port) => guard(keepingChanged(key, pair.oracle, asking, timely), timely, course);
    const port = guarded(part?.port ?? stores);
    const look = guarded(readingUpTo(key, LARGEST_BODY, pair, stores));
    let unstorable = false;
    const fits = async (content: Content) => {
      unstorable = await requireStorable(pair, phase, timely, request, content);
    };
    const keyFits = () => requireKey(pair, phase, request);
    let answer: Answer | null = null;
    try {
      answer = await answered({ phase, request, port, look, course, fits, keyFits });
      return answer.kind === 'written' && unstorable ? { ...answer, unstorable } : answer;
    } finally {
      part?.end(answer?.kind === 'written');
      turn?.end();
      await this.#receiptSent(request, phase, answer, sent);
    }
  }

  /** Null where a write needs each store, or waits for each. */
  #partOf(
    stores: ConstructorParameters<typeof FollowerPart>[0],
    { collection }: Place,
    surroundings: Surroundings,
    sent: () => Promise<boolean>,
    turn: Turn | null,
  ): FollowerPart | null {
    const { phase } = surroundings;
    const follower = followerOf(phase);
    if (this.#bulkheads === null || follower === null) return null;
    const noted = (took: number | 'failed') => this.#samples?.followed(collection, surroundings, took);
    return new FollowerPart(stores, phase, follower, sent, this.#bulkheads, turn?.isCrowded, noted);
  }

  /**
   * What is still being sent when the answer goes out is lost when the sandbox freezes. Where both stores have acknowledged a document, nothing
   * rests on its receipt; a deletion's removes its marker.
   */
  async #receiptSent(
    { verb }: WriteRequest,
    phase: Phase,
    answer: Answer | null,
    sent: () => Promise<boolean>,
  ): Promise<void> {
    const isDone = answer?.kind === 'written' && verb !== 'delete' && ROUTES[phase].second !== null;
    await (isDone && this.#bulkheads !== null ? this.#bulkheads.receiptOf(sent()) : sent());
  }
}
