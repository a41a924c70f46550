/** The HTTP API of a template: its routes, and who may take them. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import {
  type Claims,
  grantingAll,
  hasScope,
  type Issued,
  type Issuer,
  issuedFor,
  issuer,
} from './app_tokens.ts';
import { Bucket } from './bucket.ts';
import { claimTexts, eventOf, pathSeen, type Shape } from './http_event.ts';
import type { Invocable } from './lambda/alias.ts';
import { InvocationFailed, Refused } from './lambda/failure.ts';
import { HTTP_API } from './limits.ts';
import { listening, portOf, shut } from './listen.ts';
import { matches, OPERATOR, operatorIn } from './policy.ts';
import { ACCOUNT, REGION, type Template, UnknownInTemplate } from './template.ts';

const TOO_MANY = '{"message":"Too Many Requests"}';
const FORBIDDEN = '{"message":"Forbidden"}';

/** What tokens carry where nobody says more: enough for settings that name neither a claim nor a prefix. */
const ALL_SCOPES = grantingAll({ kind: 'scopes', claims: ['scope'], prefix: '' });

/** The source of what is logged of failed requests. */
export const GATEWAY = 'gateway';

interface Route extends Shape {
  readonly method: string;
  /** How many requests it may have, by the settings of the stage. */
  readonly requests: Bucket | null;
  readonly target: Invocable;
  /** Who issues its tokens; null where it wants the signature of AWS. */
  readonly tokens: Issued | null;
  /** A token needs any of these; none for no scope. */
  readonly scopes: readonly string[];
}

export interface Gateway {
  readonly url: string;
  /** A token as the apps' issuer would give it. @param claims beside its subject. */
  token(subject: string, claims?: Claims): Promise<string>;
  stop(): Promise<void>;
}

/**
 * @param functions and aliases, by their ARNs. @param port 0 for any. @param failed is told why a request is answered 500. @param requests how many there may be
 * at a time. @param allows whether the holder of an access key may.
 */
export async function serveApi(
  template: Template,
  functions: ReadonlyMap<string, Invocable>,
  port: number,
  failed: (line: string) => void = () => {},
  requests: Bucket = new Bucket(HTTP_API.rate, HTTP_API.burst),
  allows: Allows = (accessKey) => accessKey === OPERATOR,
): Promise<Gateway> {
  const routes = routesOf(template, functions);
  const apps = await issuer();
  const server = createServer({ maxHeaderSize: HTTP_API.headers }, (request, response) => {
    if (!requests.take()) return send(response, 429, TOO_MANY);
    serve(routes, { apps, allows }, request, response).catch((error: unknown) => {
      failed(`${request.method} ${request.url?.split('?')[0]}: ${reasonOf(error)}`);
      send(response, ...failureOf(error));
    });
  });
  await listening(server, port);
  const issued = routes.flatMap(({ tokens }) => tokens ?? [])[0] as Issued;
  return {
    url: `http://127.0.0.1:${portOf(server)}`,
    token: (subject, claims = ALL_SCOPES) => apps.issue(issued, subject, claims),
    stop: async () => {
      shut(server);
    },
  };
}

