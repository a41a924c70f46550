/** Whether an answer of the API is one that its description has. */
import { openapi } from '../../../infra/openapi/document.ts';

interface Described {
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly content?: Readonly<Record<string, { readonly schema?: Allowed }>>;
  readonly 'x-answered-by': readonly string[];
}
interface Allowed {
  readonly allOf?: readonly { readonly properties?: { readonly type: { readonly enum: string[] } } }[];
}
interface Operation {
  readonly operationId?: string;
  readonly responses: Readonly<Record<string, Described>>;
}

interface Answer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

interface Problem {
  readonly type: string;
  readonly status: number;
}

export const DESCRIPTION = openapi('0.0.0', null) as {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: { readonly Result: { readonly properties: ResultProperties } };
  };
};

interface ResultProperties {
  readonly status: { readonly enum: readonly number[] };
  readonly problem: { readonly properties: { readonly type: { readonly enum: readonly string[] } } };
}

/** Headers that HTTP itself gives a body. */
const OF_BODY = ['content-type', 'content-length'];

const POSTED: Readonly<Record<string, string>> = { BATCH: 'batch', CHANGES: 'changes' };

/** By the method, `BATCH` for a batch, `CHANGES` for those of a feed. */
export function operationOf(asked: string): Operation {
  const posted = POSTED[asked];
  const path = `/v1/collections/{collection}/${posted ?? 'documents'}`;
  const operation = DESCRIPTION.paths[path]?.[posted === undefined ? asked.toLowerCase() : 'post'];
  if (operation === undefined) throw new Error(`${asked} is not described`);
  return operation;
}

/** What of the answer its description does not have; nothing where it has all. */
export function undescribed(asked: string, { statusCode, headers, body }: Answer): string[] {
  const described = operationOf(asked).responses[statusCode];
  if (described === undefined || !described['x-answered-by'].includes('function'))
    return [`the status ${statusCode}`];
  const known = Object.keys(described.headers ?? {}).map((name) => name.toLowerCase());
  const missing = Object.keys(headers)
    .filter((name) => !known.includes(name) && !OF_BODY.includes(name))
    .map((name) => `${statusCode}: the header ${name}`);
  if (body === '') return missing;
  const type = headers['content-type'] ?? '';
  const content = described.content?.[type];
  if (content === undefined) return [...missing, `${statusCode}: the content type ${type}`];
  if (type !== 'application/problem+json') return [...missing, ...(asked === 'BATCH' ? results(body) : [])];
  const { type: kind, status } = JSON.parse(body) as Problem;
  const kinds = content.schema?.allOf?.flatMap(({ properties }) => properties?.type.enum ?? []) ?? [];
  if (!kinds.includes(kind)) missing.push(`${statusCode}: the problem ${kind}`);
  if (status !== statusCode) missing.push(`${statusCode}: a problem with the status ${status}`);
  return missing;
}

function results(body: string): string[] {
  const { status: statuses, problem } = DESCRIPTION.components.schemas.Result.properties;
  const { results: all } = JSON.parse(body) as {
    results: { status: number; problem?: Problem }[];
  };
  return all.flatMap(({ status, problem: failed }) => [
    ...(statuses.enum.includes(status) ? [] : [`a result with the status ${status}`]),
    ...(failed === undefined || problem.properties.type.enum.includes(failed.type)
      ? []
      : [`a result with the problem ${failed.type}`]),
  ]);
}

/** The problems of an answer, each with what was asked: `PUT etag`, or `WRITE etag` for one write of a batch. */
export function problemsOf(asked: string, { headers, body }: Answer): string[] {
  if (body === '') return [];
  const slug = ({ type }: Problem) => type.slice(type.lastIndexOf(':') + 1);
  if (headers['content-type'] === 'application/problem+json') return [`${asked} ${slug(JSON.parse(body))}`];
  if (asked !== 'BATCH') return [];
  const { results: all } = JSON.parse(body) as { results: { problem?: Problem }[] };
  return all.flatMap(({ problem }) => (problem === undefined ? [] : [`WRITE ${slug(problem)}`]));
}
