/** One round of the function that moves phases: moves first, then the runs that they wait for, then what is looked after beside them. */
import type { Wanted } from '../control/condition.ts';
import type { Controller } from '../control/controller.ts';
import { summed } from '../control/decide.ts';
import type { StepPorts } from '../control/ports.ts';
import type { Stepped } from '../control/seen.ts';
import { withoutMark } from '../phases/forced_mark.ts';
import type { Phase } from '../protocol/phase.ts';
import type { Standing } from '../runs/standing.ts';
import { sweepExpired } from './expired.ts';
import { type ProbePorts, probeFeeds } from './feeds.ts';
import { type GuardPorts, guard } from './guard.ts';
import { type NoticePorts, readyMoves, tellOperators } from './notices.ts';
import type { RetentionTurn } from './retention.ts';
import { countTombstones } from './tombstone_count.ts';
import {
  behindOthers,
  checkHeartbeat,
  countConflicts,
  countSqlChanges,
  raiseHeartbeat,
  renewLetters,
  stalled,
  sweepDeadLetters,
  type UpkeepPorts,
} from './upkeep.ts';

export interface RoundPorts extends UpkeepPorts {
  readonly control: Pick<Controller, 'step' | 'audited'>;
  readonly look: StepPorts;
  /** How far runs were when this container looked last. */
  readonly standing: Standing;
  /** When this container removes what is kept for long enough. */
  readonly retentionTurn: RetentionTurn;
  /** Enters changes of flags in the audit log. Never rejects. */
  enterFlags(): Promise<void>;
  /** Starts a run. Rejects where it could not be started. */
  start(wanted: Wanted): Promise<void>;
  seconds(metric: string, value: number): void;
  readonly probes: ProbePorts;
  readonly notices: NoticePorts;
  readonly guard: GuardPorts;
  /** Whether the round was begun since a parameter has changed. */
  readonly changed: boolean;
  /** Called for each collection that was looked at. */
  looked(collection: string, decision: Stepped['decision']): void;
  /** Called for each that could not be looked at. */
  failed(collection: string, error: unknown): void;
}

/** A phase that is only passed through should not last. */
const TRANSIT: readonly Phase[] = ['seal', 'switch'];

/** What the state machine is told. Throws where a collection could not be looked at, when everything else is done. */
export async function round(ports: RoundPorts) {
  // First: after a loss of commits, evidence of before it opens no gate.
  const { checked, problem } = await checkHeartbeat(ports);
  const failures = problem === null ? [] : [problem];
  // Before moves: a collection that is to go back goes no step further.
  await guard(ports.guard);
  const stepped = await ports.control.step(ports.look, (collection, error) => {
    failures.push(`${collection}: ${(error as Error).message}`);
    ports.failed(collection, error);
  });
  for (const each of stepped) await settleMove(each, ports);
  tellPostponed(stepped, ports);
  await ports.enterFlags();
  await tellOperators(stepped, ports.notices);
  // After the moves, some of which need no store: what it writes counts at the next look.
  await sweepDeadLetters(ports);
  await renewLetters(ports);
  const others = await behindOthers(stepped, ports);
  ports.count('IdentityChanged', others.collections.size);
  await raiseHeartbeat(ports, checked, others);
  await sweepExpired(ports, others.collections);
  await countConflicts(ports);
  await countSqlChanges(ports);
  await countTombstones(ports);
  await ports.retentionTurn.take(ports.retention);
  await probeFeeds(
    stepped.filter(({ collection }) => !others.collections.has(collection)),
    ports,
  );
  ports.count('RunsStalled', await stalled(ports, ports.standing));
  measure(stepped, ports);
  if (failures.length > 0) throw new Error(failures.join(' '));
  const decisions = stepped.map(({ collection, decision }) => [collection, decision] as const);
  return summed(decisions, ports.changed);
}

async function settleMove({ collection, decision, moved, start }: Stepped, ports: RoundPorts): Promise<void> {
  ports.looked(collection, decision);
  if (moved !== null) {
    ports.count('Moves', 1);
    await ports.control.audited(collection, moved, withoutMark(moved.by), ports.look);
  }
  for (const wanted of start) await ports.start(wanted);
}

function tellPostponed(stepped: readonly Stepped[], { warn }: Pick<RoundPorts, 'warn'>): void {
  const postponed = stepped.filter((each) => each.postponed === true).map(({ collection }) => collection);
  if (postponed.length === 0) return;
  warn('Some moves are due and were not made: one look makes a few, and the next looks make these', {
    collections: postponed.join(),
  });
}

function measure(stepped: readonly Stepped[], { count, seconds }: RoundPorts): void {
  const transit = stepped.filter(({ decision }) => TRANSIT.includes(decision.phase)).map(({ age }) => age);
  // What waits for an operator or a window alone stands there because somebody wants it to.
  const ready = readyMoves(stepped);
  const waiting = stepped
    .filter((each) => each.decision.kind === 'wait' && !ready.includes(each))
    .map(({ age }) => age);
  seconds('TransitAge', Math.max(0, ...transit));
  count('MoveWaiting', waiting.length);
  count('MovesReady', ready.length);
  count('ForcedUnhealed', stepped.filter(({ forced }) => forced > 0).length);
  seconds('MoveWaitingAge', Math.max(0, ...waiting));
}
