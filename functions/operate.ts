/** Lambda: what operators do beside starting runs, behind the route of the HTTP API that wants AWS's signature. */
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { container, VARIABLES } from './edge/container.ts';
import { CONTROL_VARIABLES, controllerOver } from './edge/controller.ts';
import { optional, variables } from './edge/environment.ts';
import { failingPlainly } from './edge/log_lines.ts';
import { noteChanges } from './edge/note_changes.ts';
import { operationPorts } from './edge/operations.ts';
import { serveOperation } from './edge/operator_api.ts';
import { perform } from './operations/perform.ts';
import { rightIn } from './operations/rights.ts';

const environment = {
  ...variables(process.env, [...VARIABLES, ...CONTROL_VARIABLES]),
  ...optional(process.env, 'AUDIT_LOG'),
  ...optional(process.env, 'CERTIFY_MACHINE'),
  ...optional(process.env, 'ORACLE_LOGINS'),
};
const parts = container(environment);
const { logger, keys, configuration, failovers } = parts;
const control = controllerOver(parts, environment);
const collections = Object.keys(configuration.collections);

export const handler = middy<unknown>()
  .use(injectLambdaContext(logger, { resetKeys: true }))
  .use(noteChanges(failovers))
  .use(failingPlainly(keys))
  .handler((event: unknown, context: Context) =>
    serveOperation(event, {
      ...{ collections, logger, right: rightIn(context.invokedFunctionArn) },
      perform: async (operation, actor) => {
        await parts.anchors?.settle();
        const remaining = () => context.getRemainingTimeInMillis();
        return perform(operation, actor, operationPorts(parts, environment, control, remaining));
      },
    }),
  );
