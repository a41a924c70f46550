/** A write, from the request to its answer: looks where its condition needs one, and writes over what it saw. */
import { CallFailed, perform } from '../protocol/call.ts';
import { documentFrom, documentOf } from '../protocol/fingerprint.ts';
import { payloadOf } from '../protocol/payload.ts';
import { type Phase, ROUTES } from '../protocol/phase.ts';
import type { Content } from '../protocol/state.ts';
import type { Version } from '../protocol/version.ts';
import { type Outcome, type Write, write } from '../protocol/write.ts';
import { DurabilityImpossible, PoisonDocument, TooLargeToRead } from '../stores/failure.ts';
import type { Course, Port } from './guard.ts';
import { mergePatch } from './merge_patch.ts';
import { conditionOf, met } from './precondition.ts';
import { compareName, storedName } from './repetition.ts';
import type { Answer, WriteRequest } from './request.ts';
import { shown } from './shown.ts';

/** How often a look and a write that depends on it are tried, while others keep writing in between. */
const ATTEMPTS = 8;

/** A write on its way. */
export interface Attempt {
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

export async function answered(writing: Attempt): Promise<Answer> {
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

export function tooLarge({ bytes, version, expiresAt }: TooLargeToRead): Answer {
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
