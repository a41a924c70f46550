/** Many writes in one request: each stands for itself, and has an answer of its own. */
import type { Answer, WriteRequest } from './request.ts';
import type { Router, Surroundings } from './router.ts';
import type { Window } from './window.ts';

export type ItemAnswer = Answer | { readonly kind: 'failed'; readonly error: unknown };

/**
 * In no particular order, so no key may stand twice in it. Answers come in the order of the requests.
 * @param surroundingsOf a key: it may be in another phase than the others.
 * @param window of the container. @param now milliseconds of a steady clock.
 */
export async function writeAll(
  router: Router,
  requests: readonly WriteRequest[],
  surroundingsOf: (key: string) => Surroundings,
  window: Window,
  now: () => number,
): Promise<ItemAnswer[]> {
  const answers: ItemAnswer[] = [];
  const one = async (request: WriteRequest, n: number): Promise<void> => {
    const began = now();
    try {
      answers[n] = await router.write(request, surroundingsOf(request.key));
    } catch (error) {
      answers[n] = { kind: 'failed', error };
    }
    window.ended(now() - began);
  };
  const underWay = new Set<Promise<void>>();
  for (const [n, request] of requests.entries()) {
    while (underWay.size >= window.size) await Promise.race(underWay);
    const writing = one(request, n).finally(() => underWay.delete(writing));
    underWay.add(writing);
  }
  await Promise.all(underWay);
  return answers;
}
