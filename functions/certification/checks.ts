/** All checks, in the order in which they are run. */
import type { Check } from './check.ts';

export const CHECKS: readonly Check[] = [];
