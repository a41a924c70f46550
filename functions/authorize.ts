/** Lambda: looks at the tokens of apps for a private API, before a request comes to the write API. */
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import * as v from 'valibot';
import { authorize, Unauthorized } from './edge/authorizer.ts';
import { bundledConfiguration } from './edge/bundled.ts';
import { variables } from './edge/environment.ts';
import { IssuerKeys } from './edge/issuer_keys.ts';
import { loggerOf } from './edge/log_lines.ts';
import { readJson } from './edge/read_json.ts';

const given = variables(process.env, ['TOKEN_ISSUER', 'TOKEN_AUDIENCE']);
const issuer = given.TOKEN_ISSUER;
const audience = v.parse(v.array(v.string()), JSON.parse(given.TOKEN_AUDIENCE));
const { grants, collections } = bundledConfiguration();
const names = Object.keys(collections);
const logger = loggerOf();
const keys = new IssuerKeys(issuer, { read: readJson, now: Date.now });

export const handler = middy<unknown>()
  .use(injectLambdaContext(logger, { resetKeys: true }))
  .handler(async (event: unknown) => {
    try {
      return await authorize(event, {
        ...{ issuer, audience, keys, grants, collections: names, now: Date.now() },
      });
    } catch (error) {
      if (error instanceof Unauthorized) logger.info('A token was refused', error);
      else logger.error('No token can be looked at', error as Error);
      throw error;
    }
  });
