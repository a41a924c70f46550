/** Times to try things out with: as short as they can be on a machine that may be busy, where a function needs seconds to start. */
import type { Timing } from '../../functions/configuration/configuration.ts';

/** A bake is 9 seconds. */
export const QUICK: Timing = { lease: 1000, refresh: 500, request: 8000, call: 2000, backfill: 20_000 };
