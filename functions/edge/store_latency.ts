/** How long calls of requests to a store take: the metric `StoreLatency`, with the dimensions `Store` and `Phase`. */
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Phase, StoreName } from '../protocol/phase.ts';

/** One line of the log for each store and phase, with up to 100 values, at most so often in milliseconds: lines are paid for by their bytes. */
const PAUSE = 10_000;

interface Series {
  readonly metrics: Pick<Metrics, 'addMetric' | 'hasStoredMetrics' | 'publishStoredMetrics' | 'setTimestamp'>;
  /** When the first value was measured that is not published; null where there is none. */
  since: number | null;
}

/** @param store, phase values of the dimensions. */
export function seriesOf(store: StoreName, phase: Phase): Series['metrics'] {
  return new Metrics({
    ...{ namespace: 'Crossfade', serviceName: 'crossfade' },
    defaultDimensions: { Store: store, Phase: phase },
  });
}

/** Collects the values of a container, and publishes them without a call: CloudWatch reads them in the log. */
export class StoreLatency {
  readonly #create: typeof seriesOf;
  readonly #now: () => number;
  readonly #series = new Map<string, Series>();
  #published = Number.NEGATIVE_INFINITY;

  /** @param now milliseconds since the epoch. */
  constructor(create: typeof seriesOf, now: () => number) {
    this.#create = create;
    this.#now = now;
  }

  note(store: StoreName, phase: Phase, milliseconds: number): void {
    const name = `${store} ${phase}`;
    const series = this.#series.get(name) ?? { metrics: this.#create(store, phase), since: null };
    this.#series.set(name, series);
    series.since ??= this.#now();
    series.metrics.addMetric('StoreLatency', MetricUnit.Milliseconds, milliseconds);
  }

  /**
   * To be called at the end of each invocation. The first values are published at once, later ones with the first invocation after the pause:
   * the last ones of a container that is never invoked again are lost.
   */
  ended(): void {
    if (this.#now() - this.#published < PAUSE) return;
    this.#published = this.#now();
    for (const series of this.#series.values()) {
      const { since, metrics } = series;
      series.since = null;
      // Of a hundred values the last one has published all.
      if (since === null || !metrics.hasStoredMetrics()) continue;
      // The sandbox may have been frozen since they were measured.
      metrics.setTimestamp(since);
      metrics.publishStoredMetrics();
    }
  }
}
