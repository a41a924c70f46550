/** The operations `force` and `at-risk`: what a move without its gate puts at risk, and the move itself. */
import type { Controller } from '../control/controller.ts';
import type { LookPorts } from '../control/ports.ts';
import type { Reach } from '../stores/reach.ts';
import { atRisk, type Forced, page } from './at_risk.ts';
import type { Caller } from './caller.ts';
import type { OperationOf } from './request.ts';
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

export interface ForcePorts {
  readonly control: Pick<Controller, 'force' | 'audited'>;
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
 * forced it, and why.
 */
export async function force(
  { collection, why, confirm }: OperationOf<'force'>,
  { actor, enter }: Caller,
  { control, request, questions }: ForcePorts,
): Promise<Forced> {
  const { risks, reach, audit } = questions(collection, confirm ? request / SHARE : 0);
  const known = await atRisk(collection, risks);
  if (!confirm) return { atRisk: known, moved: null };
  let because: string | null = null;
  const moved = await control.force(collection, actor, why, async ({ from, to }) => {
    const entry = () => enter(`${collection}: force of ${from} to ${to} asked`, why);
    await reach.ask('oracle', entry).catch((error: unknown) => {
      because = String((error as Error).message);
    });
  });
  await control.audited(collection, moved, actor, { audit });
  return { atRisk: known, moved, audited: because === null, because };
}
