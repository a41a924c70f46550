/** CloudWatch's metrics, as far as functions read them: it takes what functions print, and tells it minute by minute. */
import { type Sample, samplesIn } from './embedded_metrics.ts';
import { ServiceError } from './failure.ts';

/** Milliseconds. */
const MINUTE = 60_000;
/** Minutes that are kept. AWS keeps 15 days of them. */
const KEPT = 180;
/** Values of a metric and minute that percentiles are told of; all are counted. */
const MOST = 5000;
/** Queries of one request. (CloudWatch API reference, "GetMetricData", 2026-11-28.) */
const QUERIES = 500;

/** Of one metric and minute. */
interface Values {
  count: number;
  sum: number;
  readonly some: number[];
}

type Form = Readonly<Record<string, unknown>>;

export class Measures {
  /** By metric with its dimensions, and by the start of the minute. */
  readonly #metrics = new Map<string, Map<number, Values>>();
  /** A fault: as long as it is set, it answers nothing. */
  isAway = false;

  /** A line that a function has printed. */
  take(line: string): void {
    for (const sample of samplesIn(line)) this.#add(sample);
  }

  #add({ metric, dimensions, at, value }: Sample): void {
    const name = nameOf(metric, Object.entries(dimensions));
    const minutes = this.#metrics.get(name) ?? new Map<number, Values>();
    this.#metrics.set(name, minutes);
    const start = Math.floor(at / MINUTE) * MINUTE;
    const values = minutes.get(start) ?? this.#begin(minutes, start);
    values.count += 1;
    values.sum += value;
    if (values.some.length < MOST) values.some.push(value);
  }

  /** A minute that begins takes the place of the oldest ones. */
  #begin(minutes: Map<number, Values>, start: number): Values {
    const values = { count: 0, sum: 0, some: [] };
    minutes.set(start, values);
    for (const each of minutes.keys()) if (each < start - KEPT * MINUTE) minutes.delete(each);
    return values;
  }

  /** @param form of the Query protocol. @returns XML. Throws `ServiceError`. */
  call(operation: string, form: Form): string {
    if (operation !== 'GetMetricData')
      throw new ServiceError('InvalidAction', `This machine's CloudWatch knows no ${operation}`);
    if (this.isAway) throw new ServiceError('InternalFailure', 'CloudWatch is away', 500);
    const [from, until] = [form.StartTime, form.EndTime].map((time) => Date.parse(String(time)));
    if (!((from ?? 0) < (until ?? 0)))
      throw new ServiceError(
        'ValidationError',
        'The parameter StartTime must be less than the parameter EndTime.',
      );
    const results = queriesIn(form).map((query) => this.#result(query, from ?? 0, until ?? 0));
    return `<GetMetricDataResponse xmlns="http://monitoring.amazonaws.com/doc/2010-08-01/"><GetMetricDataResult><MetricDataResults>${results.join('')}</MetricDataResults></GetMetricDataResult></GetMetricDataResponse>`;
  }

  #result({ id, name, statistic }: Query, from: number, until: number): string {
    // The latest first, as CloudWatch has it.
    const found = [...(this.#metrics.get(name) ?? [])]
      .filter(([minute]) => minute >= from && minute < until)
      .sort(([one], [other]) => other - one);
    const list = (of: readonly unknown[]) => of.map((each) => `<member>${each}</member>`).join('');
    const times = found.map(([minute]) => new Date(minute).toISOString().replace('.000Z', 'Z'));
    const values = found.map(([, each]) => statisticOf(each, statistic));
    return `<member><Id>${id}</Id><Label>${id}</Label><StatusCode>Complete</StatusCode><Timestamps>${list(times)}</Timestamps><Values>${list(values)}</Values></member>`;
  }
}

interface Query {
  readonly id: string;
  /** Of the metric with its dimensions. */
  readonly name: string;
  readonly statistic: string;
}

/** To CloudWatch, a metric with other dimensions is another metric; their order says nothing. */
function nameOf(metric: string, dimensions: readonly (readonly [string, unknown])[]): string {
  return [metric, ...dimensions.map(([name, value]) => `${name}=${value}`).sort()].join(' ');
}

function queriesIn(form: Form): Query[] {
  const queries: Query[] = [];
  for (let n = 1; ; n++) {
    const query = `MetricDataQueries.member.${n}`;
    const id = form[`${query}.Id`];
    if (id === undefined) break;
    if (form[`${query}.MetricStat.Period`] !== '60')
      throw new ServiceError('ValidationError', 'This machine tells metrics minute by minute');
    const dimensions: [string, unknown][] = [];
    for (let each = 1; ; each++) {
      const dimension = `${query}.MetricStat.Metric.Dimensions.member.${each}`;
      const name = form[`${dimension}.Name`];
      if (name === undefined) break;
      dimensions.push([String(name), form[`${dimension}.Value`]]);
    }
    const metric = String(form[`${query}.MetricStat.Metric.MetricName`]);
    queries.push({
      id: String(id),
      name: nameOf(metric, dimensions),
      statistic: String(form[`${query}.MetricStat.Stat`]),
    });
  }
  if (queries.length === 0 || queries.length > QUERIES)
    throw new ServiceError('ValidationError', `There must be 1 to ${QUERIES} queries`);
  return queries;
}

function statisticOf({ count, sum, some }: Values, statistic: string): number {
  if (statistic === 'SampleCount') return count;
  if (statistic === 'Sum') return sum;
  const percent = Number(/^p(\d+)$/.exec(statistic)?.[1]);
  if (Number.isNaN(percent))
    throw new ServiceError('ValidationError', `This machine knows no statistic ${statistic}`);
  const sorted = some.toSorted((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)] ?? 0;
}
