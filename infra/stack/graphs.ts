/** Graphs of the dashboard: of what is counted, and of how long requests take, and their calls to stores. */
import { GraphWidget, type IMetric, MathExpression } from 'aws-cdk-lib/aws-cloudwatch';

/** Dimensions of what functions measure. */
const REQUESTS = 'Collection,Phase,Operation';
const CALLS = 'Store,Phase,Operation';

export function graph(title: string, left: IMetric[]): GraphWidget {
  return new GraphWidget({ title, left, width: 12 });
}

export function callGraph(): GraphWidget {
  return graph('Calls to stores, ms', [
    searched(CALLS, 'StoreLatency', 'p50'),
    searched(CALLS, 'StoreLatency', 'p99'),
  ]);
}

export function requestGraphs(): GraphWidget[] {
  return [
    graph('Requests by collection, phase and operation, ms', [
      searched(REQUESTS, 'RequestLatency', 'p50'),
      searched(REQUESTS, 'RequestLatency', 'p99'),
    ]),
    graph('Failed requests, and failed calls to stores', [
      searched(REQUESTS, 'RequestFailures', 'Sum'),
      searched(CALLS, 'StoreFailures', 'Sum'),
    ]),
  ];
}

/** Of all values of the dimensions that there are. */
function searched(dimensions: string, name: string, statistic: string): MathExpression {
  const metrics = `{Crossfade,service,${dimensions}} MetricName="${name}"`;
  return new MathExpression({
    ...{ expression: `SEARCH('${metrics}', '${statistic}', 300)`, label: statistic, usingMetrics: {} },
  });
}
