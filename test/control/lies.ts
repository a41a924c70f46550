/** Evidence that is not what it seems, for each gate: what would open it, and every lie that must not. */
import type { CollectionEvidence, Evidence, RunEvidence } from '../../functions/control/evidence.ts';
import { PHASES, type Phase, ROUTES } from '../../functions/protocol/phase.ts';

const DAY = 86_400_000;
/** When the phase began, and when it is looked at. */
export const SINCE = 200 * DAY;
export const TIMES = { now: SINCE + 1_000_000, bake: 50_000, redelivery: 120_000 };
const { bake, now } = TIMES;

export type Kind = 'backfill' | 'copyback' | 'verification';

export interface Gate {
  readonly name: string;
  readonly from: Phase;
  /** Where the flags want the service. */
  readonly wanted: Phase;
  /** The runs that it needs, and when each begins at the earliest. */
  readonly needs: Readonly<Partial<Record<Kind, number>>>;
  /** What the verification has to compare. */
  readonly mode: 'version' | 'content';
  /** Whether nothing has healed the forced move that led there: a free move has a gate then. */
  readonly forced?: true;
}

/** One that has compared contents, if it has compared anything. */
function run(kind: Kind, phase: Phase, started: number, given: Partial<RunEvidence> = {}): RunEvidence {
  const mode = kind === 'verification' ? 'content' : null;
  const about = { phase, started, finished: started + 10_000, clean: true, mode, range: null } as const;
  return { id: `${kind}-${started}`, ...about, ...given };
}

const [ALONE, DELIVERED] = [SINCE + bake, SINCE + 2 * bake];
/** When a copy of an honest gate begins, and its verification. */
const [COPIED, COMPARED] = [SINCE + 300_000, SINCE + 400_000];

export const GATES: readonly Gate[] = [
  {
    ...{ name: 'expand → seal', from: 'expand', wanted: 'settle', mode: 'content' },
    needs: { backfill: ALONE, verification: COPIED + 10_000 },
  },
  {
    ...{ name: 'seal → switch', from: 'seal', wanted: 'settle', mode: 'version' },
    needs: { verification: DELIVERED },
  },
  {
    ...{ name: 'switch → seal', from: 'switch', wanted: 'legacy', mode: 'version' },
    needs: { copyback: ALONE, verification: COPIED + 10_000 },
  },
  {
    ...{ name: 'settle → switch', from: 'settle', wanted: 'legacy', mode: 'version' },
    needs: { copyback: ALONE },
  },
  {
    ...{ name: 'settle → contract', from: 'settle', wanted: 'contract', mode: 'content' },
    needs: { verification: DELIVERED },
  },
  {
    ...{ name: 'seal → expand, after a forced move', from: 'seal', wanted: 'legacy', mode: 'version' },
    ...{ needs: { copyback: ALONE }, forced: true },
  },
  {
    ...{ name: 'switch → settle, after a forced move', from: 'switch', wanted: 'settle', mode: 'version' },
    ...{ needs: { verification: ALONE }, forced: true },
  },
];

export const KINDS: readonly Kind[] = ['backfill', 'copyback', 'verification'];

/** The run of a kind that helps to open a gate. */
export function honest(kind: Kind, { from }: Gate): RunEvidence {
  return run(kind, from, kind === 'verification' ? COMPARED : COPIED);
}

/** Evidence with the runs of one kind replaced. */
export function evidenceOf(gate: Gate, kind: Kind | null, lie: readonly RunEvidence[] = []): Evidence {
  const of = (each: Kind) => {
    if (each === kind) return [...lie];
    return gate.needs[each] === undefined ? [] : [honest(each, gate)];
  };
  const latest = (each: Kind) => of(each).sort((a, b) => b.started - a.started);
  const collection: CollectionEvidence = {
    name: 'orders',
    ...{
      backfills: latest('backfill'),
      copybacks: latest('copyback'),
      verifications: latest('verification'),
    },
  };
  const receipts = { delayed: 0, due: 0, hidden: 0, waiting: 0, since: null };
  return { receipts, deadLetters: 0, unread: 0, collection };
}

export interface Lie {
  readonly name: string;
  /** What is there instead of the honest run. Null where the lie is none for this gate. */
  readonly tell: (honest: RunEvidence, gate: Gate) => readonly RunEvidence[] | null;
  /** Kinds of runs that it can be told about; all of them if there are none. */
  readonly kinds?: readonly Kind[];
}

