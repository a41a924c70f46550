/** The private REST API of a template: its methods, its endpoints, and its authorizer for tokens. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Issued } from './app_tokens.ts';
import { Bucket } from './bucket.ts';
import {
  answer,
  type Behind,
  bodyOf,
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
import { Refused } from './lambda/failure.ts';
import { Authorizer } from './rest_authorizer.ts';
import { restEvent } from './rest_event.ts';
import { type Caller, RestPolicy } from './rest_policy.ts';
import { type Template, UnknownInTemplate } from './template.ts';

interface Route extends PlainRoute {
  /** Null where it wants the signature of AWS. */
  readonly authorizer: Authorizer | null;
}

/** Stands for the endpoint that a request comes through, since this machine has no VPC: one that the API knows where it is not sent. */
export const ENDPOINT_HEADER = 'x-local-vpc-endpoint';

type Answers = ReadonlyMap<
  string,
  { readonly status: number; readonly body: string; readonly headers: object }
>;

interface Api {
  readonly id: string;
  readonly stage: string;
  readonly endpoints: readonly string[];
  readonly binary: readonly string[];
  readonly policy: RestPolicy;
  readonly answers: Answers;
}

export function isPrivate(template: Template): boolean {
  return template.ofType('AWS::ApiGateway::RestApi').length > 0;
}

/** Whose tokens the authorizer of a private API takes, as its function is told. */
export function issuedIn(template: Template): Issued {
  const [issued] = template.ofType('AWS::Lambda::Function').flatMap(({ properties }) => {
    const { Environment } = properties as { Environment?: { Variables: Record<string, string> } };
    const { TOKEN_ISSUER: issuer, TOKEN_AUDIENCE: audience = '[]' } = Environment?.Variables ?? {};
    return issuer === undefined ? [] : [{ issuer, audience: JSON.parse(audience) as string[] }];
  });
  if (issued === undefined)
    throw new UnknownInTemplate('No function of the template knows an issuer of tokens');
  return issued;
}

export function restFront(template: Template, behind: Behind): Front {
  const api = apiOf(template);
  const routes = routesOf(template, behind.functions, api);
  return {
    prefix: `/${api.stage}`,
    issued: issuedIn(template),
    serve: (request, response) => serve(api, routes, behind, request, response),
    failureOf,
  };
}

/** What a REST API answers where an invocation fails; where Lambda has no container free, as anything else that Lambda refuses. (repost.aws/knowledge-center/api-gateway-internal-server-error, 2026-11-28) */
function failureOf(error: unknown): [number, string] {
  const isRefused = error instanceof Refused;
  if (isRefused && error.type === 'RequestTooLargeException') return [413, '{"message":"Request Too Long"}'];
  return [isRefused ? 500 : 502, '{"message": "Internal server error"}'];
}

function apiOf(template: Template): Api {
  const [{ id, properties } = { id: '', properties: {} }] = template.ofType('AWS::ApiGateway::RestApi');
  const { EndpointConfiguration, BinaryMediaTypes, Policy } = template.resolve(properties) as {
    EndpointConfiguration: { Types: string[]; VpcEndpointIds: string[] };
    BinaryMediaTypes: string[];
    Policy: ConstructorParameters<typeof RestPolicy>[0];
  };
  if (EndpointConfiguration.Types.join() !== 'PRIVATE')
    throw new UnknownInTemplate(
      `${id} is no private API, which is the only REST API that this machine knows`,
    );
  const [stage] = template.ofType('AWS::ApiGateway::Stage');
  return {
    id: template.text({ Ref: id }),
    stage: stage?.properties.StageName as string,
    endpoints: EndpointConfiguration.VpcEndpointIds,
    binary: BinaryMediaTypes,
    policy: new RestPolicy(Policy),
    answers: answersOf(template),
  };
}

/** What a gateway answers by itself: as it does by default, or as the template says. (…/supported-gateway-response-types.html, 2026-11-28) */
function answersOf(template: Template): Answers {
  const plain = (status: number, message: string | null) => ({
    ...{ status, body: JSON.stringify({ message }), headers: {} },
  });
  const all = new Map<string, { status: number; body: string; headers: object }>([
    ['ACCESS_DENIED', plain(403, 'User is not authorized to access this resource')],
    ['AUTHORIZER_FAILURE', plain(500, null)],
    ['AUTHORIZER_CONFIGURATION_ERROR', plain(500, null)],
    ['MISSING_AUTHENTICATION_TOKEN', plain(403, 'Missing Authentication Token')],
    ['REQUEST_TOO_LARGE', plain(413, 'Request Too Long')],
    ['THROTTLED', { status: 429, body: TOO_MANY, headers: {} }],
    ['UNAUTHORIZED', plain(401, 'Unauthorized')],
  ]);
  for (const { properties } of template.ofType('AWS::ApiGateway::GatewayResponse')) {
    const {
      ResponseType,
      StatusCode,
      ResponseTemplates,
      ResponseParameters = {},
    } = template.resolve(properties) as {
      ResponseType: string;
      StatusCode: string;
      ResponseTemplates: Record<string, string>;
      ResponseParameters?: Record<string, string>;
    };
    const headers = Object.entries(ResponseParameters).map(([name, value]) => [
      name.replace('gatewayresponse.header.', ''),
      value.replace(/^'|'$/g, ''),
    ]);
    const body = ResponseTemplates['application/json'] ?? '';
    all.set(ResponseType, { status: Number(StatusCode), body, headers: Object.fromEntries(headers) });
  }
  return all;
}

