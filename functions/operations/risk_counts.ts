/** How many keys of each kind are at risk, exactly, or why nobody can tell. */

import type { FindingsWanted } from '../books/risk.ts';
import { untilNow } from '../control/evidence.ts';
import { evidenceOf } from '../control/history.ts';
import { notDurableText, unprovenUntil } from '../control/not_durable.ts';
import type { EffectivePhase } from '../phases/effective_phase.ts';
import { ROUTES } from '../protocol/phase.ts';
import type { Ended, Kind, StandingRun } from '../records/run.ts';
import { isOfStay } from '../runs/phase_changed.ts';
import { FOUND, type Known, type RiskName, type RiskPorts } from './risks.ts';
import { comparesAll, standingRuns } from './verified.ts';

/** Runs of each kind that are looked at. */
const HISTORY = 50;

export interface Runs {
  readonly effective: EffectivePhase;
  readonly standing: Readonly<Record<Kind, readonly StandingRun[]>>;
  /** Kinds of which there are more runs than were looked at. */
  readonly cut: ReadonlySet<Kind>;
  /** The last verification of all keys. */
  readonly compared: Ended | null;
  /** Verifications of the collection as it is configured now, the latest first. */
  readonly verifications: readonly Ended[];
}

export async function runsOf(
  ports: Pick<RiskPorts, 'effective' | 'history' | 'underWay' | 'isOfMapping'>,
): Promise<Runs> {
  const effective = await ports.effective();
  const underWay = await ports.underWay();
  const backfill = await ports.history('backfill', HISTORY);
  const copyback = await ports.history('copyback', HISTORY);
  const verify = await ports.history('verify', HISTORY);
  const ended = { backfill, copyback, verify };
  const kinds = Object.keys(ended) as Kind[];
  // Those of another mapping were about other documents: what they have found may stand, and they refute nothing.
  const later = Object.values(ended).flat().filter(ports.isOfMapping);
  const standing = (kind: Kind) =>
    standingRuns([...underWay.filter((run) => run.kind === kind), ...ended[kind]], later);
  // The oldest that was looked at has findings that stand: an older one may have some, too.
  const isCut = (kind: Kind) =>
    ended[kind].length === HISTORY && standing(kind).some(({ run }) => run === ended[kind].at(-1)?.id);
  return {
    effective,
    standing: { backfill: standing('backfill'), copyback: standing('copyback'), verify: standing('verify') },
    cut: new Set(kinds.filter(isCut)),
    compared:
      later.find((run) => run.kind === 'verify' && run.outcome !== 'stopped' && comparesAll(run)) ?? null,
    verifications: verify.filter(ports.isOfMapping),
  };
}

/** @param letters as they were counted, or why they were not. */
export async function known(
  name: RiskName,
  collection: string,
  ports: RiskPorts,
  runs: Runs,
  letters: Awaited<ReturnType<RiskPorts['letters']>> | { readonly failed: string },
): Promise<Known> {
  if (name === 'handed-off') {
    const { count, next } = await ports.handedOff(null);
    return next === null
      ? exactly(count)
      : unknown(
          `there was no time to look at all rows. npx crossfade force ${collection} --list lists all`,
          count,
        );
  }
  if (name === 'another-store') return ofAnotherStore(collection, ports, runs);
  if (name === 'conflicts') return exactly(await ports.conflicts());
  if (name === 'waiting') return exactly(orThrow(letters).waiting);
  if (name === 'dead-letters') {
    const { open, unread } = orThrow(letters);
    return unread === 0
      ? exactly(open)
      : unknown(
          `${unread} messages in the queue have no letter yet. npx crossfade dead-letters list writes them`,
          open,
        );
  }
  return ofFindings(name, collection, ports, runs);
}

/** Once another store is accepted, it is what it has to be: only a verification tells in which documents it differs. */
async function ofAnotherStore(
  collection: string,
  ports: RiskPorts,
  { verifications, effective }: Runs,
): Promise<Known> {
  const problems = await ports.identities();
  if (problems.length > 0) return unknown(problems.join(' '));
  const history = {
    runs: { backfill: [], copyback: [], verify: verifications },
    ...{ notDurable: await ports.notDurable(), conflicts: 0 },
  };
  const all = evidenceOf(collection, history, () => true);
  const unproven = unprovenUntil(untilNow(all, ports.now()));
  if (unproven === null) return exactly(0);
  const { second } = ROUTES[effective.phase];
  const how =
    second === null
      ? `In ${effective.phase} nothing can be compared`
      : `A clean verification that begins after that tells: npx crossfade verify start ${collection} --mode content`;
  return unknown(`${notDurableText(unproven)}. ${how}`);
}

async function ofFindings(name: RiskName, collection: string, ports: RiskPorts, runs: Runs): Promise<Known> {
  const wanted = FOUND[name];
  if (wanted === undefined) throw new Error(`${name} is no kind of findings`);
  const { standing, cut } = runs;
  const count = await ports.count(standing[wanted.of], wanted);
  if (cut.has(wanted.of)) return unknown(`more than ${HISTORY} runs were not clean`, count);
  if (wanted.of !== 'verify') return exactly(count);
  const verify = `npx crossfade verify start ${collection} tells`;
  let unchecked = 0;
  let partly = false;
  for (const { run, except } of standing.verify) {
    const more = await ports.unchecked(run);
    unchecked += more;
    partly ||= more > 0 && except.length > 0;
  }
  if (name === 'undecided') {
    if (partly) return unknown(`some of ${unchecked} more were looked at again. ${verify}`, count);
    return exactly(count + unchecked);
  }
  const unseen = whyUnseen(runs, verify);
  if (unseen !== null) return unknown(unseen, count);
  const undecided = unchecked + (await ports.count(standing.verify, FOUND.undecided as FindingsWanted));
  return undecided === 0
    ? exactly(count)
    : unknown(`verification has not decided on ${undecided} documents. ${verify}`, count);
}

/** Why no verification tells how the stores differ now; null where one does. */
function whyUnseen({ effective, compared }: Runs, verify: string): string | null {
  const { phase } = effective;
  const how = ROUTES[phase].second === null ? `In ${phase} nothing can be compared` : verify;
  if (compared === null) return `no verification of all keys by version or content has ended. ${how}`;
  if (isOfStay(compared, effective)) return null;
  const { id, started } = compared;
  return `the last verification of all keys, ${id} of ${new Date(started).toISOString()} in ${compared.phase}, is older than this stay in ${phase}. ${how}`;
}

function exactly(count: number): Known {
  return { count, atLeast: count, why: null };
}

export function unknown(why: string, atLeast = 0): Known {
  return { count: null, atLeast, why };
}

export function orThrow<A>(answer: A | { readonly failed: string }): A {
  if (typeof answer === 'object' && answer !== null && 'failed' in answer) throw new Error(answer.failed);
  return answer as A;
}
