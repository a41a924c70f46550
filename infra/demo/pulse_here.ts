/** The pulse of the machine that this process runs on. */
import { availableParallelism, loadavg } from 'node:os';
import { BEAT, Pulse } from './pulse.ts';

/** How busy this machine is, from now on. */
export function pulseHere(): Pulse {
  const pulse = new Pulse({
    now: () => performance.now(),
    load: () => loadavg()[0] ?? 0,
    processors: availableParallelism(),
  });
  setInterval(() => pulse.beat(), BEAT).unref();
  return pulse;
}
