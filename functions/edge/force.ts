/** The operations `force` and `at-risk`: what a move without its gate puts at risk, and the move itself. */
import { lastQuestion } from '../configuration/configuration.ts';
import type { Controller } from '../control/controller.ts';
import { atRisk, type Forced, page } from '../operations/at_risk.ts';
import type { Operation } from '../operations/request.ts';
import { runsOf } from '../operations/risk_counts.ts';
import { Reach } from '../stores/reach.ts';
import type { Container } from './container.ts';
import { lookOver } from './controller.ts';
import type { EvidenceQueues } from './evidence.ts';
import { riskPorts } from './risk.ts';

export interface Around {
  readonly parts: Container;
  readonly control: Controller;
  readonly queues: EvidenceQueues;
}

type Of<Name extends Operation['name']> = Operation & { readonly name: Name };

/** Keys of one page: its answer stays far below what a function may answer. */
const PAGE = 500;

/** Of the time of a request, the part that is kept for the move itself. */
const SHARE = 8;

/** @param remaining milliseconds until the function is ended from outside. */
export function forcing(
  around: Around,
  operation: Of<'force'> | Of<'at-risk'>,
  actor: string,
  remaining: () => number,
) {
  return operation.name === 'force'
    ? force(around, operation, actor, remaining)
    : pageAtRisk(around, operation, remaining);
}

async function pageAtRisk(
  { parts, control, queues }: Around,
  { collection, kind, after }: Of<'at-risk'>,
  remaining: () => number,
) {
  const least = lastQuestion(parts.configuration.timing);
  const reach = new Reach(() => remaining() > least);
  const ports = riskPorts(parts, control, queues, collection, reach, () => remaining() > 2 * least);
  return page(kind, kind === 'handed-off' ? null : await runsOf(ports), ports, after, PAGE);
}

/**
 * The audit log says that the force was asked for before the move is made. Where Oracle is away, the claim of the move in SSM says who
 * forced it, and why.
 */
async function force(
  { parts, control, queues }: Around,
  { collection, why, confirm }: Of<'force'>,
  actor: string,
  remaining: () => number,
): Promise<Forced> {
  const { stores, configuration } = parts;
  const { timing } = configuration;
  const [least, reserve] = [lastQuestion(timing), confirm ? timing.request / SHARE : 0];
  const reach = new Reach(() => remaining() > least + reserve);
  const timely = () => remaining() > 2 * least + reserve;
  const known = await atRisk(collection, riskPorts(parts, control, queues, collection, reach, timely));
  if (!confirm) return { atRisk: known, moved: null };
  let because: string | null = null;
  const moved = await control.force(collection, actor, why, async ({ from, to }) => {
    const action = `${collection}: force of ${from} to ${to} asked`;
    const entry = () => stores.audit.write({ at: Date.now(), actor, action, detail: why });
    await reach.ask('oracle', entry).catch((error: unknown) => {
      because = String((error as Error).message);
    });
  });
  await control.audited(collection, moved, actor, lookOver(parts, queues, reach));
  return { atRisk: known, moved, audited: because === null, because };
}
