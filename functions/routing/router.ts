/** Serves what apps ask: the protocol's steps over both stores, one key at a time. */

import { CallFailed, perform } from '../protocol/call.ts';
import { documentFrom, documentOf } from '../protocol/fingerprint.ts';
import { payloadOf } from '../protocol/payload.ts';
import { type Phase, ROUTES } from '../protocol/phase.ts';
import type { Content } from '../protocol/state.ts';
import type { Version } from '../protocol/version.ts';
import { type Outcome, type Write, write } from '../protocol/write.ts';
import { DurabilityImpossible, PoisonDocument, TooLargeToRead } from '../stores/failure.ts';
import { type Answers, type Measures, portOf, readingUpTo } from '../stores/port.ts';
import type { Receipts } from '../stores/receipt.ts';
import { LARGEST_BODY } from '../stores/storable.ts';
import type { Bulkheads } from './bulkheads.ts';
import { FollowerPart, followerOf } from './follower_part.ts';
import { type Course, guard, type Port } from './guard.ts';
import { mergePatch } from './merge_patch.ts';
import { conditionOf, met } from './precondition.ts';
import { compareName, storedName } from './repetition.ts';
import type { Answer, Place, WriteRequest } from './request.ts';
import { shown } from './shown.ts';
import { type Ahead, followsInOracle, requireKey, requireStorable } from './storable.ts';

/** A collection's two stores. */
export interface Pair extends Ahead {
  readonly couchbase: Answers<'couchbase'> & Ahead['couchbase'] & Measures<'couchbase'>;
  readonly oracle: Answers<'oracle'> & Ahead['oracle'] & Measures<'oracle'>;
}

export interface Surroundings {
  readonly phase: Phase;
  /** Whether a call that begins now ends before the function does. */
  readonly timely: () => boolean;
  /** Who asks, for what is set aside. */
  readonly caller?: string | undefined;
}

/** How often a look and a write that depends on it are tried, while others keep writing in between. */
const ATTEMPTS = 8;

/**
 * @param pairOf the stores of a collection, for a request in a phase; the edge lets no unknown one through. @param sampled whether both stores are to be
 * compared after a read. @param bulkheads what keeps a store that follows, and the queue, from holding up writes; null: each is waited for.
 */
export class Router {
  readonly #pairOf: (collection: string, phase: Phase) => Pair;
  readonly #receipts: Receipts;
  readonly #sampled: () => boolean;
  readonly #bulkheads: Bulkheads | null;

  constructor(
    pairOf: (collection: string, phase: Phase) => Pair,
    receipts: Receipts,
    sampled: () => boolean,
    bulkheads: Bulkheads | null = null,
  ) {
    this.#pairOf = pairOf;
    this.#receipts = receipts;
    this.#sampled = sampled;
    this.#bulkheads = bulkheads;
  }

