/** What a check of the account has found. */
import type { CheckedSettings } from '../../settings.ts';
import type { Account } from './ports.ts';

export type State = 'ok' | 'wrong' | 'unknown';

export interface Found {
  readonly state: State;
  /** What was found, or why nothing could be. */
  readonly found: string;
  /** What to do; null where nothing is to be done. */
  readonly todo: string | null;
}

export type Check = (account: Account, settings: CheckedSettings) => Promise<Found>;

export const ok = (found: string): Found => ({ state: 'ok', found, todo: null });
export const wrong = (found: string, todo: string): Found => ({ state: 'wrong', found, todo });