const LATER = 50_000;
const VERIFIED: readonly Kind[] = ['verification'];
const after = (first: RunEvidence, given: Partial<RunEvidence>): RunEvidence => {
  const started = first.started + LATER;
  return { ...first, id: `later-${started}`, started, finished: started + 10_000, ...given };
};

export const LIES: readonly Lie[] = [
  { name: 'there is none', tell: () => [] },
  ...PHASES.map(
    (phase): Lie => ({
      name: `it was begun in ${phase}`,
      // A forced move is healed in any phase in which both stores are written.
      tell: (run, { from, forced }) =>
        phase === from || (forced && ROUTES[phase].second !== null && run.mode !== null)
          ? null
          : [{ ...run, phase }],
    }),
  ),
  {
    name: 'it is of an earlier stay, and ended in this one',
    tell: (run) => [{ ...run, started: SINCE - 1 }],
  },
  { name: 'it was begun at the same moment as the phase', tell: (run) => [{ ...run, started: SINCE }] },
  { name: 'it was begun a moment before the bake was over', tell: (run) => [{ ...run, started: ALONE - 1 }] },
  {
    name: 'it was begun a moment too early for this gate',
    tell: (run, { needs }) => [{ ...run, started: (needs[kindOf(run)] ?? 0) - 1 }],
  },
  {
    name: 'it is 90 days old',
    tell: (run) => [{ ...run, started: run.started - 90 * DAY, finished: run.finished - 90 * DAY }],
  },
  {
    name: 'a clock says that it begins in the future',
    tell: (run) => [{ ...run, started: now + 1, finished: now + 2 }],
  },
  { name: 'it was not clean', tell: (run) => [{ ...run, clean: false }] },
  {
    name: 'it was over one prefix',
    tell: (run) => [{ ...run, range: { after: 'canary/', upTo: 'canary0' } }],
  },
  { name: 'it was over all keys up to one', tell: (run) => [{ ...run, range: { after: null, upTo: '~' } }] },
  {
    name: 'it was over all keys but the first',
    tell: (run) => [{ ...run, range: { after: '\u0000', upTo: null } }],
  },
  { name: 'a later one was not clean', tell: (run) => [run, after(run, { clean: false })] },
  {
    name: 'one that began at the same time was not clean',
    tell: (run) => [run, { ...run, id: 'twin', clean: false }],
  },
  { name: 'it counted documents', kinds: VERIFIED, tell: (run) => [{ ...run, mode: 'count' }] },
  {
    name: 'it compared versions',
    kinds: VERIFIED,
    tell: (run, { mode }) => (mode === 'content' ? [{ ...run, mode: 'version' }] : null),
  },
  ...(['count', 'version', 'content'] as const).flatMap((mode): Lie[] => [
    {
      name: `a later one by ${mode} has found a difference`,
      kinds: VERIFIED,
      tell: (run) => [run, after(run, { mode, clean: false })],
    },
    {
      name: `a later one by ${mode} over a part of the keys has found a difference`,
      kinds: VERIFIED,
      tell: (run) => [run, after(run, { mode, clean: false, range: { after: null, upTo: 'm' } })],
    },
    {
      name: `what a later one by ${mode} has found is refuted for a part of the keys alone`,
      kinds: VERIFIED,
      tell: (run) => {
        const found = after(run, { mode, clean: false });
        return [
          run,
          found,
          after(found, { mode: 'content', clean: true, range: { after: 'm', upTo: null } }),
        ];
      },
    },
  ]),
  {
    name: 'what a later one by version has found is refuted by a count alone',
    kinds: VERIFIED,
    tell: (run) => {
      const found = after(run, { mode: 'version', clean: false });
      return [run, found, after(found, { mode: 'count', clean: true })];
    },
  },
  {
    name: 'what a later one by content has found is refuted by versions alone',
    kinds: VERIFIED,
    tell: (run, { mode }) => {
      const found = after(run, { mode: 'content', clean: false });
      return mode === 'content' ? [run, found, after(found, { mode: 'version', clean: true })] : null;
    },
  },
];

function kindOf({ id }: RunEvidence): Kind {
  return id.split('-')[0] as Kind;
}