  /** @param most bytes of a body that is of use. A larger one is measured, and not read. */
  async read(place: Place, { phase, timely }: Surroundings, most = LARGEST_BODY): Promise<Answer> {
    const course: Course = { causes: [], written: false };
    const pair = this.#pairOf(place.collection, phase);
    const stores = portOf(place.key, { ...pair, receipt: this.#receipts.of(place, phase) });
    // In `seal` either store may have the newer document: the size of one decides nothing.
    const largest = ROUTES[phase].order === 'sealed' ? LARGEST_BODY : most;
    const port = guard(readingUpTo(place.key, largest, pair, stores), timely, course);
    try {
      const { content, version } = await shown(phase, port);
      if (ROUTES[phase].second !== null && this.#sampled()) this.#receipts.shadow(place, phase);
      return content === null ? { kind: 'absent' } : { kind: 'found', document: content, version };
    } catch (error) {
      if (error instanceof TooLargeToRead) return tooLarge(error);
      if (error instanceof CallFailed) return { kind: 'unavailable', causes: [...course.causes, error] };
      throw error;
    }
  }

  /** Throws `PoisonDocument`, with nothing written, for what the stores could not hold: see `requireStorable`. */
  async write(request: WriteRequest, { phase, timely, caller }: Surroundings): Promise<Answer> {
    const pair = this.#pairOf(request.collection, phase);
    const receipt = this.#receipts.of(request, phase, followsInOracle(phase) ? caller : undefined);
    const course: Course = { causes: [], written: false };
    const stores = portOf(request.key, { ...pair, receipt });
    const sent = () => receipt.sent(request.key, {});
    const follower = this.#bulkheads === null ? null : followerOf(phase);
    const part =
      this.#bulkheads === null || follower === null
        ? null
        : new FollowerPart(stores, phase, follower, sent, this.#bulkheads);
    const port = guard(part?.port ?? stores, timely, course);
    const look = guard(readingUpTo(request.key, LARGEST_BODY, pair, stores), timely, course);
    let unstorable = false;
    const fits = async (content: Content) => {
      unstorable = await requireStorable(pair, phase, timely, request.key, content);
    };
    const keyFits = () => requireKey(pair, phase, request.key);
    let answer: Answer | null = null;
    try {
      answer = await answered({ phase, request, port, look, course, fits, keyFits });
      return answer.kind === 'written' && unstorable ? { ...answer, unstorable } : answer;
    } finally {
      part?.end(answer?.kind === 'written');
      await this.#receiptSent(request, phase, answer, sent);
    }
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

/** A write on its way. */
interface Attempt {
  readonly phase: Phase;
  readonly request: WriteRequest;
  readonly port: Port;
  /** For the look at the document before. */
  readonly look: Port;
  readonly course: Course;
  /** Throws `PoisonDocument` for what the stores of this phase could not hold. */
  readonly fits: (content: Content) => Promise<void>;
  /** The same for the key alone. */
  readonly keyFits: () => void;
}

async function answered(writing: Attempt): Promise<Answer> {
  try {
    return await attempt(writing);
  } catch (error) {
    if (error instanceof TooLargeToRead) return tooLarge(error);
    if (!(error instanceof CallFailed)) throw error;
    const { course } = writing;
    return undurable(course) ?? { kind: 'unavailable', causes: [...course.causes, error] };
  }
}

/** One guarded write where the store can check the condition by itself; otherwise looks, and writes over what it saw. */
async function attempt(writing: Attempt): Promise<Answer> {
  const { request, fits, keyFits } = writing;
  const condition = conditionOf(request.precondition);
  if (condition === null || request.verb === 'patch' || request.request !== undefined) {
    keyFits();
    return lookThenWrite(writing);
  }
  const content = request.verb === 'put' ? documentOf(request.payload) : null;
  await fits(content);
  return writeOnce({ content, condition }, writing);
}

/**
 * An answer without a write tells what is there, and in `seal` and `switch` Oracle must have that first. Where Oracle can never take it, it is
 * told as a read shows it.
 */
async function writeOnce(wanted: Write, writing: Attempt): Promise<Answer> {
  const { phase, request, port } = writing;
  try {
    return answerTo(await perform(write(phase, wanted), port), writing);
  } catch (error) {
    if (!(error instanceof PoisonDocument) || ROUTES[phase].acknowledge !== 'both') throw error;
    if (met(request.precondition, await shown(phase, port))) throw error;
    return { kind: 'refused' };
  }
}

async function lookThenWrite(writing: Attempt): Promise<Answer> {
  const { phase, request, look, fits } = writing;
  for (let tries = 0; tries < ATTEMPTS; tries++) {
    const seen = await shown(phase, look);
    const before = compareName(request.request, seen, phase);
    if (before === 'repetition') return acknowledged(seen.version, writing);
    if (before === 'reused') return { kind: before };
    if (!met(request.precondition, seen)) return { kind: 'refused' };
    const content = contentOf(request, seen.content);
    if (content === 'absent' || content === 'unpatchable') return { kind: content };
    // Nothing is deleted where Couchbase alone decides. Elsewhere Oracle has to remember the deletion of nothing, or Couchbase still
    // holds a document whose time is up in Oracle, and would show it on the way back.
    if (content === null && seen.content === null && ROUTES[phase].order === 'couchbase')
      return answerTo({ kind: 'done', version: seen.version }, writing);
    await fits(content);
    const unchanged =
      seen.content === null
        ? ({ kind: 'absent' } as const)
        : ({ kind: 'version', version: seen.version } as const);
    const answer = await writeOnce({ content, condition: unchanged }, writing);
    if (answer.kind !== 'refused') return answer;
  }
  throw new CallFailed(`Other writers were faster ${ATTEMPTS} times in a row`);
}

/**
 * A repetition has found what it did before. The first time may have ended before a receipt was sent, so nobody has said yet
 * that the follower will have it; where both stores must have it, the look itself has seen to that.
 */
async function acknowledged(version: Version, writing: Attempt): Promise<Answer> {
  const { phase, port } = writing;
  const { second, acknowledge } = ROUTES[phase];
  if (second === null) return answerTo({ kind: 'done', version }, writing);
  await port({ name: 'receipt.send' });
  const sent = await port({ name: 'receipt.sent' });
  const isKnown = sent === true || acknowledge === 'both';
  return answerTo(isKnown ? { kind: 'done', version } : { kind: 'unknown' }, writing);
}

function contentOf(request: WriteRequest, seen: Content): Content | 'absent' | 'unpatchable' {
  const name = request.request === undefined ? undefined : storedName(request.request);
  switch (request.verb) {
    case 'put':
      return documentOf(request.payload, name);
    case 'delete':
      return null;
    case 'patch': {
      if (seen === null) return 'absent';
      if (payloadOf(seen).json === null) return 'unpatchable';
      const patched = mergePatch(Buffer.from(seen.body).toString('utf8'), request.patch);
      const expiresAt = request.expiresAt === 'keep' ? seen.expiresAt : request.expiresAt;
      return documentFrom(Buffer.from(patched), expiresAt, name);
    }
  }
}

function tooLarge({ bytes, version, expiresAt }: TooLargeToRead): Answer {
  return { kind: 'too-large', bytes, version, expiresAt };
}

/** The answer where a mutation was refused for want of durability and nothing else was written; null for any other course. */
function undurable({ causes, written }: Course): Answer | null {
  if (written || !causes.some((cause) => cause instanceof DurabilityImpossible)) return null;
  return { kind: 'unavailable', durability: 'impossible', causes };
}

/**
 * The answer to a write whose protocol steps have ended so. A deletion of what has never been has no version to tell. Where Oracle
 * decides it leaves a tombstone of version 1, which no deletion of a document can have: the document had that version, or a higher one.
 */
function answerTo(outcome: Outcome, { request, course }: Attempt): Answer {
  switch (outcome.kind) {
    case 'done': {
      const isOfNothing = request.verb === 'delete' && outcome.version === 1n;
      return { kind: 'written', version: isOfNothing ? 0n : outcome.version };
    }
    case 'unknown':
      return undurable(course) ?? { kind: 'unknown', causes: course.causes };
    case 'refused':
      return { kind: 'refused' };
  }
}
