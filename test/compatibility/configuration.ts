/** What stacks of several versions are deployed with. */
import type { Settings } from '../../infra/settings.ts';
import shop from '../shop.config.ts';

const { oracleWork, oracleControl, ...secrets } = shop.deployment.secrets;

export const SETTINGS = {
  ...shop,
  deployment: { ...shop.deployment, secrets },
  // As short as they can be: a bake is 9 seconds.
  timing: { lease: 1000, refresh: 0, request: 8000, call: 2000, backfill: 20_000 },
  shadowReads: 1,
} satisfies Settings;

const { grants: _, certification: __, ...before } = SETTINGS;

/** The same, with nothing in it that 0.1.0 does not know: its settings say nothing of what tokens grant, nor of certificates. */
export const SETTINGS_BEFORE: Settings = before;

/** What this version is deployed with beside it: it brings the functions logins of their own into Oracle, in the middle of a migration. */
export const WITH_LOGINS = {
  ...SETTINGS,
  deployment: { ...SETTINGS.deployment, secrets: { ...secrets, oracleWork, oracleControl } },
} satisfies Settings;