function routesOf(template: Template, functions: Behind['functions'], api: Api): Route[] {
  const authorizers = new Map<string, Authorizer>();
  for (const resource of template.ofType('AWS::ApiGateway::Authorizer'))
    authorizers.set(resource.id, new Authorizer(template, resource, functions));
  return template.ofType('AWS::ApiGateway::Method').map(({ id, properties }) => {
    const { HttpMethod, ResourceId, AuthorizationType, AuthorizerId, Integration } = template.resolve(
      properties,
    ) as Record<string, string> & { Integration: { Type: string; Uri: string } };
    if (AuthorizationType !== 'CUSTOM' && AuthorizationType !== 'AWS_IAM')
      throw new UnknownInTemplate(
        `${id} is authorized by ${AuthorizationType}, which this machine cannot do`,
      );
    const method = HttpMethod as string;
    const path = pathOf(template, ResourceId as string);
    const [, arn = ''] = /\/functions\/(.+)\/invocations$/.exec(Integration.Uri) ?? [];
    const source = requestsOf(api.id, api.stage, `${method}${path}`);
    return {
      method,
      key: path,
      ...patternOf(path),
      requests: bucketOf(template, method, path),
      target: targetOf(template, functions, arn, { route: `${method} ${path}`, source }),
      authorizer: AuthorizationType === 'CUSTOM' ? (authorizers.get(AuthorizerId ?? '') ?? null) : null,
    };
  });
}

function pathOf(template: Template, id: string): string {
  const found = template.ofType('AWS::ApiGateway::Resource').find((each) => each.id === id);
  if (found === undefined) return '';
  return `${pathOf(template, template.text(found.properties.ParentId))}/${found.properties.PathPart}`;
}

/** A method has the limits of the stage for itself, or those that the stage has for it. */
function bucketOf(template: Template, method: string, path: string): Bucket | null {
  const [stage] = template.ofType('AWS::ApiGateway::Stage');
  const { MethodSettings = [] } = (stage?.properties ?? {}) as { MethodSettings?: MethodSetting[] };
  const of = (resource: string, verb: string) =>
    MethodSettings.find(({ ResourcePath, HttpMethod }) => ResourcePath === resource && HttpMethod === verb);
  const setting = of(`/${path.replaceAll('/', '~1')}`, method) ?? of('/*', '*');
  if (setting?.ThrottlingRateLimit === undefined) return null;
  return new Bucket(setting.ThrottlingRateLimit, setting.ThrottlingBurstLimit);
}

interface MethodSetting {
  readonly ResourcePath: string;
  readonly HttpMethod: string;
  readonly ThrottlingRateLimit?: number;
  readonly ThrottlingBurstLimit?: number;
}

async function serve(
  api: Api,
  routes: readonly Route[],
  { allows }: Pick<Behind, 'allows'>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const refuse = (type: string) => {
    const { status, body, headers } = api.answers.get(type) as NonNullable<ReturnType<Answers['get']>>;
    send(response, status, body, { 'content-type': 'application/json', ...headers });
  };
  const [sent = '/', query = ''] = (request.url ?? '/').split(/\?(.*)/s);
  const path = sent.startsWith(`/${api.stage}/`) ? sent.slice(api.stage.length + 1) : '';
  const endpoint = String(request.headers[ENDPOINT_HEADER] ?? api.endpoints[0]);
  const resource = requestsOf(api.id, api.stage, `${request.method}${path}`);
  if (api.policy.says(resource, endpoint) === 'deny') return refuse('ACCESS_DENIED');
  const route = routeFor(routes, request.method, path);
  if (route === undefined) return refuse('MISSING_AUTHENTICATION_TOKEN');
  if (route.requests?.take() === false) return refuse('THROTTLED');
  const caller = await callerOf(route, request, resource, allows);
  if (typeof caller === 'string') return refuse(caller);
  if (!api.policy.permits(caller, resource, endpoint)) return refuse('ACCESS_DENIED');
  const body = await bodyOf(request);
  if (body === null) return refuse('REQUEST_TOO_LARGE');
  await answer(
    response,
    route.target,
    restEvent(route, request, { path, query, body, api, endpoint, caller }),
  );
}

/** @returns who it is, or how the gateway refuses. */
async function callerOf(
  { authorizer }: Route,
  request: IncomingMessage,
  resource: string,
  allows: Behind['allows'],
): Promise<Caller | string> {
  if (authorizer !== null) return authorizer.look(request.headers.authorization, resource);
  const signer = signerOf(request);
  if (signer === null) return 'MISSING_AUTHENTICATION_TOKEN';
  const may = allows(signer.accessKey, 'execute-api:Invoke', resource) === true;
  return { says: may ? 'allow' : 'nothing', userArn: signer.userArn, authorizer: null };
}
