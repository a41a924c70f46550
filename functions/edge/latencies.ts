/**
 * How long requests take, and calls of requests to a store, and which of them fail: metrics with the dimensions `Collection`, `Phase` and `Operation`, or
 * `Store`, `Phase` and `Operation`. CloudWatch reads them in the log, so they cost no call.
 */
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Phase, StoreName } from '../protocol/phase.ts';
import type { CallKind, Subject } from '../records/latencies.ts';

/** One line of the log for each of them, at most so often in milliseconds: lines are paid for by their bytes. */
const PAUSE = 10_000;
/** Values of one line. (CloudWatch, "Specification: Embedded metric format".) */
const VALUES = 100;

type Dimensions = Readonly<Record<string, string>>;

/** The names of the metrics of a subject, and its dimensions. */
export interface Named {
  readonly latency: 'RequestLatency' | 'StoreLatency';
  readonly failures: 'RequestFailures' | 'StoreFailures';
  readonly dimensions: Dimensions;
}

export function namedAs(subject: Subject): Named {
  const { phase: Phase, operation: Operation } = subject;
  if (subject.of === 'request')
    return {
      latency: 'RequestLatency',
      failures: 'RequestFailures',
      dimensions: { Collection: subject.collection, Phase, Operation },
    };
  return {
    latency: 'StoreLatency',
    failures: 'StoreFailures',
    dimensions: { Store: subject.store, Phase, Operation },
  };
}

interface Series {
  readonly named: Named;
  readonly metrics: Metrics;
  /** What is added to the dimensions that all values have: each set makes a metric of its own. */
  readonly sets: readonly Dimensions[];
  /** Milliseconds. */
  values: number[];
  failed: number;
  /** When the first value was measured that is not published. */
  since: number;
}

export class Latencies {
  readonly #now: () => number;
  readonly #series = new Map<string, Series>();
  #published = Number.NEGATIVE_INFINITY;

  /** Of a container. @param now milliseconds since the epoch. */
  constructor(now: () => number) {
    this.#now = now;
  }

  note(subject: Subject, milliseconds: number, failed: boolean): void {
    const name = Object.values(subject).join(' ');
    const series = this.#series.get(name) ?? seriesOf(subject);
    this.#series.set(name, series);
    if (series.values.length === 0) series.since = this.#now();
    series.values.push(Math.round(milliseconds * 100) / 100);
    series.failed += failed ? 1 : 0;
  }

  /**
   * To be called at the end of each invocation. The first values are published at once, later ones with the first invocation after the pause:
   * the last ones of a container that is never invoked again are lost.
   */
  ended(): void {
    if (this.#now() - this.#published < PAUSE) return;
    this.#published = this.#now();
    for (const series of this.#series.values()) publish(series);
  }
}

/** That of a store and a phase is older than that of an operation, and dashboards and alarms of operators may watch it. */
function seriesOf(subject: Subject): Series {
  const named = namedAs(subject);
  const { Operation = '', ...others } = named.dimensions;
  const [all, sets] = subject.of === 'store' ? [others, [{}, { Operation }]] : [named.dimensions, []];
  const metrics = new Metrics({
    ...{ namespace: 'Crossfade', serviceName: 'crossfade', defaultDimensions: { ...all } },
  });
  return { named, metrics, sets, values: [], failed: 0, since: 0 };
}

function publish(series: Series): void {
  const { named, metrics, sets, values, failed, since } = series;
  series.values = [];
  series.failed = 0;
  for (let from = 0; from < values.length; from += VALUES) {
    for (const set of sets) metrics.addDimensions({ ...set });
    // The sandbox may have been frozen since they were measured.
    metrics.setTimestamp(since);
    if (from === 0 && failed > 0) metrics.addMetric(named.failures, MetricUnit.Count, failed);
    for (const value of values.slice(from, from + VALUES))
      metrics.addMetric(named.latency, MetricUnit.Milliseconds, value);
    // The last of a hundred values has published all.
    if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
  }
}

/** Methods of stores that change nothing, and that remove a document. */
const READS: ReadonlySet<string> = new Set(['read', 'readUpTo', 'gone', 'ask']);
const REMOVALS: ReadonlySet<string> = new Set(['remove', 'erase']);

/** What a store is asked for. @param method of its port. @param args with which it is called. */
export function callKind(method: string, args: readonly unknown[]): CallKind {
  if (READS.has(method)) return 'read';
  const [, given] = args as readonly [
    unknown?,
    { readonly content?: unknown; readonly to?: { readonly content?: unknown } }?,
  ];
  const content = given?.to === undefined ? given?.content : given.to.content;
  return REMOVALS.has(method) || content === null ? 'delete' : 'write';
}

/** Notes the calls of requests in a phase to a store. */
export function tookBy(latencies: Pick<Latencies, 'note'>, store: StoreName, phase: Phase) {
  return (method: string, args: readonly unknown[], milliseconds: number, failed: boolean): void =>
    latencies.note({ of: 'store', store, phase, operation: callKind(method, args) }, milliseconds, failed);
}
