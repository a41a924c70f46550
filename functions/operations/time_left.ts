/** How the time of one request is shared by what an operation does. All in milliseconds. */

export interface TimeLeft {
  /** In which calls may begin. */
  left(): number;
  /** Whether another call may begin. */
  timely(): boolean;
  /** Whether a sweep may go on: it leaves half of the time for the letters themselves. */
  sweeping(): boolean;
}

/**
 * @param remaining until the function is ended from outside.
 * @param last a call that begins when less than this is left may outlast the function.
 * @param call the longest time of one call: of what is changed in one step, another call follows.
 */
export function timeLeft(remaining: () => number, last: number, call: number): TimeLeft {
  const left = () => remaining() - last - call;
  const half = left() / 2;
  return { left, timely: () => left() > 0, sweeping: () => left() > half };
}
