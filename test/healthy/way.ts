/** Hours of a healthy service, the whole way there and back, again and again: which alarms went off, and which gates were late. */
import type { Phase } from '../../functions/protocol/phase.ts';
import { type WentOff, wentOff } from './alarms.ts';
import { HealthyService, type Moved, type Wanted } from './service.ts';
import { BAKE } from './times.ts';

export interface Told {
  readonly hours: number;
  readonly requests: number;
  readonly moves: readonly Moved[];
  /** Those that nobody should be woken by. */
  readonly alarms: readonly WentOff[];
  /** Shadow reads in `settle` that found Couchbase without what `contract` has written. */
  readonly behind: number;
  readonly late: readonly Moved[];
  readonly shadowReads: number;
  /** What shadow reads have found, and had repaired. */
  readonly repairs: readonly string[];
}

const MINUTE = 60_000;
/** The least time that it rests in each phase, and how much longer at most. */
const REST = [5 * MINUTE, 40 * MINUTE] as const;

/** @param hours the way is gone once if there are none. @param rest milliseconds in each phase; by chance if there are none. */
export async function walked(
  service: HealthyService,
  way: readonly Phase[],
  { hours, rest }: { readonly hours?: number; readonly rest?: number },
): Promise<Told> {
  const { timeline, started, measured, apps, moves } = service;
  const until = hours === undefined ? Number.POSITIVE_INFINITY : started + hours * 60 * MINUTE;
  for (let n = 0; timeline.now < until && (hours !== undefined || n < way.length); n++) {
    const left = () => Math.max(0, until - timeline.now);
    const phase = way[n % way.length] as Phase;
    if (!(await service.arrives(phase, 4)))
      throw new Error(`It does not come to ${phase}, and stays in ${service.phase}`);
    await service.pass(Math.min(left(), rest ?? REST[0] + timeline.random.below(REST[1])));
  }
  return {
    ...{ hours: (timeline.now - started) / 3_600_000, requests: apps.requests, moves },
    alarms: wentOff(measured, started, timeline.now),
    behind: measured.total('Crossfade ShadowReadsBehind'),
    late: moves.filter(({ late }) => late > 2 * BAKE),
    shadowReads: measured.of('Crossfade ShadowReadsEqual').length,
    repairs: service.queue.repairs.map(
      ({ at, key, cause, detail }) => `${new Date(at).toISOString()} ${key}, ${cause}: ${detail}`,
    ),
  };
}

/**
 * The whole way there, and back to `expand`. Whoever goes on to `legacy` and comes again finds what was deleted there in Oracle still:
 * verification tells of that, and rightly.
 */
const THERE_AND_BACK: readonly Phase[] = ['expand', 'settle', 'contract', 'settle', 'expand'];

export async function healthy(wanted: Wanted, hours: number, rest?: number): Promise<Told> {
  return walked(new HealthyService(wanted), THERE_AND_BACK, {
    hours,
    ...(rest === undefined ? {} : { rest }),
  });
}
