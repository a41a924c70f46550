/** Stops asking stores that do not answer: after a few failures in a row no receipt is settled for a while, and then one is tried. */
import { Circuit } from '../stores/circuit.ts';

/** One store that answers says little of the other: only failures in a row open it, and the first receipt that is settled closes it. */
const IN_A_ROW = 5;
/** Milliseconds. */
const PAUSE = 10_000;

export function newBreaker(): Circuit {
  return new Circuit({ window: IN_A_ROW, failures: IN_A_ROW, pause: PAUSE, trials: 1 });
}
