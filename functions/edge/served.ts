/** What a request that was answered counts as: of which collection, phase and operation, and whether the service has failed it. */
import { isPhase } from '../protocol/phase.ts';
import type { RequestKind, Subject } from '../records/latencies.ts';
import type { HttpEvent } from './http/event.ts';
import { BATCH_ROUTE, CHANGES_ROUTE } from './http/routes.ts';
import type { Response } from './http/told.ts';

export interface Served {
  readonly subject: Subject;
  /** Whether the app has not got what it should: 5xx, also for one write of a batch, or 429 since a document's writes queue up behind a slow store. */
  readonly failed: boolean;
}

const KINDS: Readonly<Record<string, RequestKind>> = {
  ...{ GET: 'read', HEAD: 'read', PUT: 'write', PATCH: 'patch', DELETE: 'delete' },
};

/** As the event was accepted: see `http/event.ts`. */
type Accepted = Pick<HttpEvent, 'routeKey'> & {
  readonly pathParameters?: HttpEvent['parameters'];
  readonly requestContext: { readonly http: { readonly method: string } };
};

/** A result of a batch, as JSON: in a key, quotes have a backslash before them. */
const FAILED = /"status":(5\d\d|429)\b/;
const BUSY = 429;

/** Null for what was refused before its phase was known, and for a change feed: it is no app. @param event of an HTTP API that was answered. */
export function servedIn(event: unknown, { statusCode, headers, body }: Response): Served | null {
  const { routeKey, pathParameters, requestContext } = event as Accepted;
  const phase = headers['crossfade-phase'] ?? '';
  const collection = pathParameters?.collection;
  const operation = routeKey.endsWith(BATCH_ROUTE) ? 'batch' : KINDS[requestContext.http.method];
  if (!isPhase(phase) || collection === undefined || operation === undefined) return null;
  if (routeKey.endsWith(CHANGES_ROUTE)) return null;
  const failed = statusCode >= 500 || statusCode === BUSY || (operation === 'batch' && FAILED.test(body));
  return { subject: { of: 'request', collection, phase, operation }, failed };
}
