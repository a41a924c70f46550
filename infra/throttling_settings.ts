/** How many requests a second API Gateway passes on: what is beyond that is answered 429, and costs no container. */
import * as v from 'valibot';
import { whole } from '../functions/parsing/whole.ts';

/** Requests a second that one container of the API serves, where each takes 20 ms. */
export const SERVED = 50;
/** Times what the containers serve: a request may take 5 ms, and a limit below what could be served refuses without need. */
const ROOM = 4;
/** Seconds of the rate that may come at the same moment. */
const AT_ONCE = 0.2;

/** Null for the limits of the account alone. */
export const THROTTLING_SETTINGS = v.nullable(
  v.strictObject({
    /** Requests a second. */
    rate: v.optional(whole(1, 100_000)),
    /** Requests that may come at the same moment. */
    burst: v.optional(whole(1, 5000)),
  }),
);

interface Given {
  /** Containers of the API at most. */
  readonly concurrency: { readonly api: number };
  readonly throttling: v.InferOutput<typeof THROTTLING_SETTINGS>;
}

export interface Throttling {
  /** Requests a second. */
  readonly rate: number;
  readonly burst: number;
}

/** Four times what the containers serve, and a fifth of a second's requests at once, where the settings do not say. */
export function throttlingOf({ concurrency: { api }, throttling }: Given): Throttling | null {
  if (throttling === null) return null;
  const rate = throttling.rate ?? ROOM * SERVED * api;
  return { rate, burst: throttling.burst ?? Math.max(1, Math.min(5000, Math.round(rate * AT_ONCE))) };
}
