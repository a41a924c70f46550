/** The event of a private REST API for the same request as that of an HTTP API. */
import { queryOf } from '../../../infra/local/rest_event.ts';

interface HttpEvent {
  readonly routeKey: string;
  readonly rawPath: string;
  readonly rawQueryString?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly pathParameters?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
  readonly requestContext: {
    readonly requestId: string;
    readonly http: { readonly method: string };
    readonly authorizer: { readonly jwt: { readonly claims: object } };
  };
}

export function asRest({ routeKey, rawPath, headers = {}, requestContext, ...event }: HttpEvent) {
  const { requestId, http, authorizer } = requestContext;
  const { rawQueryString = '', pathParameters = null, body, isBase64Encoded = false } = event;
  return {
    ...{ resource: routeKey.slice(routeKey.indexOf(' ') + 1), path: rawPath, httpMethod: http.method },
    multiValueHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
    multiValueQueryStringParameters: queryOf(rawQueryString),
    pathParameters,
    requestContext: {
      ...{ requestId, identity: { userArn: null } },
      authorizer: { principalId: 'app', claims: JSON.stringify(authorizer.jwt.claims) },
    },
    body: body === undefined ? null : isBase64Encoded ? body : Buffer.from(body).toString('base64'),
    isBase64Encoded: body !== undefined,
  };
}
