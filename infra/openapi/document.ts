/** The OpenAPI 3.1 description of the API for apps, made from what the code answers with. */
import { scopeOf, type Verb } from '../../functions/configuration/grants.ts';
import {
  BATCH_ROUTE,
  CHANGES_ROUTE,
  CHANGES_SCOPE,
  DOCUMENT_ROUTES,
  METHODS,
} from '../../functions/edge/http/routes.ts';
import { responsesTo } from './responses.ts';
import { refTo, SCHEMAS, type Schema } from './schemas.ts';

type Method = (typeof METHODS)[number];

const SUMMARIES: Readonly<Record<Method, string>> = {
  GET: 'Reads a document.',
  HEAD: 'Tells of a document without its body.',
  PUT: 'Creates or replaces a document, its expiry included.',
  PATCH: 'Changes a document by a JSON merge patch. Keeps its expiry unless a header says another.',
  DELETE: 'Deletes a document.',
};

const header = (name: string, description: string, schema: Schema = { type: 'string' }): Schema => ({
  ...{ name, in: 'header', description, schema },
});
const CONDITIONS = [
  header('If-Match', 'ETags, or * for any document that is there.'),
  header('If-None-Match', 'ETags, or * for any document that is there.'),
];
const EXPIRY = [
  header('Expires-At', 'A time (RFC 3339) in whole seconds, or never. Not beside TTL.'),
  header('TTL', 'Seconds, 1 or more. Not beside Expires-At.', { type: 'string', pattern: '^[0-9]{1,10}$' }),
];
const IDEMPOTENCY = header('Idempotency-Key', 'Names the request, so that a repetition finds what it did.', {
  ...{ type: 'string', minLength: 1, maxLength: 255 },
});
/** Of each method. Names of headers that it looks at, and nobody needs, are left out. */
const HEADERS: Readonly<Record<Method, readonly Schema[]>> = {
  GET: CONDITIONS,
  HEAD: CONDITIONS,
  PUT: [...CONDITIONS, ...EXPIRY, IDEMPOTENCY],
  PATCH: [...CONDITIONS, ...EXPIRY, IDEMPOTENCY],
  DELETE: CONDITIONS,
};

const json = (name: string): Schema => ({ schema: refTo(name) });
const BODIES: Readonly<Record<Method, Schema | null>> = {
  GET: null,
  HEAD: null,
  DELETE: null,
  PUT: { required: true, content: { 'application/json': json('Document') } },
  PATCH: {
    required: true,
    content: { 'application/merge-patch+json': json('MergePatch'), 'application/json': json('MergePatch') },
  },
};

const COLLECTION = {
  ...{ name: 'collection', in: 'path', required: true, schema: { type: 'string' } },
  description: 'One of the configuration.',
};
const KEY = { schema: { type: 'string', minLength: 1 }, required: true, name: 'key' };
const KEYS: Readonly<Record<(typeof DOCUMENT_ROUTES)[number], Schema>> = {
  '/v1/collections/{collection}/documents/{key+}': {
    ...{ ...KEY, in: 'path' },
    description:
      'Refused, unless the service is set to accept keys in paths. Percent-encoded, without %, ? and dots: send others as ?key=. Where the service has a private API, ' +
      'any key, percent-encoded as encodeURIComponent does.',
  },
  '/v1/collections/{collection}/documents': {
    ...{ ...KEY, in: 'query', allowReserved: false },
    description:
      'Any key, percent-encoded as encodeURIComponent does. Where the service has a private API, a key with a space or % is refused: send it in the path.',
  },
};

/** All of them. Beside a bearer token, OpenAPI 3.1 takes names of what it must grant. */
function needing(...verbs: readonly Verb[]): Schema[] {
  return [{ token: verbs.map((verb) => scopeOf('', '{collection}', verb)) }];
}

/** As OpenAPI spells a route of the gateway, whose last parameter may hold slashes. */
export function templated(route: string): string {
  return route.replaceAll('+}', '}');
}

function documentPath(route: (typeof DOCUMENT_ROUTES)[number]): Schema {
  const operations = METHODS.map((method) => {
    const body = BODIES[method];
    const operation = {
      operationId: `${method.toLowerCase()}${KEYS[route].in === 'path' ? 'Document' : 'DocumentByQuery'}`,
      summary: SUMMARIES[method],
      ...(HEADERS[method].length > 0 && { parameters: HEADERS[method] }),
      ...(body === null ? {} : { requestBody: body }),
      security: needing(method === 'GET' || method === 'HEAD' ? 'read' : 'write'),
      responses: responsesTo(method),
    };
    return [method.toLowerCase(), operation];
  });
  return { parameters: [COLLECTION, KEYS[route]], ...Object.fromEntries(operations) };
}

const BATCH = {
  parameters: [COLLECTION],
  post: {
    operationId: 'writeBatch',
    summary: 'Writes several documents. Each write stands for itself: a batch is no transaction.',
    requestBody: { required: true, content: { 'application/json': json('Batch') } },
    security: needing('batch', 'write'),
    responses: responsesTo('BATCH'),
  },
};

const CHANGES = {
  parameters: [COLLECTION],
  post: {
    operationId: 'tellChanges',
    summary: `For change feeds, with a token that has the scope ${CHANGES_SCOPE}: which keys have changed in Couchbase.`,
    requestBody: { required: true, content: { 'application/json': json('Changes') } },
    security: [{ token: [CHANGES_SCOPE] }],
    responses: responsesTo('CHANGES'),
  },
};

const DESCRIPTION = `Documents by their keys, whichever store holds them. A problem of the function is RFC 9457, with a type; an answer \
that API Gateway gives in its place has no type, no Crossfade-Phase and no Retry-After. \`x-answered-by\` of each response tells who can \
give it. Where the service has a private API, the gateway answers 502 too, and some messages are others. The route of operators is not described here: only their command calls it, signed with AWS credentials.`;

/** @param version of Crossfade. @param url where the API is; null where that is not known. */
export function openapi(version: string, url: string | null): Schema {
  return {
    openapi: '3.1.1',
    info: { title: 'Crossfade', version, description: DESCRIPTION, license: LICENSE },
    servers: [url === null ? { url: '/' } : { url }],
    paths: {
      ...Object.fromEntries(DOCUMENT_ROUTES.map((route) => [templated(route), documentPath(route)])),
      [BATCH_ROUTE]: BATCH,
      [CHANGES_ROUTE]: CHANGES,
    },
    components: {
      schemas: SCHEMAS,
      securitySchemes: {
        token: {
          ...{ type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
          description:
            'Of the issuer and an audience of the configuration. What each operation needs is named as scopes, {collection}.{verb} after the prefix that ' +
            'is configured; * stands for every collection. Change feeds need a scope of their own, whatever else is configured. A service may read them from another claim, or want none: ask who runs it.',
        },
      },
    },
  };
}

const LICENSE = { name: 'Apache 2.0', identifier: 'Apache-2.0' };
