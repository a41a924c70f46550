/**
 * Looks at suspects again. A difference may be a write on its way, and a hot key may differ at every look; so it is real only if it
 * stands, in the very same states of both stores, for longer than any write and its receipt take.
 */
import type { Phase } from '../protocol/phase.ts';
import type { Noted, SuspectPage } from '../records/finding.ts';
import type { Mode } from '../records/run.ts';
import { type Pair, stateOf } from '../stores/snapshot.ts';
import { compare, type Difference } from './compare.ts';

export interface RecheckPorts {
  /** @param after a key; null for the first page. */
  suspects(after: string | null): Promise<SuspectPage>;
  looked(noted: Noted): Promise<void>;
  look(key: string): Promise<Pair>;
  /** What is wrong with the rows of projections of a document that agrees else, with its row locked; null for nothing. It repairs them where the run does. */
  projected?(key: string): Promise<Difference | null>;
  /** Whether an operator has left the document out, in the state that was seen or by a choice that holds for it. */
  leftOut(noted: Pick<Noted, 'key' | 'seen'>): Promise<boolean>;
  repair(noted: Pick<Noted, 'key' | 'kind'>): Promise<void>;
  now(): number;
  timely(): boolean;
}

export interface Rechecking {
  readonly phase: Phase;
  readonly mode: Mode;
  readonly repair: boolean;
  /** Milliseconds after which a difference that stands is no write on its way; twice as many for a marker. */
  readonly stands: number;
}

/** What is left to be looked at, and how many seconds from now. */
export interface Rechecked {
  readonly suspects: number;
  readonly wait: number;
}

/** Requests' times after which the queue of receipts delivers one again whose first delivery came to nothing. */
const REDELIVERY = 6;

/**
 * After how many milliseconds a difference that stands is no write on its way. What a write leaves to its receipt is settled a bake after it, within one more
 * request; now and then by its second delivery, since a worker has died, or a store did not answer. In `contract` no write leaves anything to one.
 */
export function standsAfter(phase: Phase, bake: number, request: number): number {
  const delivered = bake + request;
  return phase === 'contract' ? delivered : delivered + REDELIVERY * request;
}

/** Looks after which a key that was another each time is left alone: it is written all the time. */
const PATIENCE = 20;
/** Seconds between two looks at most. */
const LONGEST = 30;

/**
 * Looks at each suspect once, for as long as there is time: an execution has 25,000 events, and each call of this costs nine. The next call begins
 * with the first key again. That ends: no suspect stays one for more than some 30 looks.
 */
export async function recheck(ports: RecheckPorts, how: Rechecking): Promise<Rechecked> {
  let [left, wait] = [0, LONGEST];
  for (let after: string | null = null; ; ) {
    const { suspects, next }: SuspectPage = await ports.suspects(after);
    for (const suspect of suspects) {
      if (!ports.timely()) return { suspects: left + 1, wait: 1 };
      const looked = await lookAgain(suspect, ports, how);
      if (looked.verdict !== 'suspect') continue;
      left++;
      wait = Math.min(wait, patience(looked, how));
    }
    if (next === null) return { suspects: left, wait };
    // Pages without a suspect take time, too, and the rest may have some.
    if (!ports.timely()) return { suspects: left + 1, wait: 1 };
    after = next;
  }
}

async function lookAgain(suspect: Noted, ports: RecheckPorts, how: Rechecking): Promise<Noted> {
  const judged = judge(suspect, await ports.look(suspect.key), how, ports.now());
  const looked = await (judged.verdict === 'passed' ? withRows(judged, ports) : known(judged, ports));
  if (looked.verdict === 'mismatch' && how.repair) await ports.repair(looked);
  await ports.looked(looked);
  return looked;
}

/** What was a write on its way at the first look may hide what is wrong with its rows. They are looked at locked, so what differs does not wait. */
async function withRows(judged: Noted, { projected }: Pick<RecheckPorts, 'projected'>): Promise<Noted> {
  const difference = (await projected?.(judged.key)) ?? null;
  return difference === null ? judged : { ...judged, ...difference, verdict: 'mismatch' };
}

async function known(judged: Noted, ports: Pick<RecheckPorts, 'leftOut'>): Promise<Noted> {
  const isFound = judged.verdict === 'mismatch' || judged.verdict === 'busy';
  return isFound && (await ports.leftOut(judged)) ? { ...judged, verdict: 'left out' } : judged;
}

/** The longer a difference stands, the later the next look; but no later than it could be decided. */
function patience({ kind, looks, firstSeen, lastSeen }: Noted, { stands }: Rechecking): number {
  const decided = Math.ceil((firstSeen + allowed(kind, stands) - lastSeen) / 1000);
  return Math.max(1, Math.min(decided, 2 ** (looks - 1), LONGEST));
}

/** A deletion's receipt finds its marker, and only a second one, a bake after it, removes that. */
function allowed(kind: string, stands: number): number {
  return kind === 'marker' ? 2 * stands : stands;
}

export function judge(suspect: Noted, pair: Pair, { phase, mode, stands }: Rechecking, now: number): Noted {
  const difference = compare(phase, pair, mode);
  const looked = { ...suspect, looks: suspect.looks + 1, lastSeen: now };
  if (difference === null) return { ...looked, verdict: 'passed' };
  const seen = stateOf(pair);
  if (seen === suspect.seen) {
    const isLate = now - suspect.firstSeen >= allowed(difference.kind, stands);
    return { ...looked, ...difference, verdict: isLate ? 'mismatch' : 'suspect' };
  }
  // It is another difference than before: its time begins anew.
  return {
    ...looked,
    ...difference,
    seen,
    firstSeen: now,
    verdict: looked.looks < PATIENCE ? 'suspect' : 'busy',
  };
}
