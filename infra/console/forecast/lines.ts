/** What a migration takes, as people read it. */
import { containersOf } from '../../session_settings.ts';
import type { CheckedSettings } from '../../settings.ts';
import { type Facts, type Outlook, outlookOf, type Stage } from './outlook.ts';

/** Sessions in Oracle. */
export interface Sessions {
  /** Of all containers together, at most. */
  readonly most: number;
  /** That Oracle leaves for them, as the configuration says. */
  readonly left: number;
}

export function sessionsOf({ configuration, deployment }: CheckedSettings): Sessions {
  const most = containersOf(deployment, configuration) * configuration.connections;
  return { most, left: deployment.oracleSessions };
}

/** So many times as fast, for comparison. */
const FASTER = [4, 16];

export function outlookLines(facts: Facts, outlook: Outlook, sessions: Sessions): string[] {
  const { documents, bytes, pace, reads, writes, days } = facts;
  const { seconds, bytes: needed, dollars, stages } = outlook;
  const mean = documents === 0 ? 0 : Math.round(bytes / documents);
  const bothNeededAt = (times: number) => outlookOf({ ...facts, pace: pace * times }).seconds.bothNeeded;
  const listed = outlookOf({ ...facts, lists: true }).seconds.bothNeeded;
  return [
    `${documents} documents of ${mean} bytes on average, at a pace of ${pace} a second; ${reads} reads and ${writes} writes a second; ${days} days in settle`,
    ...stages.map(stageLine),
    `Reads come from Oracle after ${lasting(seconds.toOracle)}; contract is reached after ${lasting(seconds.all)}, at the earliest.`,
    `In seal and switch, for ${lasting(seconds.bothNeeded)} together, each write needs both stores` +
      `${FASTER.map((times) => `; ${lasting(bothNeededAt(times))} at a pace of ${pace * times}`).join('')}` +
      `${facts.lists ? '' : `; ${lasting(listed)} with an index of versions in Couchbase`}.`,
    `Oracle: about ${mega(needed.table)} for the table, ${mega(needed.redoOfBackfill)} of redo for the backfill, ${mega(needed.redoOfDay)} of redo a day for writes;` +
      ` up to ${sessions.most} sessions, of ${sessions.left} that are left for it.`,
    `Dollars, at list prices of 2025 in us-east-1: up to ${money(dollars.runs)} for runs, ${money(dollars.standing)} for what stands, ${money(dollars.apps)} for requests of apps.`,
  ];
}

function stageLine({ phase, what, seconds }: Stage): string {
  return `  ${phase.padEnd(8)} ${(TOLD[what] ?? what).padEnd(26)} ${lasting(seconds)}`;
}

/** What is no run. */
const TOLD: Partial<Record<Stage['what'], string>> = {
  wait: 'until the phase has baked',
  stay: 'as long as you like',
  'load proof': 'until its load is proven',
  guard: 'until the guard has looked',
  ramp: 'a share of the keys first',
};

/** In the largest units that tell it. */
export function lasting(seconds: number): string {
  if (seconds < 120) return `${Math.ceil(seconds)} s`;
  if (seconds < 7200) return `${Math.ceil(seconds / 60)} min`;
  if (seconds < 172_800) return `${(seconds / 3600).toFixed(1)} h`;
  return `${(seconds / 86_400).toFixed(1)} days`;
}

function mega(bytes: number): string {
  return bytes < 2 ** 30 ? `${Math.ceil(bytes / 2 ** 20)} MiB` : `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}

function money(dollars: number): string {
  return dollars.toFixed(2);
}
