/** The demo at one moment, as it is drawn on a terminal. */
import type { Overview } from '../../functions/operations/overview.ts';
import { diagram } from '../console/told/phases.ts';
import { barOf } from '../console/told/runs.ts';
import type { Tally } from './tally.ts';

export function pictureOf(all: readonly Overview[], tally: Tally, rate: number): string[] {
  const { requests, failed, p50, p99, longest } = tally.total;
  return [
    '',
    ...all.map(({ collection, effective }) => `${collection.padEnd(10)} ${diagram(effective.phase)}`),
    `requests   ${requests}, ${rate}/s, ${failed} failed; p50 ${p50} ms, p99 ${p99} ms, longest ${longest} ms`,
    ...receipts(all),
    ...all.flatMap(({ runs }) => runs.map(barOf)),
    ...all.flatMap(waiting),
  ];
}

function receipts(all: readonly Overview[]): string[] {
  const known = all.flatMap(({ evidence }) => ('missing' in evidence ? [] : [evidence]));
  const [first] = known;
  if (first === undefined) return ['receipts   a store is away: nobody counts them'];
  const { delayed, due, hidden } = first.receipts;
  const waits = known.reduce((sum, each) => sum + each.receipts.waiting, 0);
  const dead = known.reduce((sum, each) => sum + each.deadLetters, 0);
  return [
    `receipts   ${delayed} on their way, ${due + hidden} in work, ${waits} waiting for a store; dead letters ${dead}`,
  ];
}

function waiting({ collection, decision }: Overview): string[] {
  if (!('conditions' in decision)) return [];
  const missing = decision.conditions.find(({ holds }) => !holds);
  return missing === undefined
    ? []
    : [`${collection} waits for ${decision.to}: ${missing.name}: ${missing.measured}`];
}
