/** Clocks and latencies, of either store. */
import type { Timed } from '../stores/facts.ts';
import { bad, doubtful, good, judged, type Verdict } from './line.ts';

/** Seconds. Above the first the nodes are said to be too far apart for a failover; above the second a lease or a TTL is wrong. */
const [FAR, TOO_FAR] = [5, 30];
/** Milliseconds. */
const SLOW = 50;

/** @param call milliseconds that a call may take. */
export function timedVerdicts(
  store: 'COUCHBASE' | 'ORACLE',
  { skew, latency }: Timed,
  call: number,
): Readonly<Record<string, Verdict>> {
  return {
    [`${store}_CLOCK`]: judged(skew, clock),
    [`${store}_LATENCY`]: judged(latency, (median) => latencyVerdict(median, call)),
  };
}

function clock(seconds: number): Verdict {
  const off = Math.abs(seconds);
  const way = seconds > 0 ? 'ahead of' : 'behind';
  const seen = `its clock is ${off.toFixed(1)} s ${way} the one of this side`;
  const todo =
    'Synchronize both clocks (NTP): documents expire by them, and versions of Couchbase come from its own';
  if (off >= TOO_FAR) return bad(seen, todo);
  if (off >= FAR) return doubtful(seen, todo);
  return off === 0 ? good('its clock agrees with the one of this side') : good(seen);
}

function latencyVerdict(median: number, call: number): Verdict {
  const seen = `${median.toFixed(1)} ms, the median of a small question`;
  const todo = 'Place the functions near the stores: the same region, and a route without detours';
  if (median >= call / 4) return bad(`${seen}, of timing.call = ${call} ms`, todo);
  return median >= SLOW ? doubtful(seen, todo) : good(seen);
}
