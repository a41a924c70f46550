/** Answers that say what went wrong, as problem details (RFC 9457). */
import { PROBLEM_TYPE, PROBLEMS, type Slug } from './problems.ts';

/** What a client sees of a mistake; `next` tells what to do about it. */
export interface Problem {
  readonly slug: Slug;
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  /** Seconds, for Retry-After. */
  readonly retryAfter?: number;
  /** Methods, for Allow. */
  readonly allow?: string;
}

/** @param more headers beside it. */
export function problem(
  slug: Slug,
  detail: string,
  more: Pick<Problem, 'retryAfter' | 'allow'> = {},
): Problem {
  return { ...PROBLEMS[slug], detail, ...more };
}

/** A request that cannot be served as it is. Nothing was done. */
export class BadRequest extends Error {
  override readonly name = 'BadRequest';
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail);
    this.problem = problem;
  }
}

/** @param slug names the kind of problem in its URI. */
export function bad(slug: Slug, detail: string): BadRequest {
  return new BadRequest(problem(slug, detail));
}

/** @param wait milliseconds after which a request of the caller will be taken. */
export function tooMany(wait: number): BadRequest {
  const detail = 'Nothing was done. Send the request again after Retry-After, and fewer requests a second.';
  return new BadRequest(
    problem('too-many-requests', detail, { retryAfter: Math.max(1, Math.ceil(wait / 1000)) }),
  );
}

/** Characters of a message that a client or the log is given. What it says of a request is shorter; what a store says may not be. */
export const LONGEST_MESSAGE = 1000;

/** A problem of the API, or of the operators' route, which has kinds of its own. */
type Described = Omit<Problem, 'slug'> & { readonly slug: string };

/** What a client is told of a problem, but for its status and place. */
export function problemDetails({ slug, title, detail }: Described) {
  return { type: `${PROBLEM_TYPE}${slug}`, title, detail };
}

/** The body of a problem response. */
export function problemBody(problem: Described, instance: string): string {
  const { type, title, detail } = problemDetails(problem);
  return JSON.stringify({ type, title, status: problem.status, detail, instance });
}
