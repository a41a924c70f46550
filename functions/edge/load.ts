/** What reads how hard Oracle works, for workers of runs and for operators. */
import type { Logger } from '@aws-lambda-powertools/logger';
import type { Parsed } from '../configuration/configuration.ts';
import type { Clock } from '../phases/phase_cache.ts';
import { due, judge, type LoadSummary, summaryOf } from '../runs/load.ts';
import type { LoadParts } from '../runs/load_watch.ts';
import { readLoad } from '../stores/oracle/readings.ts';
import type { Container } from './container.ts';
import type { Stores } from './stores.ts';

/** Milliseconds for one reading at most: a view that takes longer does more harm than its reading does good. */
const LONGEST = 2000;

export function loadOf(
  { database, load }: Stores,
  { bulkLimits, timing }: Pick<Parsed, 'bulkLimits' | 'timing'>,
  clock: Clock,
  logger: Pick<Logger, 'warn'>,
): LoadParts {
  return {
    ...{ limits: bulkLimits, clock },
    published: () => load.read(),
    claim: (seen, next) => load.claim(seen, next),
    look: (names) => readLoad(database, names, Math.min(timing.call, LONGEST)),
    publish: (next, found) => load.publish(next, found),
    warn: (message, about) => logger.warn(message, about),
  };
}

type Parts = Pick<Container, 'stores' | 'configuration' | 'now'>;

/** What a worker of runs has read last. Null where none has, or Oracle does not answer: other parts of `status` say so. */
export async function publishedLoad({ stores, now }: Parts): Promise<LoadSummary | null> {
  try {
    const { load } = await stores.load.read();
    return load === null ? null : summaryOf(load, now());
  } catch {
    return null;
  }
}

/** As it is now, read for one operator: nothing is published. */
export async function presentLoad({ stores, configuration, now }: Parts): Promise<LoadSummary> {
  const { bulkLimits, timing } = configuration;
  const readings = await readLoad(
    stores.database,
    due(bulkLimits, null, now()),
    Math.min(timing.call, LONGEST),
  );
  const summary = summaryOf(judge(bulkLimits, readings, null, now()), now());
  // Only the statements that a DBA is shown need it.
  const user = await stores.database.user().catch(() => null);
  return user === null ? summary : { ...summary, user };
}
