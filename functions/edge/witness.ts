/** What a container learns of Couchbase from the mutations that it makes: the clocks of its nodes, and failovers. */
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Partitions } from '../books/partitions.ts';
import { bake, type Collection, type Parsed } from '../configuration/configuration.ts';
import {
  type FailoverPorts,
  type FailoverWatch,
  failoverWatch,
  type Watched,
} from '../identity/failovers.ts';
import type { Clock } from '../phases/phase_cache.ts';
import { clockWatch, instantOf } from '../stores/couchbase/clock.ts';
import type { Witness } from '../stores/witness.ts';
import type { Container } from './container.ts';

export interface WitnessParts
  extends Pick<Container, 'logger' | 'metrics' | 'now' | 'configuration'>,
    Pick<FailoverPorts, 'phase' | 'note'> {
  readonly clock: Clock;
  /** The ledger, once there is one. */
  partitions(): Partitions;
}

export interface Witnesses {
  /** Sees the mutations of a collection. */
  readonly of: (collection: string) => Witness;
  readonly failovers: FailoverWatch;
}

export function witnesses(parts: WitnessParts): Witnesses {
  const { clock, metrics, now, configuration } = parts;
  const look = clockWatch({
    tell: (name, seconds) => metrics.addMetric(name, MetricUnit.Seconds, seconds),
    steady: clock.steady,
  });
  const failovers = failoverWatch(failoverPorts(parts));
  const of = (collection: string): Witness => {
    const bucket = configuration.collections[collection]?.couchbase.bucket ?? '';
    // A mutation is made: whatever is wrong with what is learned from it must not be taken for its failure.
    const learn = (act: () => void) => {
      try {
        act();
      } catch (error) {
        const about = { bucket, cause: String(error) };
        parts.logger.warn('Nothing was learned from a call to Couchbase', about);
      }
    };
    return {
      now: () => instantOf(clock.wall(), now()),
      made: (made) =>
        learn(() => {
          look(made);
          failovers.see(bucket, made.partition);
        }),
      looked: (partition) => learn(() => failovers.see(bucket, partition)),
    };
  };
  return { of, failovers };
}

function failoverPorts({ logger, metrics, partitions, ...parts }: WitnessParts): FailoverPorts {
  const { configuration, phase, note, clock } = parts;
  const { lease } = configuration.timing;
  // The shared clock stands still while the sandbox is frozen, until the phase is read again: what is noted must not be too early.
  const now = () => {
    const shared = parts.now();
    return Math.max(shared, Math.min(clock.wall(), shared + lease));
  };
  return {
    ...{ phase, note, now, bake: bake(configuration.timing) },
    buckets: bucketsOf(configuration.collections),
    known: (bucket) => partitions().of(bucket),
    remember: (bucket, seen) => partitions().remember(bucket, seen),
    told: (bucket, seen, noted) => {
      // It may come after the answer to the request: what is stored then would wait for the next request of this container.
      metrics.singleMetric().addMetric('CouchbaseFailedOver', MetricUnit.Count, 1);
      logger.warn('Couchbase has failed over: partitions have another history than before', {
        ...{ bucket, partitions: seen, noted },
      });
    },
    failed: (bucket, error) =>
      logger.warn('Histories of partitions could not be compared or noted: later mutations try again', {
        ...{ bucket, cause: String(error) },
      }),
  };
}

function bucketsOf(collections: Parsed['collections']): ReadonlyMap<string, Watched> {
  const names = Object.keys(collections);
  const of = (name: string) => collections[name] as Collection;
  const isNotDurable = (name: string) =>
    of(name).durability === 'none' || of(name).durabilityImpossible === 'accept';
  const grouped = Map.groupBy(names, (name) => of(name).couchbase.bucket);
  return new Map(
    [...grouped].map(([bucket, all]) => [bucket, { collections: all, notDurable: all.filter(isNotDurable) }]),
  );
}
