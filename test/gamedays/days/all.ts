/** All game days, by what they share a stack with. */
import type { Day, Row } from '../day.ts';
import { AUDIT } from './audit.ts';
import { CLOCKS } from './clocks.ts';
import { DURABILITY } from './durability.ts';
import { FAULTS } from './faults.ts';
import { FEEDS } from './feeds.ts';
import { FORCED } from './forced.ts';
import { FORGOTTEN } from './forgotten.ts';
import { GUARDED, RAMPED } from './guard.ts';
import { HOLDS } from './holds.ts';
import { IDENTITY } from './identity.ts';
import { LOAD } from './load.ts';
import { PHASES } from './phases.ts';
import { PREFLIGHT } from './preflight.ts';
import { QUEUES } from './queues.ts';
import { RECEIPTS } from './receipts.ts';
import { REFUSALS } from './refusals.ts';
import { RUNS } from './runs.ts';
import { SQL_CHANGES } from './sql_changes.ts';
import { STORES } from './stores.ts';
import { TOMBSTONES } from './tombstones.ts';
import { UNMEASURED } from './unmeasured.ts';

/** Days of one family are held on one stack, one after another. */
export const FAMILIES: Readonly<Record<string, readonly Day[]>> = {
  receipts: [...RECEIPTS, ...QUEUES],
  stores: [
    ...REFUSALS,
    ...FAULTS,
    ...DURABILITY,
    ...CLOCKS,
    ...FORGOTTEN,
    ...IDENTITY,
    ...SQL_CHANGES,
    ...STORES,
  ],
  runs: [...RUNS, ...LOAD, ...TOMBSTONES],
  phases: [...PHASES, ...PREFLIGHT, ...AUDIT],
  holds: HOLDS,
  guard: GUARDED,
  ramp: RAMPED,
  forced: FORCED,
  feeds: FEEDS,
};

export const DAYS: readonly Day[] = Object.values(FAMILIES).flat();

/** In the order of the page. */
export const ROWS: readonly Row[] = [...new Set(DAYS.map(({ row }) => row)), ...UNMEASURED];
