/** Lambda: certifies, turn by turn, that the stores are as Crossfade needs them. Writes into the scratch collection and the scratch table alone. */
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { takeStep } from './certification/step.ts';
import { nameOfSystem, OtherSystem } from './certification/test_system.ts';
import { takeTurn } from './certification/turn.ts';
import { CERTIFY_VARIABLES, certifier } from './edge/certifier.ts';
import { variables } from './edge/environment.ts';
import { failingPlainly } from './edge/log_lines.ts';

const { logger, places, book, open, now } = certifier(variables(process.env, CERTIFY_VARIABLES));

/** Milliseconds that a turn leaves for what it notes at its end. */
const LAST = 20_000;

export const handler = middy<unknown>()
  .use(injectLambdaContext(logger, { resetKeys: true }))
  // Keys are those that it has made itself.
  .use(failingPlainly({ shown: (key) => key }))
  .handler((event: unknown, context: Context) => {
    const timeLeft = () => context.getRemainingTimeInMillis() - LAST;
    return takeStep(event, {
      places,
      begin: (run, form, parts) => book.begin(run, form, parts, now()),
      requireSystem: async (place, system) => {
        const { servers } = await open(JSON.stringify(place), timeLeft).about();
        const told = nameOfSystem(servers);
        if (told !== system) throw new OtherSystem(told);
      },
      goOn: (run) => takeTurn(run, { book, now, open: (place) => open(place, timeLeft) }),
      giveUp: (run) => book.giveUp(run, now()),
    });
  });
