/** Alarms over what Lambda counts: a function that cannot start, is ended from outside or gets no container puts out no metric of its own. */
import { Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, type Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import type { Entry } from '../bundle.ts';

interface Watched {
  /** Errors in two of three periods: what it does is tried again. Otherwise each error counts. */
  readonly isTriedAgain: boolean;
  /** Whether a refused invocation is unexpected. */
  readonly throttles: boolean;
  /** Whether it ends long before its time-out where all is well. */
  readonly isShort: boolean;
  /** It can only say no by an error: what it fails with otherwise is a 5xx of the gateway, which has an alarm of its own. */
  readonly refusesByErrors?: true;
}

const WORKER = { isTriedAgain: true, throttles: true, isShort: false };
const WATCHED = {
  api: { isTriedAgain: false, throttles: true, isShort: true },
  operate: { isTriedAgain: false, throttles: true, isShort: true },
  authorize: { isTriedAgain: false, throttles: true, isShort: true, refusesByErrors: true },
  reconcile: { isTriedAgain: true, throttles: true, isShort: true },
  // Each partition may invoke it at the same time, and what is refused is tried again: the lag of the topic tells where that is too little.
  feed: { isTriedAgain: true, throttles: false, isShort: true },
  // Has one container on purpose, and each change of a flag invokes it: steps try again. `Silent` and `Failed` tell of one that is never reached.
  control: { isTriedAgain: true, throttles: false, isShort: true },
  // They use the time that they have: a turn, or rechecks, end shortly before the time-out.
  ...{ backfill: WORKER, verify: WORKER, plan: WORKER },
  // Invoked by a deployment, which waits for its answer and fails without it.
  schema: null,
  // Started by operators, who are told how it has ended; the turn after one that was lost goes on.
  certify: null,
  // No request and no document depends on it: where nothing is measured, the gate that wants it says so.
  prove: null,
} as const satisfies Record<Entry, Watched | null>;

const PERIOD = Duration.minutes(5);
/** Invocations in five minutes. */
const REFUSED = 10;
/** Of the time-out. */
const NEARLY = 0.8;

/** @param id that its alarms begin with. */
export function alarmsOn(scope: Construct, id: string, entry: Entry, watched: LambdaFunction): void {
  const how: Watched | null = WATCHED[entry];
  if (how === null) return;
  const alarm = (name: string, alarmDescription: string, metric: Metric, threshold: number, periods = 1) =>
    new Alarm(scope, `${id}${name}`, {
      ...{ alarmDescription, metric, threshold },
      evaluationPeriods: periods,
      datapointsToAlarm: Math.min(2, periods),
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      // No invocation is no outage: that of the controller, which is invoked each minute, has an alarm of its own.
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  if (how.refusesByErrors !== true)
    alarm(
      'Errors',
      `The function ${id} has not started, was ended by its time-out or memory, or has thrown: see its log.`,
      watched.metricErrors({ period: PERIOD, statistic: 'sum' }),
      0,
      how.isTriedAgain ? 3 : 1,
    );
  if (how.throttles)
    alarm(
      'Throttled',
      `Invocations of the function ${id} are refused: all its containers, or all of the account, are at work.`,
      watched.metricThrottles({ period: PERIOD, statistic: 'sum' }),
      REFUSED,
    );
  const { timeout } = watched;
  if (how.isShort && timeout !== undefined)
    alarm(
      'NearTimeout',
      `Invocations of the function ${id} take nearly as long as its time-out: it will be ended in the middle of its work.`,
      watched.metricDuration({ period: PERIOD, statistic: 'max' }),
      NEARLY * timeout.toMilliseconds(),
    );
}
