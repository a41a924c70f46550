/** What moves are decided on, as tests make it up. */
import { decide } from '../../functions/control/decide.ts';
import type { CollectionEvidence, Evidence, RunEvidence } from '../../functions/control/evidence.ts';
import { type Phase, ROUTES } from '../../functions/protocol/phase.ts';

export const TIMES = { now: 1_000_000, bake: 50_000, redelivery: 120_000 };
/** Long enough ago for everything. */
export const OLD = 0;

export const run = (phase: Phase, started: number, clean = true): RunEvidence => ({
  ...{ id: `run-${started}`, phase, started, finished: started + 1, clean, mode: null, range: null },
});
/** One that has compared contents. */
export const compared = (phase: Phase, started: number, clean = true): RunEvidence => ({
  ...run(phase, started, clean),
  mode: 'content',
});
/** The last run of each kind. */
export interface Last {
  readonly backfill?: RunEvidence | null;
  readonly copyback?: RunEvidence | null;
  readonly verification?: RunEvidence | null;
}
export const collection = ({ backfill, copyback, verification }: Last = {}): CollectionEvidence => {
  const last = (one: RunEvidence | null | undefined) => (one ? [one] : []);
  const runs = { backfills: last(backfill), copybacks: last(copyback), verifications: last(verification) };
  return { name: 'orders', ...runs };
};
export const evidence = (given: Partial<Evidence> = {}): Evidence => ({
  receipts: { delayed: 0, due: 0, hidden: 0, waiting: 0, since: null },
  ...{ deadLetters: 0, unread: 0, collection: collection(), ...given },
});
export const flagsOf = (phase: Phase) => ROUTES[phase].flags;

export async function decided(from: Phase, wanted: Phase, given: Evidence, since = OLD) {
  const effective = { phase: from, since, by: 'test' };
  const decision = await decide(flagsOf(wanted), effective, TIMES, async () => given);
  const conditions = 'conditions' in decision ? decision.conditions : [];
  const missing = conditions.filter(({ holds }) => !holds).map(({ name }) => name);
  return { decision, kind: decision.kind, conditions, missing };
}

/** Evidence with which every move from a phase may be made. */
export const runsFor = (phase: Phase): Last => ({
  ...{ backfill: run('expand', 500_000), copyback: run(phase === 'switch' ? phase : 'settle', 500_000) },
  verification: compared(phase, 600_000),
});
export const all = (phase: Phase) => evidence({ collection: collection(runsFor(phase)) });

/** Moves towards a wish that have a gate, the one out of `legacy` excepted: from where, and what is wished. */
export const GATED = [
  ['expand', 'settle'],
  ['seal', 'settle'],
  ['switch', 'expand'],
  ['settle', 'contract'],
  ['settle', 'expand'],
] as const;
/** Moves without one. */
export const FREE = [
  ['expand', 'legacy'],
  ['seal', 'expand'],
  ['switch', 'settle'],
  ['contract', 'settle'],
] as const;
