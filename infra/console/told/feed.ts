/** The change feed of a collection, as operators read it. */
import { type FeedEvidence, isSilent, lastForeign } from '../../../functions/control/feed.ts';
import { type Phase, ROUTES } from '../../../functions/protocol/phase.ts';
import { instant } from './time.ts';

/** Prefixes that are named. */
const MOST = 5;

/** @param now milliseconds since the epoch. */
export function feedLines(feed: FeedEvidence | undefined, phase: Phase, now: number): string[] {
  if (feed === undefined) return [];
  const { foreign, kafka } = feed;
  const source = kafka === undefined ? '' : `topic ${kafka.topic}: `;
  return [
    `  feed     ${source}${stateOf(feed, phase, now)}; ${foreignText(feed)}`,
    ...foreign.slice(0, MOST).map(lineOf),
    ...more(foreign.length),
  ];
}

/** Where one store alone is written, no probe is sent, and none that is missing means anything. */
function stateOf(feed: FeedEvidence, phase: Phase, now: number): string {
  const { seen } = feed;
  if (ROUTES[phase].second === null) return `not probed in ${phase}, from expand to settle alone`;
  if (seen === null || seen.seen === 0) return 'FEED_SILENT: no probe has come back yet';
  return isSilent(feed, now)
    ? `FEED_SILENT: no probe has come back since ${instant(seen.seen)}`
    : `at work since ${instant(seen.since)}, ${seen.lag} ms late`;
}

function foreignText({ foreign }: FeedEvidence): string {
  const sum = foreign.reduce((all, { writes }) => all + writes, 0);
  return sum === 0
    ? 'nobody has written past the API'
    : `about ${sum} writes past the API, the last one found ${instant(lastForeign({ foreign }))}`;
}

function lineOf({ phase, prefix, writes, last }: FeedEvidence['foreign'][number]): string {
  const late = phase === 'expand' ? '' : ' (LATE: see the alarm ForeignConflicts)';
  return `    ${prefix}  ${writes} in ${phase}, the last one ${instant(last)}${late}`;
}

function more(all: number): string[] {
  return all > MOST ? [`    and ${all - MOST} more: --json lists them`] : [];
}
