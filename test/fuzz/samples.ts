/** Events that mutations begin with: those of `events/`, and one for each operation that the API is described with. */
import { readdirSync, readFileSync } from 'node:fs';
import { BATCH_ROUTE, DOCUMENT_ROUTES } from '../../functions/edge/http/routes.ts';
import { templated } from '../../infra/openapi/document.ts';
import { DESCRIPTION } from '../edge/http/described.ts';
import type { Json } from './mutations.ts';

const EVENTS = new URL('../../events/', import.meta.url);

/** A value in documents alone: it may be in no refusal and in no log. */
export const SECRET = 'a value of a document, 7f3a';

/** @param names how the files begin. */
export function samplesOf(...names: readonly string[]): Json[] {
  const files = readdirSync(EVENTS).filter((file) => names.some((name) => file.startsWith(`${name}.`)));
  if (files.length === 0) throw new Error(`events/ has none of ${names}`);
  return files.map((file) =>
    JSON.parse(readFileSync(new URL(file, EVENTS), 'utf8').replaceAll('c1', SECRET)),
  );
}

interface Parameter {
  readonly name: string;
  readonly in: string;
}

const HEADERS: Readonly<Record<string, string>> = {
  'If-Match': '*',
  'If-None-Match': '"17"',
  'Expires-At': '2031-05-06T07:08:09Z',
  TTL: '3600',
  'Idempotency-Key': 'once',
};

const DOCUMENT = { customer: SECRET, total: 12.5 };
const WRITES = [
  { key: 'a', put: DOCUMENT, 'if-none-match': '*', ttl: '60' },
  { key: 'b', patch: DOCUMENT, 'idempotency-key': 'once' },
  { key: 'c', delete: true, 'if-match': '"17"' },
  { key: 'd', put: [SECRET] },
];

/** With each header that an operation takes by itself, and with none. */
export function describedEvents(): Json[] {
  return [...DOCUMENT_ROUTES, BATCH_ROUTE].flatMap((route) => {
    const { parameters: _, ...operations } = DESCRIPTION.paths[templated(route)] as Record<string, object>;
    return Object.entries(operations).flatMap(([method, operation]) => {
      const { parameters = [], requestBody } = operation as {
        parameters?: Parameter[];
        requestBody?: object;
      };
      const headers = parameters.map(({ name }) => ({ [name.toLowerCase()]: HEADERS[name] ?? '' }));
      return [{}, ...headers].map((each) =>
        eventOf(route, method.toUpperCase(), each, requestBody !== undefined),
      );
    });
  });
}

function eventOf(route: string, method: string, headers: Record<string, string>, hasBody: boolean): Json {
  const isInPath = route.includes('{key+}');
  const isBatch = route === BATCH_ROUTE;
  return {
    ...{ version: '2.0', routeKey: `${method} ${route}`, isBase64Encoded: false },
    rawPath: route.replace('{collection}', 'orders').replace('{key+}', 'k%20%C3%A9'),
    rawQueryString: isInPath || isBatch ? '' : 'key=k%2F..%2Fl',
    headers: {
      'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json',
      ...headers,
    },
    pathParameters: { collection: 'orders', ...(isInPath && { key: 'k é' }) },
    requestContext: {
      ...{ requestId: 'r-1', http: { method } },
      authorizer: {
        jwt: {
          claims: { iss: 'https://issuer.example', sub: 'app', scope: '*.read *.write *.batch' },
          scopes: null,
        },
      },
    },
    ...(hasBody && { body: JSON.stringify(isBatch ? { writes: WRITES } : DOCUMENT) }),
  };
}
