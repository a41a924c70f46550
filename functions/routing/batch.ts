/** Many writes in one request: each stands for itself, and has an outcome of its own. */
import pMap from 'p-map';
import type { Answer, WriteRequest } from './request.ts';
import type { Router, Surroundings } from './router.ts';

/** Writes of one request that are under way at the same time. */
const CONCURRENCY = 16;

export type ItemOutcome = Answer | { readonly kind: 'failed'; readonly error: unknown };

/** In no particular order, so no key may stand twice in it. Outcomes come in the order of the requests. */
export function writeAll(
  router: Router,
  requests: readonly WriteRequest[],
  surroundings: Surroundings,
): Promise<ItemOutcome[]> {
  const one = async (request: WriteRequest): Promise<ItemOutcome> => {
    try {
      return await router.write(request, surroundings);
    } catch (error) {
      return { kind: 'failed', error };
    }
  };
  return pMap(requests, one, { concurrency: CONCURRENCY });
}
