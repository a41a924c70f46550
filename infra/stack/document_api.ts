/** What the API in front of the functions has, whichever kind it is: routes for apps and for operators, and what its gateway measures. */
import { Duration } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  MathExpression,
  type Metric,
  type MetricOptions,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { routeOf } from '../../functions/edge/http/operator_routes.ts';
import { OPERATIONS_ROUTE } from '../../functions/edge/http/routes.ts';
import { operationsOf, type Right } from '../../functions/operations/rights.ts';

/** Percent of the requests of five minutes. */
const SERVER_ERRORS = 5;

/** Requests a second of operators, and at once. Those of apps are counted elsewhere, so operators get through while apps are refused. */
export const OPERATORS_RATE = 50;

/** Also requests that no function was invoked for. */
export interface Measured {
  /** Answers 5xx, and all requests, each as a sum. */
  readonly errors: Metric;
  readonly requests: Metric;
  /** Milliseconds: of one of a hundred. */
  readonly latency: Metric;
}

/** What a gateway counts and times, whichever kind it is. */
interface Counts {
  metricServerError(props: MetricOptions): Metric;
  metricCount(props: MetricOptions): Metric;
  metricLatency(props: MetricOptions): Metric;
}

export function measuredOf(api: Counts, period: Duration): Measured {
  return {
    errors: api.metricServerError({ period, statistic: 'sum' }),
    requests: api.metricCount({ period, statistic: 'sum' }),
    latency: api.metricLatency({ period, statistic: 'p99' }),
  };
}

/** Of the function that operators ask: the one for a right. */
export interface OperatorAlias {
  readonly right: Right;
  readonly alias: IFunction;
}

export interface DocumentApi extends Construct {
  measured(period: Duration): Measured;
  /** The ARN of requests to the API. @param resource method and path: `POST/v1/operations/status`. */
  requestsOf(resource: string): string;
  /** Lets a function, or an alias of one, serve documents. */
  servedBy(server: IFunction): void;
  /** Lets a function serve operators: whoever may call the route by IAM, and signs the request. */
  operatedBy(aliases: readonly OperatorAlias[]): void;
}

/**
 * The routes of a right. What only looks shares a route; each other operation has its own, so that IAM sees it by its path however it reads the path of a
 * route with a parameter.
 */
export function pathsOf(right: Right): string[] {
  return right === 'read' ? [OPERATIONS_ROUTE] : operationsOf(right).map(routeOf);
}

/** What the gateway measures: also requests that no function was invoked for. Without requests there is nothing to measure. @param slow milliseconds. */
export function alarmsOnGateway(api: DocumentApi, slow: number): void {
  const period = Duration.minutes(5);
  const { errors, requests, latency } = api.measured(period);
  const base = {
    comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
    treatMissingData: TreatMissingData.NOT_BREACHING,
    evaluationPeriods: 3,
  };
  new Alarm(api, 'ServerErrors', {
    ...base,
    alarmDescription: `More than ${SERVER_ERRORS} % of the requests are answered 5xx, by the function or by the gateway in its place.`,
    metric: new MathExpression({
      ...{ expression: '100 * errors / requests', label: '5xx, % of the requests', period },
      usingMetrics: { errors, requests },
    }),
    ...{ threshold: SERVER_ERRORS, datapointsToAlarm: 2 },
  });
  new Alarm(api, 'Slow', {
    ...base,
    alarmDescription: 'One of a hundred requests takes longer than a single call to a store may.',
    ...{ metric: latency, threshold: slow },
  });
}
