/** What a diagnosis says of one thing: whether it is well, what was seen, and what to do. */
import type { Fact } from '../stores/facts.ts';

/**
 * `good`: as it should be. `doubtful`: it works, and costs something that an operator should know of. `bad`: a promise of Crossfade does
 * not hold, or it cannot work at all. `unknown`: nobody could look, and the line says which right or answer is missing.
 */
export const STATES = ['good', 'doubtful', 'bad', 'unknown'] as const;
export type State = (typeof STATES)[number];

export interface Line {
  /** Stable: for scripts. */
  readonly code: string;
  readonly state: State;
  readonly seen: string;
  /** Null where nothing is to be done. */
  readonly todo: string | null;
}

export type Verdict = Omit<Line, 'code'>;

export const good = (seen: string): Verdict => ({ state: 'good', seen, todo: null });
export const doubtful = (seen: string, todo: string): Verdict => ({ state: 'doubtful', seen, todo });
export const bad = (seen: string, todo: string): Verdict => ({ state: 'bad', seen, todo });

/** The verdict on a fact that was read; why there is none otherwise. */
export function judged<Value>(fact: Fact<Value>, judge: (value: Value) => Verdict): Verdict {
  if (fact.kind === 'read') return judge(fact.value);
  return fact.kind === 'notGranted'
    ? {
        state: 'unknown',
        seen: `the user may not read it: it lacks ${fact.right}`,
        todo: `To know it, grant ${fact.right}`,
      }
    : { state: 'unknown', seen: fact.why, todo: null };
}

/** From where a store is looked at: the machine of an operator need not reach it, the functions must. */
export type Side = 'functions' | 'here';

/** @param secret whether the secret with the address of the store could be read. */
export function reached(answers: Fact<string | null>, side: Side, secret: boolean): Verdict {
  if (answers.kind === 'read')
    return answers.value === null
      ? good('it answers')
      : bad(answers.value, 'Mend what it says, and look again');
  const { seen } = judged(answers, good);
  if (side === 'functions')
    return bad(
      seen,
      'Look at the secret, the network of the functions (deployment.network, security groups), and the store itself',
    );
  return secret
    ? {
        state: 'unknown',
        seen: `it cannot be reached from this machine: ${seen}`,
        todo: 'Nothing, where the functions reach it. To look from here, run the command where the store can be reached',
      }
    : {
        state: 'unknown',
        seen: `its secret cannot be read: ${seen}`,
        todo: 'Set AWS_REGION and credentials that may secretsmanager:GetSecretValue; npx crossfade account checks the secrets',
      };
}

/** Whether a store was reached, and takes our login. */
export function isReached(answers: Fact<string | null>): boolean {
  return answers.kind === 'read' && answers.value === null;
}

/** Several things of the same kind, as one verdict: what is wrong with any of them, or what is true of all. */
export function together(each: readonly (readonly [name: string, verdict: Verdict])[]): Verdict {
  for (const state of ['bad', 'unknown', 'doubtful'] as const) {
    const found = each.filter(([, verdict]) => verdict.state === state);
    const first = found[0]?.[1];
    if (first !== undefined) return { state, seen: seenOf(found), todo: first.todo };
  }
  return good(seenOf(each));
}

/** Names that share what was seen share a sentence. */
function seenOf(each: readonly (readonly [string, Verdict])[]): string {
  const names = new Map<string, string[]>();
  for (const [name, { seen }] of each) names.set(seen, [...(names.get(seen) ?? []), name]);
  return [...names].map(([seen, of]) => `${of.join(', ')}: ${seen}`).join('; ');
}

export function linesOf(verdicts: Readonly<Record<string, Verdict>>): Line[] {
  return Object.entries(verdicts).map(([code, verdict]) => ({ code, ...verdict }));
}
