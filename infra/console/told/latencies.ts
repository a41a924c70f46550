/** How long requests and calls to stores take, as people read it. */
import { type InPhase, LATELY, type Latency } from '../../../functions/operations/latencies.ts';
import type { Figures } from '../../../functions/records/latencies.ts';

/** What was measured, or why it cannot be told. */
export type ToldLatency = Latency | { readonly unread: string };

/** Of a collection in the phase that it is in, and in that which a share of its keys is ahead in; nothing where nobody has asked. */
export function latencyLines({ latency }: { readonly latency?: ToldLatency }): string[] {
  if (latency === undefined) return [];
  if ('unread' in latency) return [`latency   not told: ${latency.unread}`];
  const { ahead } = latency;
  return [...phaseLines(latency), ...(ahead === undefined ? [] : phaseLines(ahead))];
}

function phaseLines({ phase, requests, calls }: InPhase): string[] {
  const what = `in ${phase}, the last ${LATELY / 60_000} minutes`;
  if (requests.length === 0 && calls.length === 0) return [`latency   ${what}: no request was measured`];
  return [
    `latency   ${what}`,
    ...requests.map((each) => lineOf(each.operation, each)),
    ...calls.map((each) => lineOf(`${each.store} ${each.operation}`, each)),
  ];
}

function lineOf(name: string, { count, failed, p50, p99 }: Figures): string {
  const times = [p50, p99].map((time) => (time === null ? '' : time.toFixed(1)).padStart(9));
  const share = failed === 0 ? '' : `, ${failed} failed (${((100 * failed) / count).toFixed(2)} %)`;
  return `  ${name.padEnd(18)} p50 ${times[0]} ms  p99 ${times[1]} ms  ${count}${share}`;
}
