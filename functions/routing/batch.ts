/** Many writes in one request: each stands for itself, and has an answer of its own. */
import pMap from 'p-map';
import type { Answer, WriteRequest } from './request.ts';
import type { Router, Surroundings } from './router.ts';

/** Writes of one request that are under way at the same time. */
const CONCURRENCY = 16;

export type ItemAnswer = Answer | { readonly kind: 'failed'; readonly error: unknown };

/** In no particular order, so no key may stand twice in it. Answers come in the order of the requests. */
export function writeAll(
  router: Router,
  requests: readonly WriteRequest[],
  surroundings: Surroundings,
): Promise<ItemAnswer[]> {
  const one = async (request: WriteRequest): Promise<ItemAnswer> => {
    try {
      return await router.write(request, surroundings);
    } catch (error) {
      return { kind: 'failed', error };
    }
  };
  return pMap(requests, one, { concurrency: CONCURRENCY });
}
