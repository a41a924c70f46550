/** Alarms of CloudWatch over what Lambda counts of a version, as they are written in a template. */
import type { Sample } from './lambda/alias.ts';
import type { Resource, Template } from './template.ts';

interface Alarm {
  readonly Dimensions?: readonly { readonly Name: string; readonly Value: string }[];
  readonly MetricName?: string;
  readonly Namespace?: string;
  readonly Period?: number;
  readonly EvaluationPeriods: number;
  readonly DatapointsToAlarm?: number;
  readonly Threshold: number;
}

/** Whether an alarm is off at this time. One that watches anything else than a version never is: nobody here counts it. */
export function isOff(template: Template, alarm: Resource, samples: readonly Sample[], now: number): boolean {
  const {
    Dimensions = [],
    MetricName,
    Namespace,
    Period = 60,
    ...rest
  } = template.resolve(alarm.properties) as Alarm;
  const version = Dimensions.find(({ Name }) => Name === 'ExecutedVersion')?.Value;
  if (Namespace !== 'AWS/Lambda' || version === undefined) return false;
  const { EvaluationPeriods, DatapointsToAlarm = EvaluationPeriods, Threshold } = rest;
  const length = Period * 1000;
  const periods = Array.from({ length: EvaluationPeriods }, (_, ago) => {
    const end = (Math.floor(now / length) - ago) * length;
    return samples.filter((each) => each.version === version && each.at >= end - length && each.at < end);
  });
  const breaching = periods.filter((within) => {
    // A period without data is not breaching.
    if (within.length === 0) return false;
    return (MetricName === 'Errors' ? errorsIn(within) : slowestIn(within)) > Threshold;
  });
  return breaching.length >= DatapointsToAlarm;
}

const errorsIn = (samples: readonly Sample[]) => samples.filter(({ failed }) => failed).length;

/** The 99th percentile. */
function slowestIn(samples: readonly Sample[]): number {
  const sorted = samples.map(({ milliseconds }) => milliseconds).sort((one, other) => one - other);
  return sorted[Math.ceil(sorted.length * 0.99) - 1] ?? 0;
}
