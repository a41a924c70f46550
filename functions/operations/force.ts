/** The operations `force` and `at-risk`: what a move without its gate puts at risk, and the move itself. */
import type { Controller } from '../control/controller.ts';
import type { Planned } from '../control/move_refused.ts';
import type { LookPorts } from '../control/ports.ts';
import { tooLong } from '../records/audit.ts';
import type { Reach } from '../stores/reach.ts';
import { atRisk, type Forced, page } from './at_risk.ts';
import type { Caller } from './caller.ts';
import { ask, askedBy, confirmable, type FourEyesPorts } from './four_eyes.ts';
import { shownActor } from './person.ts';
import { BadOperation, type OperationOf } from './request.ts';
import { runsOf } from './risk_counts.ts';
import type { RiskPorts } from './risks.ts';

/** What is asked of stores and queues for one operation. */
export interface Questions {
  readonly risks: RiskPorts;
  /** Knows which stores have not answered the questions before. */
  readonly reach: Pick<Reach, 'ask'>;
  /** Enters a move. It is made: it is entered however little time is left, unless Oracle is known to be away. */
  readonly audit: LookPorts['audit'];
}

export interface ForcePorts extends FourEyesPorts {
  readonly control: Pick<Controller, 'force' | 'forceable' | 'audited'>;
  /** Milliseconds that a request has. */
  readonly request: number;
  /** @param reserve milliseconds of the request that questions have to leave. */
  questions(collection: string, reserve: number): Questions;
}

/** Keys of one page: its answer stays far below what a function may answer. */
const PAGE = 500;

/** Of the time of a request, the part that is kept for the move itself. */
const SHARE = 8;

export async function pageAtRisk(
  { collection, kind, after }: OperationOf<'at-risk'>,
  ports: Pick<ForcePorts, 'questions'>,
): ReturnType<typeof page> {
  const { risks } = ports.questions(collection, 0);
  return page(kind, kind === 'handed-off' ? null : await runsOf(risks), risks, after, PAGE);
}

/**
 * The audit log says that the force was asked for before the move is made. Where Oracle is away, the claim of the move in SSM says who
 * forced it, and why. Where two are needed for it, it is only asked for.
 */
export async function force(
  { collection, why, confirm }: OperationOf<'force'>,
  caller: Caller,
  ports: ForcePorts,
): Promise<Forced> {
  // Nobody moves anything under a name that the log could not hold.
  const problem = tooLong({ actor: caller.actor, action: '', detail: '' });
  if (problem !== null) throw new BadOperation(`${problem}. Nothing was done`);
  const asked = ports.questions(collection, confirm ? ports.request / SHARE : 0);
  const known = await atRisk(collection, asked.risks);
  if (!confirm) return { atRisk: known, moved: null };
  if (!ports.fourEyes.includes('force')) {
    const done = await make(collection, { why, entered: 'asked' }, caller, ports, asked);
    return { atRisk: known, ...done };
  }
  const planned = await ports.control.forceable(collection);
  const request = await ask('force', collection, planned, caller, why, ports.desk(collection));
  const entry = () => caller.enter(actionOf(collection, planned, 'asked'), `${request.id}: ${why}`);
  return { atRisk: known, moved: null, asked: request, ...(await entered(entry, asked)) };
}

/** Makes the move that another operator has asked for. */
export async function confirmForce(
  operation: OperationOf<'force-confirm'>,
  caller: Caller,
  ports: ForcePorts,
): Promise<Forced> {
  const { collection, look } = operation;
  const { version, ...request } = await confirmable('force', operation, caller.actor, ports.desk(collection));
  const asked = ports.questions(collection, look ? 0 : ports.request / SHARE);
  const known = await atRisk(collection, asked.risks);
  if (look) return { atRisk: known, moved: null, asked: request };
  const planned = { from: request.from, to: request.to, version };
  const made = { why: askedBy(request), entered: 'confirmed', planned } as const;
  return { atRisk: known, asked: request, ...(await make(collection, made, caller, ports, asked)) };
}

interface Made {
  readonly why: string;
  readonly entered: 'asked' | 'confirmed';
  /** The move that it has to be, where it is not any. */
  readonly planned?: Planned;
}

async function make(
  collection: string,
  { why, entered: how, planned }: Made,
  { actor, enter }: Caller,
  { control }: ForcePorts,
  questions: Questions,
) {
  let because: string | null = null;
  const before = async (move: Pick<Planned, 'from' | 'to'>) => {
    ({ because } = await entered(() => enter(actionOf(collection, move, how), why), questions));
  };
  const moved = await control.force(collection, shownActor(actor), why, before, planned);
  await control.audited(collection, moved, actor, questions);
  return { moved, audited: because === null, because };
}

function actionOf(
  collection: string,
  { from, to }: Pick<Planned, 'from' | 'to'>,
  how: Made['entered'],
): string {
  return `${collection}: force of ${from} to ${to} ${how}`;
}

/** Whether the log has taken the entry, and why not: an emergency waits for no log. */
async function entered(
  entry: () => Promise<unknown>,
  { reach }: Questions,
): Promise<{ readonly audited: boolean; readonly because: string | null }> {
  return reach.ask('oracle', entry).then(
    () => ({ audited: true, because: null }),
    (error: unknown) => ({ audited: false, because: String((error as Error).message) }),
  );
}
