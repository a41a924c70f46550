/** What the gateways of this machine have in common, whichever kind of API they are. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Issued, Issuer } from './app_tokens.ts';
import type { Bucket } from './bucket.ts';
import type { Shape } from './http_event.ts';
import type { Invocable } from './lambda/alias.ts';
import { InvocationFailed } from './lambda/failure.ts';
import { HTTP_API } from './limits.ts';
import { matches, OPERATOR, operatorIn } from './policy.ts';
import { ACCOUNT, REGION, type Template, UnknownInTemplate } from './template.ts';

export const TOO_MANY = '{"message":"Too Many Requests"}';
export const FORBIDDEN = '{"message":"Forbidden"}';

/** An API of a template. */
export interface Front {
  /** What stands before each path of its address. */
  readonly prefix: string;
  /** Whose tokens it takes. */
  readonly issued: Issued;
  serve(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** What it answers where an invocation fails. */
  failureOf(error: unknown): [number, string];
}

export interface Behind {
  /** Functions and aliases, by their ARNs. */
  readonly functions: ReadonlyMap<string, Invocable>;
  readonly apps: Issuer;
  readonly allows: Allows;
}

/** Whether the holder of an access key may. */
export type Allows = (accessKey: string, action: string, resource: string) => boolean | null;

export const OPERATORS_ALONE: Allows = (accessKey) => accessKey === OPERATOR;

export interface PlainRoute extends Shape {
  readonly method: string;
  /** How many requests it may have, by the settings of the stage. */
  readonly requests: Bucket | null;
  readonly target: Invocable;
}

/** The route that says most of the path goes first. (apigateway/latest/developerguide/http-api-develop-routes.html, 2026-11-28) */
export function routeFor<R extends PlainRoute>(
  routes: readonly R[],
  method: string | undefined,
  path: string,
): R | undefined {
  return routes
    .filter((each) => each.method === method && each.pattern.test(path))
    .sort((one, other) => one.names.length - other.names.length)[0];
}

/** `{name}` is one part of the path, `{name+}` all the rest. */
export function patternOf(path: string): { pattern: RegExp; names: string[] } {
  const names: string[] = [];
  const source = path.replace(/\{(\w+)(\+?)\}/g, (_, name: string, greedy: string) => {
    names.push(name);
    return greedy === '' ? '([^/]+)' : '(.+)';
  });
  return { pattern: new RegExp(`^${source}$`, 's'), names };
}

/** The function of the template that a route leads to, where the API may invoke it. @param source the ARN of the route's requests. */
export function targetOf(
  template: Template,
  functions: ReadonlyMap<string, Invocable>,
  arn: string,
  { route, source }: { readonly route: string; readonly source: string },
): Invocable {
  const target = functions.get(arn);
  if (target === undefined)
    throw new UnknownInTemplate(`The route ${route} leads to ${arn}, which is no function`);
  const permitted = template
    .ofType('AWS::Lambda::Permission')
    .map(({ properties }) => template.resolve(properties) as Record<string, string>)
    .some(
      ({ Principal, FunctionName, SourceArn }) =>
        Principal === 'apigateway.amazonaws.com' && FunctionName === arn && matches(SourceArn ?? '', source),
    );
  if (!permitted)
    throw new Error(`The API may not invoke ${target.settings.name} for ${route}: a permission is missing`);
  return target;
}

/** The ARN of requests. @param resource method and path: `POST/v1/operations/status`. */
export function requestsOf(api: string, stage: string, resource: string): string {
  return `arn:aws:execute-api:${REGION}:${ACCOUNT}:${api}/${stage}/${resource}`;
}

export interface Signer {
  readonly accessKey: string;
  readonly userArn: string;
}

/** Whoever has signed the request; null for nobody. The signature itself is not looked at here. */
export function signerOf({ headers }: IncomingMessage): Signer | null {
  const [, accessKey] = /^AWS4-HMAC-SHA256 Credential=([^/]+)\//.exec(headers.authorization ?? '') ?? [];
  if (accessKey === undefined) return null;
  const name = operatorIn(accessKey)?.name ?? accessKey;
  return { accessKey, userArn: `arn:aws:iam::${ACCOUNT}:user/${name}` };
}

/** Null for a body that is larger than an API takes. */
export async function bodyOf(request: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    length += (chunk as Buffer).length;
    if (length <= HTTP_API.body) chunks.push(chunk as Buffer);
  }
  return length > HTTP_API.body ? null : Buffer.concat(chunks);
}

/** As functions answer a gateway. */
interface Answered {
  readonly statusCode: number;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
}

/** Sends what the function answers. */
export async function answer(response: ServerResponse, target: Invocable, event: unknown): Promise<void> {
  const result = (await target.invoke(event)) as Answered;
  const { statusCode, headers = {}, body = '', isBase64Encoded = false } = result;
  send(response, statusCode, Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8'), headers);
}

export function reasonOf(error: unknown): string {
  if (error instanceof InvocationFailed) return `${error.type}: ${error.message}`;
  return error instanceof Error ? error.message : String(error);
}

export function send(
  response: ServerResponse,
  status: number,
  body: string | Buffer,
  headers: Readonly<Record<string, string>> = { 'content-type': 'application/json' },
): void {
  const length = status === 204 || status === 304 ? {} : { 'content-length': Buffer.byteLength(body) };
  response.writeHead(status, { ...length, ...headers }).end(body);
}
