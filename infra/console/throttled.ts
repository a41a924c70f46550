/** Requests that API Gateway or Lambda refuses, since too many are under way: they are sent again, for a bounded time. */

/** What the gateway or the function has answered, and after how many milliseconds. */
export interface Answered {
  readonly status: number;
  readonly text: string;
  readonly took: number;
}

export interface Pauses {
  /** Milliseconds, steady. */
  now(): number;
  sleep(milliseconds: number): Promise<unknown>;
  /** Between 0 and 1: commands that were refused together do not come back together. */
  random(): number;
}

/** Milliseconds from the first refusal on, and the shortest and longest pause between two attempts. */
const [PATIENCE, SHORTEST, LONGEST] = [20_000, 250, 4000];

/** Milliseconds. The gateway gives up after 30 seconds with the same answer, and then the function may be at work. (AWS, "Quotas for HTTP APIs") */
const REFUSED_WITHIN = 25_000;

/** The last answer: not a refusal, unless there was no other one for 20 seconds. */
export async function untilTaken<Answer extends Answered>(
  send: () => Promise<Answer>,
  { now, sleep, random }: Pauses,
): Promise<Answer> {
  const until = now() + PATIENCE;
  for (let longest = SHORTEST; ; longest = Math.min(2 * longest, LONGEST)) {
    const answered = await send();
    const pause = longest * (0.5 + random() / 2);
    if (!isThrottled(answered) || now() + pause > until) return answered;
    await sleep(pause);
  }
}

/** The function was not run, so nothing was done: an answer of the function has a `type`, and no `message`. */
export function isThrottled({ status, text, took }: Answered): boolean {
  return status === 429 || (status === 503 && isOfGateway(text) && took < REFUSED_WITHIN);
}

export function isOfGateway(text: string): boolean {
  try {
    const { type, message } = JSON.parse(text) as { type?: unknown; message?: unknown };
    return type === undefined && typeof message === 'string';
  } catch {
    return false;
  }
}
