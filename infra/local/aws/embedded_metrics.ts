/** Metrics in what functions print: CloudWatch's embedded metric format. */

/** One data point of a metric. */
export interface Sample {
  readonly namespace: string;
  readonly metric: string;
  readonly dimensions: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly value: number;
}

interface Emf {
  readonly _aws: {
    readonly Timestamp: number;
    readonly CloudWatchMetrics: readonly {
      readonly Namespace: string;
      readonly Dimensions: readonly (readonly string[])[];
      readonly Metrics: readonly { readonly Name: string }[];
    }[];
  };
  readonly [name: string]: unknown;
}

/** The data points in a line that a function has printed, if it is of that format. */
export function samplesIn(line: string): Sample[] {
  if (!line.startsWith('{"_aws"')) return [];
  const printed = JSON.parse(line) as Emf;
  const { Timestamp: at, CloudWatchMetrics } = printed._aws;
  return CloudWatchMetrics.flatMap(({ Namespace: namespace, Dimensions, Metrics }) =>
    Dimensions.flatMap((names) => {
      const dimensions = Object.fromEntries(names.map((name) => [name, String(printed[name])]));
      return Metrics.flatMap(({ Name: metric }) =>
        [printed[metric]]
          .flat()
          .map((value) => ({ namespace, metric, dimensions, at, value: Number(value) })),
      );
    }),
  );
}
