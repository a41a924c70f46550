/** What stacks of several versions are deployed with: nothing in it that the version before does not know. */
import type { Settings } from '../../infra/settings.ts';
import shop from '../shop.config.ts';

export const SETTINGS = {
  ...shop,
  // As short as they can be: a bake is 9 seconds.
  timing: { lease: 1000, refresh: 0, request: 8000, call: 2000, backfill: 20_000 },
  shadowReads: 1,
} satisfies Settings;
