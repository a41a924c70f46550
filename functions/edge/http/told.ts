/** What an app is told: answers and failures as HTTP responses. */

import { shortened } from '../../parsing/quoted.ts';
import { PhaseUnknown } from '../../phases/phase_cache.ts';
import { documentFrom } from '../../protocol/fingerprint.ts';
import { payloadOf } from '../../protocol/payload.ts';
import type { Phase } from '../../protocol/phase.ts';
import type { Document } from '../../protocol/state.ts';
import type { Version } from '../../protocol/version.ts';
import { met, type Precondition } from '../../routing/precondition.ts';
import type { Answer } from '../../routing/request.ts';
import { LARGEST_ANSWER, SURELY_FITS } from '../../stores/answerable.ts';
import { PoisonDocument } from '../../stores/failure.ts';
import { BadRequest, LONGEST_MESSAGE, type Problem, problem, problemBody } from './problem.ts';

export interface Response {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly isBase64Encoded: boolean;
}

const RETRY_AFTER = 1;

export function etagOf(version: Version): string {
  return `"${version}"`;
}

const AGAIN = { retryAfter: RETRY_AFTER };

const UNKNOWN = problem(
  'outcome-unknown',
  'A store gave no clear answer. Send the same request again; what was begun will be settled either way.',
  AGAIN,
);

const UNDURABLE = problem(
  'durability-impossible',
  'Too few replicas of the document are up. Nothing was written. Send the request again.',
  AGAIN,
);

const PRECONDITION = problem(
  'precondition',
  'Nothing was done. Read the document, and send the request again with its ETag.',
);

/** @param after milliseconds until the write may be tried again. */
function busy(after: number): Problem {
  return problem(
    'key-busy',
    'Nothing was done. Send the request again after Retry-After, and fewer writes of one document at a time.',
    { retryAfter: Math.ceil(after / 1000) },
  );
}

/** The problem that an answer tells of; null for one that is none. */
export function problemIn(answer: Answer): Problem | null {
  switch (answer.kind) {
    case 'found':
    case 'written':
      return null;
    case 'absent':
      return problem('no-such-document', 'No document has this key.');
    case 'too-large':
      return tooLarge(answer.bytes);
    case 'refused':
      return PRECONDITION;
    case 'reused':
      return problem(
        'idempotency-key-reused',
        'You have written this document by another request under the same Idempotency-Key. Nothing was done. Send each ' +
          'request with a key of its own, and a repetition exactly as its first time.',
      );
    case 'unpatchable':
      return problem('unpatchable', 'It is no JSON. Replace it with PUT.');
    case 'busy':
      return busy(answer.after);
    case 'unknown':
      return UNKNOWN;
    case 'unavailable':
      if (answer.durability === 'impossible') return UNDURABLE;
      return problem('unavailable', 'Nothing was written. Send the request again.', AGAIN);
  }
}

/** The problem that a failure is to the client. What nobody has thought of may have happened in the middle of a write. */
export function problemOf(error: unknown): Problem {
  const named = namedProblem(error);
  return { ...named, detail: shortened(named.detail, LONGEST_MESSAGE) };
}

function namedProblem(error: unknown): Problem {
  if (error instanceof BadRequest) return error.problem;
  if (error instanceof PoisonDocument) return problem('unstorable', error.message);
  if (error instanceof PhaseUnknown)
    return problem(
      'phase-unknown',
      'The phase of the migration could not be read. Nothing was done. Send the request again.',
      AGAIN,
    );
  return problem(
    'internal',
    'A write may or may not have taken effect. The log has more under this instance.',
  );
}

export function problemResponse(told: Problem, instance: string): Response {
  const { retryAfter, allow } = told;
  return response(told.status, problemBody(told, instance), {
    ...{ 'content-type': 'application/problem+json', 'cache-control': 'no-store' },
    ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }),
    ...(allow === undefined ? {} : { allow }),
  });
}

/** How a response is dressed. */
export interface Served {
  readonly phase: Phase;
  readonly instance: string;
  /** For HEAD. */
  readonly bodiless: boolean;
}

/** @param precondition of the request, if it is one for a read. */
export function responseTo(answer: Answer, served: Served, precondition: Precondition): Response {
  const { phase, instance } = served;
  const headers = { 'crossfade-phase': phase, 'cache-control': 'no-store' };
  const refusal = answer.kind === 'too-large' ? null : problemIn(answer);
  if (refusal !== null) return dressed(problemResponse(refusal, instance), headers, served);
  if (answer.kind === 'written') {
    const etag = answer.version === 0n ? {} : { etag: etagOf(answer.version) };
    return response(204, '', { ...headers, ...etag });
  }
  if (answer.kind !== 'found' && answer.kind !== 'too-large')
    throw new Error(`No response is known for ${answer.kind}`);
  const { version } = answer;
  const document = answer.kind === 'found' ? answer.document : documentFrom(NOT_READ, answer.expiresAt);
  const state = { content: document, version };
  if (!met({ ...precondition, noneMatch: null }, state))
    return dressed(problemResponse(PRECONDITION, instance), headers, served);
  const expires: Record<string, string> =
    document.expiresAt === null ? {} : { 'expires-at': new Date(document.expiresAt).toISOString() };
  const all = { ...headers, etag: etagOf(version), ...expires };
  if (!met(precondition, state)) return response(304, '', all);
  if (answer.kind === 'too-large') return dressed(unreadResponse(answer.bytes, served), all, served);
  const found = dressed(documentResponse(document, served), all, served);
  return fits(found)
    ? found
    : dressed(problemResponse(tooLarge(document.body.length), instance), all, served);
}

/** Stands for a body that was measured, and not read. */
const NOT_READ = Buffer.alloc(0);

/** A HEAD tells the size; whether the body is JSON was not read. */
function unreadResponse(bytes: number, { bodiless, instance }: Served): Response {
  if (bodiless) return response(200, '', { 'content-length': String(bytes) });
  return problemResponse(tooLarge(bytes), instance);
}

function documentResponse(document: Document, { bodiless }: Served): Response {
  const { body } = document;
  const json = payloadOf(document).json !== null;
  const type = { 'content-type': json ? 'application/json' : 'application/octet-stream' };
  if (bodiless) return response(200, '', { ...type, 'content-length': String(body.length) });
  const text = Buffer.from(body).toString(json ? 'utf8' : 'base64');
  return { ...response(200, text, type), isBase64Encoded: !json };
}

function fits(answer: Response): boolean {
  const { body } = answer;
  if (Buffer.byteLength(body) <= SURELY_FITS) return true;
  return Buffer.byteLength(JSON.stringify(answer)) <= LARGEST_ANSWER;
}

function tooLarge(bytes: number): Problem {
  return problem(
    'too-large',
    `It has ${bytes} bytes, which is more than a function can answer with, or look at. Nothing was written. Read or mend it in its store.`,
  );
}

/** With these headers; and for a HEAD without a body, whatever it is. */
export function dressed(
  given: Response,
  headers: Readonly<Record<string, string>>,
  { bodiless }: Pick<Served, 'bodiless'>,
): Response {
  const all = { ...given, headers: { ...given.headers, ...headers } };
  return bodiless ? { ...all, body: '', isBase64Encoded: false } : all;
}

function response(statusCode: number, body: string, headers: Readonly<Record<string, string>>): Response {
  return { statusCode, headers, body, isBase64Encoded: false };
}
