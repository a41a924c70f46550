/**
 * What CloudWatch has of metrics, minute by minute: `GetMetricData`. It is the one place that has the measurements of all containers, with true percentiles, and
 * it answers while a store is away. A minute is there a minute or two after it has ended.
 */
import type { SSMClient } from '@aws-sdk/client-ssm';
import {
  type Minute,
  type ReadLatencies,
  STATISTICS,
  type Statistic,
  type Subject,
} from '../records/latencies.ts';
import { namedAs } from './latencies.ts';
import { postSigned } from './signed_post.ts';

/** Metrics in one request. (CloudWatch API reference, "GetMetricData".) */
const MOST = 500;
/** Seconds. */
const PERIOD = 60;
/** Pages of one answer: it has 100,800 data points in each, so a second one is rare. */
const PAGES = 10;

interface Query {
  readonly subject: Subject;
  readonly statistic: Statistic;
}

/** As CloudWatch calls them. */
const STATS: Readonly<Record<Statistic, string>> = {
  ...{ count: 'SampleCount', failed: 'Sum', p50: 'p50', p99: 'p99' },
};

/** Values by the start of their minute, as CloudWatch writes it. */
type Values = ReadonlyMap<string, number>;

/** @param client any of the SDK. @param endpoint instead of AWS's own address; null for that. */
export function latencyReader(client: Pick<SSMClient, 'config'>, endpoint: string | null): ReadLatencies {
  return async (subjects, from, until) => {
    const queries = subjects.flatMap((subject) => STATISTICS.map((statistic) => ({ subject, statistic })));
    const parts = Array.from({ length: Math.ceil(queries.length / MOST) }, (_, n) =>
      queries.slice(n * MOST, (n + 1) * MOST),
    );
    const found: Values[] = [];
    for (const part of parts) found.push(...(await valuesOf(client, endpoint, part, from, until)));
    return subjects.map((_, n) => minutesOf(found.slice(n * STATISTICS.length, (n + 1) * STATISTICS.length)));
  };
}

/** Where nothing has failed there is no value of it. */
function minutesOf([count = NONE, failed = NONE, p50 = NONE, p99 = NONE]: readonly Values[]): Minute[] {
  return [...count].map(([minute, measured]) => ({
    count: measured,
    failed: failed.get(minute) ?? 0,
    p50: p50.get(minute) ?? 0,
    p99: p99.get(minute) ?? 0,
  }));
}

const NONE: Values = new Map();

async function valuesOf(
  client: Pick<SSMClient, 'config'>,
  endpoint: string | null,
  queries: readonly Query[],
  from: number,
  until: number,
): Promise<Values[]> {
  const found = queries.map(() => new Map<string, number>());
  const asked = formOf(queries, from, until);
  let token: string | null = null;
  for (let page = 0; page < PAGES; page++) {
    const form = token === null ? asked : { ...asked, NextToken: token };
    const text = await post(client, endpoint, form);
    for (const { query, values } of resultsIn(text))
      for (const [minute, value] of values) found[query]?.set(minute, value);
    token = textsIn(text, 'NextToken')[0] ?? null;
    if (token === null) return found;
  }
  throw new Error(`CloudWatch has more than ${PAGES} pages of what was asked`);
}

function post(
  client: Pick<SSMClient, 'config'>,
  endpoint: string | null,
  form: Readonly<Record<string, string>>,
): Promise<string> {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const body = new URLSearchParams(form).toString();
  return postSigned(client, { service: 'monitoring', endpoint, headers, body }, (status, text) =>
    status === 200 ? null : new Error(`CloudWatch has answered ${status}: ${text.slice(0, 300)}`),
  );
}

/** Of the Query protocol, which numbers the members of a list from 1 on. */
function formOf(queries: readonly Query[], from: number, until: number): Record<string, string> {
  const minute = (time: number) => new Date(Math.floor(time / 60_000) * 60_000).toISOString();
  const form: Record<string, string> = {
    ...{ Action: 'GetMetricData', Version: '2010-08-01' },
    ...{ StartTime: minute(from), EndTime: minute(until + 59_999) },
  };
  for (const [index, { subject, statistic }] of queries.entries()) {
    const { latency, failures, dimensions } = namedAs(subject);
    const query = `MetricDataQueries.member.${index + 1}`;
    const metric = `${query}.MetricStat.Metric`;
    form[`${query}.Id`] = `q${index}`;
    form[`${query}.MetricStat.Period`] = String(PERIOD);
    form[`${query}.MetricStat.Stat`] = STATS[statistic];
    form[`${metric}.Namespace`] = 'Crossfade';
    form[`${metric}.MetricName`] = statistic === 'failed' ? failures : latency;
    for (const [n, [name, value]] of Object.entries({ service: 'crossfade', ...dimensions }).entries()) {
      form[`${metric}.Dimensions.member.${n + 1}.Name`] = name;
      form[`${metric}.Dimensions.member.${n + 1}.Value`] = value;
    }
  }
  return form;
}

/** Results of an answer. What is looked at has no text that would be escaped, and no member within a member: labels are skipped. */
function resultsIn(xml: string): { readonly query: number; readonly values: [string, number][] }[] {
  return xml
    .split('<Id>')
    .slice(1)
    .map((part) => {
      const [times = [], values = []] = ['Timestamps', 'Values'].map((list) =>
        textsIn(part, list).flatMap((members) => textsIn(members, 'member')),
      );
      const query = Number(part.slice(1, part.indexOf('<')));
      return { query, values: times.map((time, n): [string, number] => [time, Number(values[n])]) };
    });
}

function textsIn(xml: string, element: string): string[] {
  const found = xml.matchAll(new RegExp(`<${element}>(.*?)</${element}>`, 'gs'));
  return [...found].map(([, text = '']) => text);
}
