/** What the route of change feeds reaches: Oracle for versions and probes, and the queue of receipts. */
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { feedDelay } from '../configuration/configuration.ts';
import { prefixOf } from '../records/feed.ts';
import { RecentReceipts, type Taken } from '../routing/changes.ts';
import { rowVersions } from '../stores/oracle/versions.ts';
import type { Container } from './container.ts';
import type { ChangesRoute } from './http/changes.ts';

/** @returns of one container. */
export function changesRoute({
  configuration,
  stores,
  metrics,
  logger,
  sendReceipt,
  now,
  steady,
}: Pick<Container, 'configuration' | 'stores' | 'metrics' | 'logger' | 'sendReceipt' | 'now'> & {
  /** Milliseconds of a steady clock. */
  readonly steady: () => number;
}): ChangesRoute {
  const feedOf = (collection: string) => configuration.collections[collection]?.feed ?? null;
  const count = (name: string, many: number) => {
    if (many > 0) metrics.addMetric(name, MetricUnit.Count, many);
  };
  /** A feed goes on where Oracle is away, and these are only told of. */
  const tried = (act: () => Promise<unknown>, message: string) =>
    act().then(
      () => {},
      (error: unknown) => logger.warn(message, error as Error),
    );
  return {
    // One feed at a time: a probe that comes back by the other one would hide that this one is silent.
    hasFeed: (collection) => feedOf(collection)?.kafka === undefined && feedOf(collection) !== null,
    now,
    took: (_collection, taken, lag) => {
      for (const [name, many] of metricsOf(taken)) count(name, many);
      metrics.addMetric('FeedLag', MetricUnit.Milliseconds, lag);
    },
    ports: {
      taking: (collection, key) => stores.of(collection).selection.of(key),
      versions: (collection, keys) => {
        const { database, table } = stores.of(collection);
        return rowVersions(database, table.name, keys, now());
      },
      send: sendReceipt,
      cameBack: (collection, key) =>
        tried(
          () => stores.feeds.cameBack(collection, key, now(), feedOf(collection)?.silent ?? 0),
          'A probe of the change feed was not noted',
        ),
      lost: async (collection, keys) => {
        count('ForeignWrites', keys.length);
        count('ForeignConflicts', keys.length);
        logger.warn('FOREIGN_WRITE: documents were written past the API, where nobody reads them', {
          collection,
          keys,
        });
        for (const [prefix, some] of Map.groupBy(keys, prefixOf))
          await tried(
            () =>
              stores.feeds.noteForeign({ collection, phase: 'contract', prefix, writes: some.length }, now()),
            'Writes past the API were not noted',
          );
      },
      recent: new RecentReceipts(feedDelay(configuration.timing), steady),
    },
  };
}

function metricsOf({
  known,
  collapsed,
  receipts,
  notTaken,
}: Taken): (readonly [name: string, many: number])[] {
  return [
    ['ChangesKnown', known],
    ['ChangesCollapsed', collapsed],
    ['ChangesLookedAt', receipts],
    ['ChangesNotTaken', notTaken],
  ];
}