function routesOf(template: Template, functions: ReadonlyMap<string, Invocable>): Route[] {
  const permissions = template
    .ofType('AWS::Lambda::Permission')
    .map(({ properties }) => template.resolve(properties) as Record<string, string>);
  const byId = new Map(template.resources.map((resource) => [resource.id, resource]));
  return template.ofType('AWS::ApiGatewayV2::Route').map(({ id, properties }) => {
    const { RouteKey, Target, AuthorizationType, AuthorizerId, ApiId } = template.resolve(
      properties,
    ) as Record<string, string>;
    const [method = '', path = ''] = RouteKey?.split(' ') ?? [];
    const integration = byId.get(Target?.replace('integrations/', '') ?? '');
    const arn = template.text(integration?.properties.IntegrationUri);
    const target = functions.get(arn);
    if (target === undefined)
      throw new UnknownInTemplate(`The route ${RouteKey} leads to ${arn}, which is no function`);
    const source = `arn:aws:execute-api:${REGION}:${ACCOUNT}:${ApiId}/$default/${method}${path}`;
    const permitted = permissions.some(
      ({ Principal, FunctionName, SourceArn }) =>
        Principal === 'apigateway.amazonaws.com' && FunctionName === arn && matches(SourceArn ?? '', source),
    );
    if (!permitted)
      throw new Error(
        `The HTTP API may not invoke ${target.settings.name} for ${RouteKey}: a permission is missing`,
      );
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

/** `{name}` is one part of the path, `{name+}` all the rest. */
function patternOf(path: string): { pattern: RegExp; names: string[] } {
  const names: string[] = [];
  const source = path.replace(/\{(\w+)(\+?)\}/g, (_, name: string, greedy: string) => {
    names.push(name);
    return greedy === '' ? '([^/]+)' : '(.+)';
  });
  return { pattern: new RegExp(`^${source}$`, 's'), names };
}

async function serve(
  routes: readonly Route[],
  { apps, allows }: { readonly apps: Issuer; readonly allows: Allows },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const [rawPath = '/', rawQueryString = ''] = (request.url ?? '/').split(/\?(.*)/s);
  // The route that says most of the path goes first. (apigateway/latest/developerguide/http-api-develop-routes.html, 2026-11-28)
  const route = routes
    .filter(({ method, pattern }) => method === request.method && pattern.test(rawPath))
    .sort((one, other) => one.names.length - other.names.length)[0];
  if (route === undefined) return send(response, 404, '{"message":"Not Found"}');
  if (route.requests?.take() === false) return send(response, 429, TOO_MANY);
  const authorizer =
    route.tokens === null
      ? signerOf(request, rawPath, allows)
      : await tokenIn(request, route.tokens, route.scopes, apps);
  if (authorizer === 401)
    return send(response, 401, '{"message":"Unauthorized"}', { 'www-authenticate': 'Bearer' });
  if (authorizer === 403) return send(response, 403, FORBIDDEN);
  const body = await bodyOf(request);
  if (body === null) return send(response, 413, '{"message":"Request Entity Too Large"}');
  const seen = pathSeen(rawPath);
  if (seen === null) return send(response, 400, '{"message":"Bad Request"}');
  const event = eventOf(route, request, { rawPath: seen, rawQueryString, body, authorizer });
  const result = (await route.target.invoke(event)) as {
    statusCode: number;
    headers?: Record<string, string>;
    body?: string;
    isBase64Encoded?: boolean;
  };
  const { statusCode, headers = {}, body: text = '', isBase64Encoded = false } = result;
  send(response, statusCode, Buffer.from(text, isBase64Encoded ? 'base64' : 'utf8'), headers);
}

type Allows = (accessKey: string, action: string, resource: string) => boolean | null;

/** Whoever has signed the request, where they may call it. The signature itself is not looked at here. */
function signerOf({ headers, method }: IncomingMessage, path: string, allows: Allows): object | 403 {
  const [, accessKey] = /^AWS4-HMAC-SHA256 Credential=([^/]+)\//.exec(headers.authorization ?? '') ?? [];
  const resource = `arn:aws:execute-api:${REGION}:${ACCOUNT}:local/$default/${method}${path}`;
  if (accessKey === undefined || allows(accessKey, 'execute-api:Invoke', resource) !== true) return 403;
  const name = operatorIn(accessKey)?.name ?? accessKey;
  return { iam: { accessKey, accountId: ACCOUNT, userArn: `arn:aws:iam::${ACCOUNT}:user/${name}` } };
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

async function bodyOf(request: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    length += (chunk as Buffer).length;
    if (length <= HTTP_API.body) chunks.push(chunk as Buffer);
  }
  return length > HTTP_API.body ? null : Buffer.concat(chunks);
}

/** What an HTTP API answers where an invocation fails. (apigateway/latest/developerguide/http-api-troubleshooting-lambda.html, 2026-11-27) */
function failureOf(error: unknown): [number, string] {
  const type = error instanceof Refused ? error.type : '';
  if (type === 'RequestTooLargeException') return [413, '{"message":"Request Entity Too Large"}'];
  if (type === 'TooManyRequestsException') return [503, '{"message":"Service Unavailable"}'];
  return [500, '{"message":"Internal Server Error"}'];
}

function reasonOf(error: unknown): string {
  if (error instanceof InvocationFailed) return `${error.type}: ${error.message}`;
  return error instanceof Error ? error.message : String(error);
}

function send(
  response: ServerResponse,
  status: number,
  body: string | Buffer,
  headers: Readonly<Record<string, string>> = { 'content-type': 'application/json' },
): void {
  const length = status === 204 || status === 304 ? {} : { 'content-length': Buffer.byteLength(body) };
  response.writeHead(status, { ...length, ...headers }).end(body);
}
