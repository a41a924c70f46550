/** Alarms of the template, evaluated as CloudWatch evaluates them, over what functions, queues and state machines have put out here. */
import type { Sample } from '../../infra/local/aws/embedded_metrics.ts';
import type { Template } from '../../infra/local/template.ts';

export { type Sample, samplesIn } from '../../infra/local/aws/embedded_metrics.ts';

export interface Alarm {
  /** As the template has it. */
  readonly id: string;
  readonly namespace: string;
  readonly metric: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly statistic: Statistic;
  /** Seconds. */
  readonly period: number;
  readonly threshold: number;
  /** Whether values below the threshold breach it, instead of those above. */
  readonly isBelow: boolean;
  /** Whether a period without data does. */
  readonly missingBreaches: boolean;
  /** Of so many periods in a row, so many must breach it. */
  readonly periods: number;
  readonly breaching: number;
}

/** Nothing on this machine puts out what AWS measures of Lambda and of the gateway: alarms over that are not evaluated. */
const ONLY_IN_AWS = ['AWS/Lambda', 'AWS/ApiGateway'];

const STATISTICS = {
  Sum: (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0),
  Maximum: (values: readonly number[]) => Math.max(...values),
  Minimum: (values: readonly number[]) => Math.min(...values),
  SampleCount: (values: readonly number[]) => values.length,
} as const;
type Statistic = keyof typeof STATISTICS;
/** Whether it is below that breaches, and whether missing data do. */
const COMPARISONS = { GreaterThanThreshold: false, LessThanThreshold: true } as const;
const MISSING = { notBreaching: false, breaching: true } as const;

function isStatistic(name: string): name is Statistic {
  return Object.hasOwn(STATISTICS, name);
}

/** Whether an alarm watches what is measured only in AWS. @param properties as they stand in the template. */
export function isOnlyInAws(properties: Readonly<Record<string, unknown>>): boolean {
  const { Namespace, Metrics = [] } = properties as {
    Namespace?: string;
    Metrics?: readonly { readonly MetricStat?: { readonly Metric: { readonly Namespace: string } } }[];
  };
  const namespaces = [Namespace, ...Metrics.map(({ MetricStat }) => MetricStat?.Metric.Namespace)];
  return namespaces.some((each) => each !== undefined && ONLY_IN_AWS.includes(each));
}

/** The alarms of a template that are evaluated here. Throws for one that means something that is not. */
export function alarmsIn(template: Template): Alarm[] {
  const alarms = template
    .ofType('AWS::CloudWatch::Alarm')
    .filter(({ properties }) => !isOnlyInAws(properties));
  return alarms.map(({ id, properties }) => {
    const given = template.resolve(properties) as {
      Namespace: string;
      MetricName: string;
      Dimensions?: readonly { readonly Name: string; readonly Value: string }[];
      Statistic: string;
      Period: number;
      Threshold: number;
      EvaluationPeriods: number;
      DatapointsToAlarm?: number;
      ComparisonOperator: string;
      TreatMissingData: string;
    };
    const { Statistic: statistic, ComparisonOperator, TreatMissingData } = given;
    if (!isStatistic(statistic))
      throw new Error(`${id} has the statistic ${statistic}, which is not evaluated here`);
    if (!(ComparisonOperator in COMPARISONS) || !(TreatMissingData in MISSING))
      throw new Error(
        `${id} is compared by ${ComparisonOperator} with missing data ${TreatMissingData}: not evaluated here`,
      );
    return {
      ...{ id, statistic, namespace: given.Namespace, metric: given.MetricName },
      dimensions: Object.fromEntries((given.Dimensions ?? []).map(({ Name, Value }) => [Name, Value])),
      ...{ period: given.Period, threshold: given.Threshold, periods: given.EvaluationPeriods },
      breaching: given.DatapointsToAlarm ?? given.EvaluationPeriods,
      isBelow: COMPARISONS[ComparisonOperator as keyof typeof COMPARISONS],
      missingBreaches: MISSING[TreatMissingData as keyof typeof MISSING],
    };
  });
}

/**
 * Whether an alarm goes off. A period ends now, where CloudWatch's begin at full minutes: so it goes off no later than there.
 * @param speed periods are so many times shorter than in the template.
 */
export function goesOff(alarm: Alarm, samples: readonly Sample[], now: number, speed: number): boolean {
  const length = (alarm.period * 1000) / speed;
  const own = samples.filter((sample) => isOf(alarm, sample));
  const breached = Array.from({ length: alarm.periods }, (_, n) => {
    const end = now - n * length;
    const values = own.filter(({ at }) => at > end - length && at <= end).map(({ value }) => value);
    if (values.length === 0) return alarm.missingBreaches;
    const value = measured(alarm, values);
    return alarm.isBelow ? value < alarm.threshold : value > alarm.threshold;
  });
  return breached.filter(Boolean).length >= alarm.breaching;
}

function measured({ statistic }: Alarm, values: readonly number[]): number {
  return STATISTICS[statistic](values);
}

/** To CloudWatch, a metric with other dimensions is another metric. */
function isOf({ namespace, metric, dimensions }: Alarm, sample: Sample): boolean {
  const names = Object.keys(sample.dimensions);
  return (
    sample.namespace === namespace &&
    sample.metric === metric &&
    names.length === Object.keys(dimensions).length &&
    names.every((name) => sample.dimensions[name] === dimensions[name])
  );
}

/** Whether the page means this alarm by a name: `…` stands for any characters, and all but the alarms of queues and machines are in `Watch`. */
export function isNamed({ id }: Pick<Alarm, 'id'>, name: string): boolean {
  return new RegExp(`^(Watch)?${name.replace('…', '.*')}[0-9A-F]{8}$`).test(id);
}
