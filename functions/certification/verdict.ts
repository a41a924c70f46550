/** What all checks of a certification come to. */
import type { Verdict } from './certificate.ts';
import type { CertifyState } from './certify_state.ts';
import { belongs, type Check } from './check.ts';

/** A check that was not run counts as one that was skipped. */
export function verdictOf({ form, checked }: CertifyState, checks: readonly Check[]): Verdict {
  if (checked.some(({ state }) => state === 'failed')) return 'failed';
  const passed = new Set(checked.filter(({ state }) => state === 'passed').map(({ name }) => name));
  const wanted = checks.filter((check) => belongs(check, form) && !check.optional);
  return wanted.every(({ name }) => passed.has(name)) ? 'passed' : 'incomplete';
}
