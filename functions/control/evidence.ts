/** What a move is decided on: measured by others, about one moment. */
import type { Sight } from '../identity/sight.ts';
import { type Phase, ROUTES } from '../protocol/phase.ts';
import type { Shard } from '../protocol/shard.ts';
import { type Markers, MODES, type Mode, type Passed } from '../records/run.ts';
import type { CertificateEvidence } from './certificate.ts';
import type { FeedEvidence } from './feed.ts';
import type { LoadProofEvidence } from './load_proof.ts';
import type { PreflightEvidence } from './preflight.ts';

/** A run that has ended, and was not stopped. */
export interface RunEvidence {
  readonly id: string;
  readonly phase: Phase;
  /** Milliseconds since the epoch. */
  readonly started: number;
  readonly finished: number;
  readonly clean: boolean;
  /** Of a backfill that has set documents aside: how many of them are not settled. It counts as clean once all are. */
  readonly unsettled?: number;
  /** What a verification has compared; null for another kind of run. */
  readonly mode: Mode | null;
  /** The keys that it was about; null for all of them. */
  readonly range: Shard | null;
  /** Of a verification: the markers of deletions that it has met in Couchbase. Missing where nobody has counted them. */
  readonly markers?: Markers;
  /** Keys that it has passed over, since the collection does not take them. Missing where nobody has counted them. */
  readonly passed?: Passed;
}

/** Runs of each kind, the latest first. */
export interface CollectionEvidence {
  readonly name: string;
  readonly backfills: readonly RunEvidence[];
  readonly copybacks: readonly RunEvidence[];
  readonly verifications: readonly RunEvidence[];
  /** Until when there may be writes that Couchbase has not made durable; null or missing for never. */
  readonly notDurable?: number | null;
  /**
   * Contents that repairs have replaced since a store had forgotten something, and that nobody has decided on. Missing where functions of
   * the version before tell it.
   */
  readonly conflicts?: number;
  /** Rows that were changed by SQL, and that nobody has decided on: as many as are counted, or more. Functions of the version before tell nothing of it. */
  readonly sqlChanges?: number;
  /** The last that has compared versions or more, for consoles of the version before. */
  readonly verification?: RunEvidence | null;
}

/** Without clean runs that a clock ahead of ours says were begun later: they would be evidence for moves to come. */
export function untilNow(all: CollectionEvidence, now: number): CollectionEvidence {
  const known = (runs: readonly RunEvidence[]) =>
    runs.filter(({ started, clean }) => started <= now || !clean);
  const { backfills, copybacks, verifications } = all;
  return {
    ...all,
    backfills: known(backfills),
    copybacks: known(copybacks),
    verifications: known(verifications),
  };
}

/** What a gate needs compared: contents with their versions, or versions alone. */
export type Depth = 'version' | 'content';

/**
 * The last run over all keys: a run over a part of them says nothing about the others. Of two that began at the same time, the one that
 * was not clean.
 */
export function lastOf(runs: readonly RunEvidence[]): RunEvidence | null {
  const [last, ...others] = runs.filter(({ range }) => range === null);
  if (last === undefined) return null;
  return others.find(({ started, clean }) => started === last.started && !clean) ?? last;
}

/** The last verification of all keys that has compared at least so much. */
export function lastVerification(runs: readonly RunEvidence[], depth: Depth): RunEvidence | null {
  const enough = MODES.indexOf(depth);
  return lastOf(runs.filter(({ mode }) => mode !== null && MODES.indexOf(mode) >= enough));
}

/**
 * The last verification after this one that has found a difference, whatever it compared and over whichever keys, unless a later one
 * over all keys, which compared as much, has not.
 */
export function counterproof(
  runs: readonly RunEvidence[],
  certificate: RunEvidence | null,
): RunEvidence | null {
  const later = runs.filter(({ started }) => certificate !== null && started >= certificate.started);
  const refuted = (run: RunEvidence) =>
    later.some(
      (each) => each.started > run.started && each.clean && each.range === null && comparesAsMuch(each, run),
    );
  return later.find((run) => !run.clean && !refuted(run)) ?? null;
}

/**
 * Whether a clean verification of all keys by content stands that began from that time on, in a phase in which both stores are written: no
 * later run has found a difference that another has not refuted.
 */
export function provenSince(verifications: readonly RunEvidence[], from: number): boolean {
  const proves = ({ phase, started, clean, mode, range }: RunEvidence) =>
    clean && mode === 'content' && range === null && writesBoth(phase) && started >= from;
  return verifications.some((run) => proves(run) && counterproof(verifications, run) === null);
}

/** Whether the phase writes both stores. */
export function writesBoth(phase: Phase): boolean {
  return ROUTES[phase].second !== null;
}

function comparesAsMuch({ mode }: RunEvidence, { mode: of }: RunEvidence): boolean {
  return mode !== null && of !== null && MODES.indexOf(mode) >= MODES.indexOf(of);
}

/** Of one collection. Where there is any, both stores have answered, and its table is there. */
export interface Evidence {
  /** Of all collections: a queue does not tell whose they are. */
  readonly receipts: {
    /** On their delayed way. */
    readonly delayed: number;
    /** To be handled now. */
    readonly due: number;
    /** Being handled, or hidden until they are delivered again. */
    readonly hidden: number;
    /** Of this collection: have been delivered, and wait for a store. */
    readonly waiting: number;
    /** When the oldest of those was sent, in milliseconds since the epoch; null for none. */
    readonly since: number | null;
  };
  /** Of this collection, or of no known document; and messages that no letter counts yet. */
  readonly deadLetters: number;
  /** Those messages alone: they may be about any collection. */
  readonly unread: number;
  readonly collection: CollectionEvidence;
  /** Why Couchbase can make no durable writes for now; null where it can, missing where nobody has asked. */
  readonly durabilityProblem?: string | null;
  /** What looks before a backfill have counted. Missing where nobody has asked. */
  readonly preflight?: PreflightEvidence;
  /** What a certification has shown of these servers. Missing where nobody has asked. */
  readonly certificate?: CertificateEvidence;
  /** Of its change feed. Missing where it has none, and where functions of the version before tell it. */
  readonly feed?: FeedEvidence;
  /** What was measured of Oracle under load. Missing where it proves nothing, and where functions of the version before tell it. */
  readonly loadProof?: LoadProofEvidence;
  /** Which stores these are, and were; functions of the version before tell nothing of it. */
  readonly identities?: readonly Sight[];
}

/** A store does not answer, or lacks what it should have: there is nothing to decide on. */
export interface Missing {
  readonly missing: string;
}
