/** CloudWatch's alarms, as the template has them, over what was measured in virtual time. */
import { isOnlyInAws } from '../gamedays/alarms.ts';
import { all, type Properties } from '../infra/template.ts';

/** What an alarm watches: the namespace, the metric, and the resource that it is about, if it is about one. */
type Series = readonly { readonly at: number; readonly value: number }[];

export class Measured {
  readonly #series = new Map<string, { at: number; value: number }[]>();

  add(name: string, at: number, value: number): void {
    const series = this.#series.get(name) ?? [];
    series.push({ at, value });
    this.#series.set(name, series);
  }

  of(name: string): Series {
    return this.#series.get(name) ?? [];
  }

  total(name: string): number {
    return this.of(name).reduce((sum, { value }) => sum + value, 0);
  }
}

export interface WentOff {
  readonly alarm: string;
  readonly at: number;
  readonly value: number;
}

/** The names of the resource are those of the constructs, without their hashes. */
function nameOf({ Namespace, MetricName, Dimensions = [] }: Properties): string {
  const [{ Value = '' } = {}] = Dimensions;
  const id: string = Value?.Ref ?? Value?.['Fn::GetAtt']?.[0] ?? '';
  const resource = id.replace(/[0-9A-F]{8}$/, '');
  return [Namespace, resource, MetricName].filter((part) => part !== '').join(' ');
}

/** What AWS alone measures, and the silence of the controller, whose looks here are steps of virtual time. */
function isMeasured(properties: Properties): boolean {
  return !isOnlyInAws(properties) && properties.TreatMissingData !== 'breaching';
}

/** Each time that an alarm of the template went off. */
export function wentOff(measured: Measured, from: number, to: number): WentOff[] {
  return all('AWS::CloudWatch::Alarm').flatMap(([id, properties]) => {
    if (!isMeasured(properties)) return [];
    const alarm = id.replace(/[0-9A-F]{8}$/, '');
    return breaches(alarm, properties, measured.of(nameOf(properties)), from, to);
  });
}

const STATISTICS: Readonly<Record<string, (values: readonly number[]) => number>> = {
  Sum: (values) => values.reduce((sum, value) => sum + value, 0),
  Maximum: (values) => Math.max(...values),
  Minimum: (values) => Math.min(...values),
};

function breaches(
  alarm: string,
  properties: Properties,
  series: Series,
  from: number,
  to: number,
): WentOff[] {
  const { Period, Statistic, Threshold, EvaluationPeriods, ComparisonOperator, TreatMissingData } =
    properties;
  const statistic = STATISTICS[Statistic];
  if (
    statistic === undefined ||
    ComparisonOperator !== 'GreaterThanThreshold' ||
    TreatMissingData !== 'notBreaching'
  )
    throw new Error(
      `${alarm}: nothing here evaluates ${Statistic}, ${ComparisonOperator}, ${TreatMissingData}`,
    );
  const periods = new Map<number, number[]>();
  for (const { at, value } of series) {
    const period = Math.floor(at / (Period * 1000));
    periods.set(period, [...(periods.get(period) ?? []), value]);
  }
  const off: WentOff[] = [];
  let [inRow, isOff] = [0, false];
  for (let period = Math.floor(from / (Period * 1000)); period * Period * 1000 < to; period++) {
    const values = periods.get(period) ?? [];
    const value = values.length === 0 ? null : statistic(values);
    inRow = value !== null && value > Threshold ? inRow + 1 : 0;
    if (inRow >= EvaluationPeriods && !isOff && value !== null)
      off.push({ alarm, at: (period + 1) * Period * 1000, value });
    isOff = inRow >= EvaluationPeriods;
  }
  return off;
}
