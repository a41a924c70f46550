/** What has to hold of the API, whatever it is asked. */
import assert from 'node:assert/strict';
import type { Api } from '../../functions/edge/http/api.ts';
import { NotHttp } from '../../functions/edge/http/event.ts';
import { METHODS } from '../../functions/edge/http/routes.ts';
import type { Phase } from '../../functions/protocol/phase.ts';
import { LARGEST_ANSWER } from '../../functions/stores/answerable.ts';
import { ApiInMemory } from '../edge/http/api_in_memory.ts';
import { undescribed } from '../edge/http/described.ts';
import type { Json } from './mutations.ts';
import { SECRET } from './samples.ts';

/** Characters of the longest line that a refusal may leave in the log. */
const LONGEST_LINE = 1200;

export type Answer = Awaited<ReturnType<Api['serve']>>;
export type Served = (api: Api, event: Json) => Promise<Answer>;

const SERVE: Served = (api, event) => api.serve(event, () => 20_000);

/** @param serve the API's own, or one with a fault. @returns how it ended. */
export async function apiHolds(phase: Phase, event: Json, serve = SERVE): Promise<string> {
  // Whatever comes in a path is looked at.
  const it = new ApiInMemory(null, 'accept');
  it.phase = phase;
  let ended = 'NotHttp';
  try {
    const answer = await serve(it.api, event);
    ended = String(answer.statusCode);
    requireWell(event as unknown as Asked, answer);
    if (answer.statusCode >= 400) requireNoValue(answer.body);
  } catch (error) {
    if (!(error instanceof NotHttp)) throw error;
    requireNoValue(error.message);
  }
  assert.deepEqual(it.failures, [], 'a mistake of the client is no failure');
  for (const line of it.lines) {
    requireNoValue(line);
    assert.ok(line.length <= LONGEST_LINE, `a line of ${line.length} characters`);
  }
  return ended;
}

interface Asked {
  readonly routeKey: string;
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
  readonly requestContext: { readonly requestId: string; readonly http: { readonly method: string } };
}

function requireNoValue(shown: string): void {
  assert.ok(!shown.includes(SECRET), `a value of a document is shown: ${shown.slice(0, 300)}`);
}

function requireWell(event: Asked, answer: Answer): void {
  const { statusCode, headers, body } = answer;
  assert.ok(statusCode >= 200 && statusCode < 500, `the status ${statusCode}: ${body.slice(0, 300)}`);
  assert.ok(Buffer.byteLength(JSON.stringify(answer)) <= LARGEST_ANSWER, 'the answer is too large');
  assert.ok(Object.values(headers).every((each) => typeof each === 'string'));
  const { method } = event.requestContext.http;
  const isBatch = event.routeKey.endsWith('/batch');
  const isMethod = (METHODS as readonly string[]).includes(method);
  if (isBatch || isMethod) assert.deepEqual(undescribed(isBatch ? 'BATCH' : method, answer), []);
  else assert.ok(statusCode >= 400, `${method} was answered ${statusCode}`);
  if (headers['content-type'] === 'application/problem+json' && body !== '') requireProblem(event, answer);
  else if (isBatch) requireOrder(event, body);
}

function requireProblem({ requestContext }: Asked, { statusCode, body }: Answer): void {
  const { type, title, status, detail, instance, ...more } = JSON.parse(body) as Record<string, unknown>;
  assert.match(String(type), /^urn:crossfade:problem:[a-z0-9-]+$/);
  assert.deepEqual([status, instance, more], [statusCode, requestContext.requestId, {}]);
  for (const each of [title, detail])
    assert.ok(typeof each === 'string' && each !== '' && each.length <= 1100);
}

/** A result for each write, in the order in which they were sent. */
function requireOrder({ body = '', isBase64Encoded = false }: Asked, told: string): void {
  const { writes } = JSON.parse(Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8').toString('utf8')) as {
    writes: { key: string }[];
  };
  const { results } = JSON.parse(told) as { results: { key: string; status: number }[] };
  assert.equal(results.length, writes.length);
  for (const [n, { key }] of writes.entries()) {
    const shown = results[n]?.key ?? '';
    assert.ok(
      key.length <= 250 ? shown === JSON.parse(JSON.stringify(key)) : shown.startsWith(key.slice(0, 200)),
      `write ${n}`,
    );
  }
}
