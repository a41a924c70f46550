/** A certification goes on in steps, since a function lives for 15 minutes: a step runs checks until its time is up. */
import type { About, Certificate, Checked, Form } from './certificate.ts';
import type { CertifyState } from './certify_state.ts';
import { belongs, type Check, type Ports } from './check.ts';
import { CHECKS } from './checks.ts';
import { outcomeOf } from './outcome.ts';
import { verdictOf } from './verdict.ts';

/** @param now milliseconds since the epoch. */
export function beginCertifying(about: About, form: Form, now: number): CertifyState {
  return { about, form, began: now, checked: [] };
}

/** The checks of a form that have not been run, in their order. */
export function checksLeft({ form, checked }: CertifyState, checks = CHECKS): Check[] {
  const names = new Set(checked.map(({ name }) => name));
  return checks.filter((check) => belongs(check, form) && !names.has(check.name));
}

/** Runs at least one check. Throws nothing that a check finds. @param keep notes what a check tells an operator, with all that was found before it. */
export async function certifyStep(
  ports: Ports,
  { told: _, ...state }: CertifyState,
  checks: readonly Check[] = CHECKS,
  keep: (state: CertifyState) => Promise<unknown> = async () => {},
): Promise<{ readonly state: CertifyState; readonly done: boolean }> {
  const left = checksLeft(state, checks);
  let checked = state.checked;
  for (const [n, check] of left.entries()) {
    if (n > 0 && (state.alone === true || ports.timeLeft() < check.atMost))
      return { state: { ...state, checked }, done: false };
    const found = checked;
    const tell: Ports['tell'] = async (told) => {
      await ports.tell(told);
      await keep({ ...state, checked: found, told });
    };
    const outcome = await outcomeOf(check, { ...ports, tell });
    checked = [...found, outcome];
    if (check.name === GATE && outcome.state === 'failed')
      return { state: { ...state, checked }, done: true };
  }
  return { state: { ...state, checked }, done: true };
}

/** The first check: where it fails, the places are not scratch, and nothing else is run. */
const GATE = 'scratch.own';

/**
 * A step has ended without an answer: its process died, or was out of time. The first time the checks are run one by one from there on; the second
 * time the check that has lost it is the next one, and it has failed.
 */
export function afterLoss(state: CertifyState, why: string, checks = CHECKS): CertifyState {
  if (state.alone !== true) return { ...state, alone: true };
  const [next] = checksLeft(state, checks);
  if (next === undefined) return state;
  const lost: Checked = {
    ...{ name: next.name, state: 'failed', figures: {}, took: 0 },
    why: `The step that ran it ended without an answer: ${why}`.slice(0, 500),
    next: 'Look into the log of the function for what has ended it, and certify again',
  };
  return { ...state, checked: [...state.checked, lost] };
}

/** @param now milliseconds since the epoch. */
export function certificateOf(state: CertifyState, now: number, checks = CHECKS): Certificate {
  const { about, form, began, checked } = state;
  return {
    ...{ format: 1, ...about, form, began, ended: now, checks: checked },
    verdict: verdictOf(state, checks),
  };
}
