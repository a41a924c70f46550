/** The events that a REST API invokes functions with (payload format 1.0). Seen of AWS in July 2026. (github.com/hotsock/voker, vokerhttp/testdata/apigwv1-request.json, 2026-11-28) */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Shape } from './http_event.ts';
import type { Caller } from './rest_policy.ts';
import { ACCOUNT } from './template.ts';

interface Parts {
  /** As it was sent, without the stage. */
  readonly path: string;
  readonly query: string;
  readonly body: Buffer;
  readonly api: { readonly id: string; readonly stage: string; readonly binary: readonly string[] };
  readonly endpoint: string;
  readonly caller: Caller;
}

export function restEvent(
  { key: resource, pattern, names }: Shape,
  request: IncomingMessage,
  { path, query, body, api, endpoint, caller }: Parts,
) {
  const found = pattern.exec(path) ?? [];
  // Neither the path nor its parameters are decoded.
  const parameters = names.map((name, index) => [name, found[index + 1] ?? '']);
  const multiValueHeaders = headersOf(request);
  const multiValueQueryStringParameters = queryOf(query);
  const binary = api.binary.includes('*/*');
  return {
    ...{ resource, path, httpMethod: request.method },
    ...{ headers: lastOf(multiValueHeaders), multiValueHeaders },
    ...{ queryStringParameters: lastOf(multiValueQueryStringParameters), multiValueQueryStringParameters },
    pathParameters: parameters.length === 0 ? null : Object.fromEntries(parameters),
    stageVariables: null,
    requestContext: {
      ...{
        accountId: ACCOUNT,
        apiId: api.id,
        requestId: randomUUID(),
        stage: api.stage,
        protocol: 'HTTP/1.1',
      },
      ...{ httpMethod: request.method, resourcePath: resource, path: `/${api.stage}${path}` },
      identity: { sourceIp: '10.0.0.1', vpceId: endpoint, userArn: caller.userArn },
      authorizer: caller.authorizer,
    },
    body: body.length === 0 ? null : body.toString(binary ? 'base64' : 'utf8'),
    isBase64Encoded: binary && body.length > 0,
  };
}

type Texts = Readonly<Record<string, readonly string[]>>;

/** With the names as they were sent. */
function headersOf({ rawHeaders }: IncomingMessage): Texts {
  const all: [name: string, value: string][] = [];
  for (let n = 0; n + 1 < rawHeaders.length; n += 2) {
    const [name = '', value = ''] = [rawHeaders[n], rawHeaders[n + 1]];
    // A gateway ends the connection of the client, and tells no length.
    if (name.toLowerCase() !== 'content-length') all.push([name, value]);
  }
  return gathered(all);
}

/** As the parameters of the event have it: decoded once, with a space for `+` and U+FFFD for what is no UTF-8; a semicolon separates parameters as `&` does. Null where there is none. */
export function queryOf(query: string): Texts | null {
  if (query === '') return null;
  return gathered([...new URLSearchParams(query.replaceAll(';', '&'))]);
}

function gathered(all: readonly (readonly [name: string, value: string])[]): Texts {
  const byName = Map.groupBy(all, ([name]) => name);
  return Object.fromEntries([...byName].map(([name, each]) => [name, each.map(([, value]) => value)]));
}

function lastOf(all: Texts | null): Record<string, string> | null {
  if (all === null) return null;
  return Object.fromEntries(Object.entries(all).map(([name, values]) => [name, values.at(-1) ?? '']));
}
