/** The old service moves to the API, and its user loses the right to write in Couchbase: before `seal`, as the operators' manual says. */
import type { Overview } from '../../functions/operations/overview.ts';
import { feedLines } from '../console/told/feed.ts';
import { COLLECTION } from './past.ts';
import { Stuck } from './patience.ts';
import type { Screen } from './screen.ts';
import type { Stage } from './stage.ts';

const RIGHTS = `npx crossfade rights ${COLLECTION}`;

/** Throws `Stuck`. */
export async function handOver(stage: Stage, screen: Screen): Promise<void> {
  const { past, crowd, patience } = stage;
  const all = await patience.again('the status is not told', () => stage.look());
  tellFeed(screen, all);
  await tellRights(stage, screen);
  await patience.within('the old service is not answered', crowd.stopOld());
  await patience.within('an embedded server does not answer', past.readOnly(['old-service']));
  crowd.oldUsesApi();
  screen.tell('The old service uses the API from now on. Its user in Couchbase may only read');
  if (!(await tellRights(stage, screen))) throw new Stuck(`${RIGHTS} finds that the old service can write`);
}

/** What `status` says of the writes past the API. */
export function tellFeed(screen: Pick<Screen, 'tell'>, all: readonly Overview[]): void {
  const seen = all.find(({ collection }) => collection === COLLECTION);
  if (seen === undefined || 'missing' in seen.evidence) return;
  for (const line of feedLines(seen.evidence.feed, seen.effective.phase, Date.now()))
    screen.tell(`${COLLECTION}: ${line.trim()}`);
}

/** @returns whether it cannot write. */
async function tellRights({ past, patience }: Stage, screen: Screen): Promise<boolean> {
  screen.tell(`Operator: ${RIGHTS}`);
  const { lines, well } = await patience.again('the rights are not told', () => past.rights());
  for (const line of lines) screen.tell(line);
  return well;
}
