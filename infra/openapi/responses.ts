/** The answers that each request can get, of the function and of the gateway. */
import { GATEWAY, gatewayStatuses } from './gateway.ts';
import { type Asked, problemsTo, saysRetryAfter, WHEN } from './problems.ts';
import { refTo, type Schema, typesOf } from './schemas.ts';

type Headers = Readonly<Record<string, Schema>>;

const text = (description: string): Schema => ({ description, schema: { type: 'string' } });
const NO_STORE = text('no-store');
const PHASE = {
  description: 'The phase that served it. Not where no phase was read, nor where the gateway answers.',
  schema: refTo('Phase'),
};
const ETAG = text('The version of the document.');
const EXPIRES = text('When the document expires, where it does.');
const LENGTH = text('Bytes of the document.');
const RETRY = { description: 'Seconds. Not where the gateway answers.', schema: { type: 'integer' } };

export const ALWAYS: Headers = { 'Cache-Control': NO_STORE, 'Crossfade-Phase': PHASE };
const OF_DOCUMENT: Headers = { ETag: ETAG, 'Expires-At': EXPIRES };

interface Success {
  readonly description: string;
  readonly headers: Headers;
  readonly content?: Schema;
}

const ANYTHING = {
  'application/json': { schema: refTo('Document') },
  // What is no JSON was written past the API.
  'application/octet-stream': {},
};
const CHANGED: Success = { description: 'It took effect.', headers: { ETag: ETAG } };
const NOT_MODIFIED: Success = { description: 'If-None-Match names its version.', headers: OF_DOCUMENT };
const RESULTS = { 'application/json': { schema: refTo('Results') } };

const TAKEN = { 'application/json': { schema: refTo('Taken') } };

const SUCCESSES: Readonly<Record<Exclude<Asked, 'WRITE'>, Readonly<Record<number, Success>>>> = {
  GET: {
    200: { description: 'The document, as it was spelt.', headers: OF_DOCUMENT, content: ANYTHING },
    304: NOT_MODIFIED,
  },
  HEAD: {
    200: { description: 'There is one.', headers: { ...OF_DOCUMENT, 'Content-Length': LENGTH } },
    304: NOT_MODIFIED,
  },
  PUT: { 204: CHANGED },
  PATCH: { 204: CHANGED },
  DELETE: { 204: { ...CHANGED, description: 'There is none now, whether there was one or not.' } },
  BATCH: {
    200: { description: 'Each write took effect.', headers: {}, content: RESULTS },
    207: { description: 'Some writes did not; each result says.', headers: {}, content: RESULTS },
  },
  CHANGES: { 202: { description: 'All are known, or will be looked at.', headers: {}, content: TAKEN } },
};

/** By status. `x-answered-by` names who gives the answer: the function, the gateway before or after it, or either. */
export function responsesTo(asked: Exclude<Asked, 'WRITE'>): Schema {
  const successes = Object.entries(SUCCESSES[asked]).map(([status, { headers, ...rest }]) => [
    status,
    { ...rest, headers: { ...ALWAYS, ...headers }, 'x-answered-by': ['function'] },
  ]);
  const statuses = new Set([...problemsTo(asked).map(({ status }) => status), ...gatewayStatuses(asked)]);
  const failures = [...statuses].sort((a, b) => a - b).map((status) => [status, failure(asked, status)]);
  return Object.fromEntries([...successes, ...failures]);
}

function failure(asked: Asked, status: number): Schema {
  const problems = problemsTo(asked).filter((each) => each.status === status);
  const gateway = GATEWAY[status];
  const told = problems.map(({ slug }) => `\`${slug}\`: ${WHEN[slug].when}`);
  if (gateway !== undefined) told.push(`Of the gateway: ${gateway.when}`);
  const content = {
    ...(problems.length > 0 && {
      'application/problem+json': {
        schema: { allOf: [refTo('Problem'), { properties: { type: typesOf(asked, status) } }] },
      },
    }),
    ...(gateway?.message != null && { 'application/json': { schema: refTo('GatewayMessage') } }),
  };
  const headers = {
    ...(problems.length > 0 && ALWAYS),
    ...(problems.length > 0 && saysRetryAfter(status) && { 'Retry-After': RETRY }),
    ...(asked !== 'BATCH' && status === 413 && OF_DOCUMENT),
  };
  return {
    description: told.join('\n\n'),
    headers,
    // A HEAD has the headers alone.
    ...(asked !== 'HEAD' && Object.keys(content).length > 0 && { content }),
    'x-answered-by': [...(problems.length > 0 ? ['function'] : []), ...(gateway ? ['gateway'] : [])],
  };
}
