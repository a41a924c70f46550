/** Looks at the suspects of a run again, for as long as the service stays in the phase that the run was begun in. */
import type { Findings } from '../books/findings.ts';
import type { Run } from '../records/run.ts';
import { requirePhase, type Stay } from '../runs/phase_changed.ts';
import { permitted } from '../runs/turn.ts';
import type { Depth } from '../stores/couchbase/inspect.ts';
import type { Changed } from '../stores/oracle/sql_changes.ts';
import { askForRepair, type SendReceipt } from '../stores/receipt.ts';
import type { Pair } from '../stores/snapshot.ts';
import { isOfRows } from './compare.ts';
import { type Looks, look } from './look.ts';
import { holdAndJudge, type ProjectedPorts } from './projected_look.ts';
import { type Rechecked, recheck } from './recheck.ts';
import { changeOf } from './rows_changed.ts';

export interface RecheckRunPorts {
  readonly findings: Pick<Findings, 'suspects' | 'looked'>;
  /** The phase of the run's collection, and since when. */
  readonly stay: () => Promise<Stay>;
  readonly looks: (depth: Depth) => Looks;
  /** Of a collection with projections. */
  readonly projected?: Pick<ProjectedPorts, 'projections' | 'hold'> | undefined;
  /** In which state an operator has left a document out; null where none has. */
  readonly leftState: (key: string) => Promise<string | null>;
  /** Whether operators have chosen to leave out what Oracle can never take of it, and Couchbase holds such. */
  readonly isLeftByChoice: (key: string) => Promise<boolean>;
  /** Takes the body and the columns from the row of a document that is deleted. */
  readonly clear: (key: string) => Promise<unknown>;
  /** Writes down that the row of a key was changed by SQL. @param since when the phase began, in milliseconds since the epoch. */
  readonly noteChange: (key: string, what: Changed, since: number) => Promise<void>;
  readonly sendReceipt: SendReceipt;
  readonly now: () => number;
  /** Whether there is time to look at another suspect. */
  readonly timely: () => boolean;
}

/**
 * Throws `PhaseChanged`: in another phase other things differ. A marker that nobody removes there would be taken for one that is left over.
 * @param stands milliseconds after which a difference that stands is no write on its way.
 */
export async function recheckRun(
  run: Run,
  {
    findings,
    stay,
    looks: looksAt,
    projected,
    leftState,
    isLeftByChoice,
    clear,
    noteChange,
    ...rest
  }: RecheckRunPorts,
  stands: number,
): Promise<{ readonly run: string } & Rechecked> {
  const { id, collection, options, phase } = run;
  const { sendReceipt, now, timely } = rest;
  const { mode = 'content', repair = false } = options;
  let since = 0;
  const permit = async () => {
    const now = await stay();
    requirePhase(run, now);
    since = now.since;
  };
  await permit();
  const looks = looksAt(mode === 'content' ? 'whole' : 'outside');
  const left = await recheck(
    {
      suspects: permitted(permit, (after) => findings.suspects(id, after)),
      // Looks take minutes.
      looked: permitted(permit, async (noted) => {
        const what = noted.verdict === 'mismatch' ? changeOf(noted.kind) : null;
        // Before it is over with the suspect: whoever does it again writes it down once.
        if (what !== null) await noteChange(noted.key, what, since);
        await findings.looked(noted);
      }),
      look: permitted(permit, async (key) => (await look([key], looks, phase))[0] as Pair),
      ...(projected === undefined || mode !== 'content'
        ? {}
        : { projected: permitted(permit, (key: string) => holdAndJudge(projected, key, repair)) }),
      leftOut: async ({ key, seen }) =>
        (seen !== null && (await leftState(key)) === seen) || (await isLeftByChoice(key)),
      repair: permitted(permit, async ({ key, kind }) => {
        // Both stores agree that it is deleted: there is nothing to converge.
        if (kind === 'remains') await clear(key);
        // Its rows were put right with the look that found them.
        else if (!isOfRows(kind)) await askForRepair(sendReceipt, { collection, key, phase });
      }),
      ...{ now, timely },
    },
    { phase, mode, repair, stands },
  );
  return { run: id, ...left };
}
