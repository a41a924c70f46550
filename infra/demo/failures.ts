/** Why functions fail that the API invokes: told now and then, since on a busy machine it may be many at once. */
import { GATEWAY } from '../local/gateway.ts';
import type { Screen } from './screen.ts';

/** Milliseconds between two that are told. */
const SELDOM = 10_000;

/** @param now milliseconds on a clock that never goes back. @returns what is given each line that functions and the gateway print. */
export function failuresTold(
  screen: Pick<Screen, 'tell'>,
  now: () => number,
): (source: string, line: string) => void {
  let [last, left] = [Number.NEGATIVE_INFINITY, 0];
  return (source, line) => {
    if (source !== GATEWAY) return;
    if (now() - last < SELDOM) {
      left++;
      return;
    }
    screen.tell(`A request failed: ${line}${left === 0 ? '' : ` (and ${left} before it)`}`);
    [last, left] = [now(), 0];
  };
}
