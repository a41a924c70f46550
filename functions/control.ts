/** Lambda: takes each collection's phase one safe move towards what operators want, or tells what it waits for. */
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import { SFNClient } from '@aws-sdk/client-sfn';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { Controller } from './control/controller.ts';
import { bounded } from './edge/bounded.ts';
import { FlagsSeen } from './edge/changed_flags.ts';
import { container, VARIABLES } from './edge/container.ts';
import { CONTROL_VARIABLES, controllerPorts, pacedWrites } from './edge/controller.ts';
import { optional, variables } from './edge/environment.ts';
import { failingPlainly } from './edge/log_lines.ts';
import { ToldMoves } from './edge/notices.ts';
import { roundPorts } from './edge/round.ts';
import { AskedLatencies } from './operations/guard.ts';
import { RetentionTurn } from './operations/retention.ts';
import { round } from './operations/round.ts';
import { Standing } from './runs/standing.ts';

const environment = {
  ...variables(process.env, [...VARIABLES, ...CONTROL_VARIABLES]),
  ...optional(process.env, 'AUDIT_LOG'),
  ...optional(process.env, 'MOVE_TOPIC'),
};
/** Milliseconds that must be left for a call about hashes of the audit log: two attempts, and what Lambda needs at the end. */
const ANCHORS = 3500;
const parts = container(environment);
const states = new SFNClient(bounded());
const writes = pacedWrites();
/** Of this container: how far runs were when it looked last, beside what moves them. */
const flags = new FlagsSeen();
const controls = controllerPorts(parts, environment, writes, (found) => {
  flags.last = found;
});
const kept = {
  ...{ control: new Controller(controls), standing: new Standing(), writes, flags },
  guard: { controls, asked: new AskedLatencies() },
  retentionTurn: new RetentionTurn(),
  toldMoves: new ToldMoves(parts.parameters, writes, environment.PARAMETERS),
};

export const handler = middy<unknown>()
  .use(injectLambdaContext(parts.logger, { resetKeys: true }))
  .use(logMetrics(parts.metrics))
  .use(failingPlainly(parts.keys))
  .handler(async (event: unknown, context: Context) => {
    const remaining = () => context.getRemainingTimeInMillis();
    try {
      return await round(roundPorts(parts, environment, kept, states, remaining, isOfChange(event)));
    } finally {
      await parts.anchors?.settleAll(() => remaining() > ANCHORS);
    }
  });

/** As the rules of the stack say it that look for changes of parameters. */
function isOfChange(event: unknown): boolean {
  return typeof event === 'object' && event !== null && 'changed' in event && event.changed === true;
}
