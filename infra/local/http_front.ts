/** The HTTP API of a template: its routes, and who may take them. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { hasScope, type Issued, type Issuer, issuedFor } from './app_tokens.ts';
import { Bucket } from './bucket.ts';
import {
  type Allows,
  answer,
  type Behind,
  bodyOf,
  FORBIDDEN,
  type Front,
  type PlainRoute,
  patternOf,
  requestsOf,
  routeFor,
  send,
  signerOf,
  TOO_MANY,
  targetOf,
} from './gateway_parts.ts';
import { claimTexts, eventOf, pathSeen } from './http_event.ts';
import { Refused } from './lambda/failure.ts';
import { ACCOUNT, type Template, UnknownInTemplate } from './template.ts';

interface Route extends PlainRoute {
  /** Who issues its tokens; null where it wants the signature of AWS. */
  readonly tokens: Issued | null;
  /** A token needs any of these; none for no scope. */
  readonly scopes: readonly string[];
}

export function httpFront(template: Template, { functions, apps, allows }: Behind): Front {
  const routes = routesOf(template, functions);
  return {
    prefix: '',
    issued: routes.flatMap(({ tokens }) => tokens ?? [])[0] as Issued,
    serve: (request, response) => serve(routes, { apps, allows }, request, response),
    failureOf,
  };
}

function routesOf(template: Template, functions: Behind['functions']): Route[] {
  const byId = new Map(template.resources.map((resource) => [resource.id, resource]));
  return template.ofType('AWS::ApiGatewayV2::Route').map(({ id, properties }) => {
    const { RouteKey, Target, AuthorizationType, AuthorizerId, ApiId } = template.resolve(
      properties,
    ) as Record<string, string>;
    const [method = '', path = ''] = RouteKey?.split(' ') ?? [];
    const integration = byId.get(Target?.replace('integrations/', '') ?? '');
    const arn = template.text(integration?.properties.IntegrationUri);
    const source = requestsOf(ApiId ?? '', '$default', `${method}${path}`);
    const target = targetOf(template, functions, arn, { route: RouteKey as string, source });
    if (AuthorizationType !== 'JWT' && AuthorizationType !== 'AWS_IAM')
      throw new UnknownInTemplate(
        `${id} is authorized by ${AuthorizationType ?? 'nothing'}, which this machine cannot do`,
      );
    return {
      method,
      key: RouteKey as string,
      ...patternOf(path),
      requests: bucketOf(template, RouteKey as string),
      target,
      tokens: AuthorizationType === 'JWT' ? issuedFor(template, AuthorizerId ?? '') : null,
      scopes: (template.resolve(properties.AuthorizationScopes) ?? []) as string[],
    };
  });
}

/**
 * The limits of the stage for this route, or those for all routes. The pages do not say whether routes share the latter: here each has them for itself,
 * as the methods of a REST API do. (apigateway/latest/developerguide/http-api-throttling.html, 2026-11-27)
 */
function bucketOf(template: Template, routeKey: string): Bucket | null {
  const [stage] = template.ofType('AWS::ApiGatewayV2::Stage');
  const { DefaultRouteSettings, RouteSettings } = (stage?.properties ?? {}) as {
    DefaultRouteSettings?: Throttling;
    RouteSettings?: Readonly<Record<string, Throttling>>;
  };
  const settings = RouteSettings?.[routeKey] ?? DefaultRouteSettings;
  if (settings === undefined) return null;
  return new Bucket(settings.ThrottlingRateLimit, settings.ThrottlingBurstLimit);
}

interface Throttling {
  readonly ThrottlingRateLimit: number;
  readonly ThrottlingBurstLimit: number;
}

async function serve(
  routes: readonly Route[],
  { apps, allows }: Pick<Behind, 'apps' | 'allows'>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const [rawPath = '/', rawQueryString = ''] = (request.url ?? '/').split(/\?(.*)/s);
  const route = routeFor(routes, request.method, rawPath);
  if (route === undefined) return send(response, 404, '{"message":"Not Found"}');
  if (route.requests?.take() === false) return send(response, 429, TOO_MANY);
  const authorizer =
    route.tokens === null
      ? signed(request, rawPath, allows)
      : await tokenIn(request, route.tokens, route.scopes, apps);
  if (authorizer === 401)
    return send(response, 401, '{"message":"Unauthorized"}', { 'www-authenticate': 'Bearer' });
  if (authorizer === 403) return send(response, 403, FORBIDDEN);
  const body = await bodyOf(request);
  if (body === null) return send(response, 413, '{"message":"Request Entity Too Large"}');
  const seen = pathSeen(rawPath);
  if (seen === null) return send(response, 400, '{"message":"Bad Request"}');
  const event = eventOf(route, request, { rawPath: seen, rawQueryString, body, authorizer });
  await answer(response, route.target, event);
}

/** Whoever has signed the request, where they may call it. */
function signed(request: IncomingMessage, path: string, allows: Allows): object | 403 {
  const signer = signerOf(request);
  const resource = requestsOf('local', '$default', `${request.method}${path}`);
  if (signer === null || allows(signer.accessKey, 'execute-api:Invoke', resource) !== true) return 403;
  return { iam: { ...signer, accountId: ACCOUNT } };
}

/** What the function is told of the token; 401 without one that is taken, 403 where it has none of the scopes. */
async function tokenIn(
  { headers }: IncomingMessage,
  issued: Issued,
  scopes: readonly string[],
  apps: Issuer,
): Promise<object | 401 | 403> {
  const claims = await apps.claimsIn(issued, headers.authorization);
  if (claims === null) return 401;
  if (!hasScope(claims, scopes)) return 403;
  return { jwt: { claims: claimTexts(claims), scopes: scopes.length === 0 ? null : scopes } };
}

/** What an HTTP API answers where an invocation fails. (apigateway/latest/developerguide/http-api-troubleshooting-lambda.html, 2026-11-27) */
function failureOf(error: unknown): [number, string] {
  const type = error instanceof Refused ? error.type : '';
  if (type === 'RequestTooLargeException') return [413, '{"message":"Request Entity Too Large"}'];
  if (type === 'TooManyRequestsException') return [503, '{"message":"Service Unavailable"}'];
  return [500, '{"message":"Internal Server Error"}'];
}
