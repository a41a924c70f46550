/** The change feed of a collection, as operators read it. */
import { type FeedEvidence, isSilent, lastForeign } from '../../../functions/control/feed.ts';
import { instant } from './time.ts';

/** Prefixes that are named. */
const MOST = 5;

/** @param now milliseconds since the epoch. */
export function feedLines(feed: FeedEvidence | undefined, now: number): string[] {
  if (feed === undefined) return [];
  const { seen, foreign } = feed;
  const state =
    seen === null || seen.seen === 0
      ? 'FEED_SILENT: no probe has come back yet'
      : isSilent(feed, now)
        ? `FEED_SILENT: no probe has come back since ${instant(seen.seen)}`
        : `at work since ${instant(seen.since)}, ${seen.lag} ms late`;
  return [
    `  feed     ${state}; ${foreignText(feed)}`,
    ...foreign.slice(0, MOST).map(lineOf),
    ...more(foreign.length),
  ];
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
