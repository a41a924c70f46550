/** What is printed at the end of a soak. */
import type { Fault } from '../../infra/demo/book.ts';
import type { Stage } from '../../infra/demo/stage.ts';
import type { Fallbacks } from './fallback.ts';
import type { Poison } from './poison.ts';
import type { Count } from './trouble.ts';

export interface Outcome {
  readonly rounds: number;
  readonly redriven: number;
  readonly wrong: readonly Fault[];
  readonly stuck: string | null;
  readonly troubles: ReadonlyMap<string, Count>;
  /** What became of what Oracle had forgotten. */
  readonly forgotten: Fallbacks['counts'];
  readonly poison: Pick<Poison, 'counts' | 'unmet'>;
}

export function summaryOf(
  { tally, crowd }: { readonly tally: Stage['tally']; readonly crowd: Pick<Stage['crowd'], 'book'> },
  { rounds, redriven, wrong, stuck, troubles, forgotten, poison }: Outcome,
): string[] {
  const { requests, failed, longest } = tally.total;
  const all = [...troubles.values()].reduce((sum, { times }) => sum + times, 0);
  const never = [...troubles].filter(([, { struck }]) => struck === 0).map(([name]) => name);
  return [
    `${rounds} rounds, ${requests} requests, ${failed} failed, the longest took ${longest} ms; ${crowd.book.acknowledged} writes were acknowledged`,
    ...[...tally.failures].map(([why, times]) => `  ${times} ${why}`),
    `${all} troubles; ${redriven} messages were set aside, and sent again`,
    ...[...troubles].map(([name, { times, struck }]) => `  ${times} times, ${struck} struck: ${name}`),
    ...(never.length === 0 ? [] : [`THESE HAVE STRUCK NOTHING, so they prove nothing: ${never.join('; ')}`]),
    'What Oracle had forgotten, and Couchbase still held:',
    ...Object.entries(forgotten).map(([what, times]) => `  ${times} ${what}`),
    'Documents that were planted past the API, and what became of them:',
    ...Object.entries(poison.counts).map(([what, times]) => `  ${times} ${what}`),
    `  ${poison.unmet} met by no run yet`,
    `${wrong.length} wrong`,
    ...wrong.slice(0, 20).map(({ kind, key, detail }) => `  ${kind}: ${key}: ${detail}`),
    ...(stuck === null ? [] : [`STUCK: ${stuck}`]),
  ];
}
