/**
 * The query service, for the shapes of SQL++ that Crossfade sends: the keys of a collection, page by page, in the order of their bytes; the
 * indexes of a collection, as drivers ask for them; and the time. Any other statement is refused as the server refuses what it cannot parse.
 */
import type { Bucket } from './bucket.ts';
import type { Known } from './config.ts';

export interface QueryAnswer {
  readonly status: number;
  readonly body: object;
}

const NAME = '`([^`]+)`';
const ID = 'META\\(d\\)\\.id';
const KEYS = new RegExp(
  `^SELECT RAW ${ID} FROM ${NAME}\\.${NAME}\\.${NAME} AS d` +
    `(?: WHERE (${ID} > \\$after)?( AND )?(${ID} <= \\$upTo)?)? ORDER BY ${ID} LIMIT \\$limit$`,
);

const INDEXES = /^SELECT `idx`\.\* FROM system:indexes AS idx WHERE /;
const TIME = 'SELECT RAW CLOCK_MILLIS()';

export function answerQuery(text: string, known: Known): QueryAnswer {
  const request = parsed(text);
  if (request === null) return failed(400, 1065, 'Unrecognizable request: a JSON object is wanted');
  if (request.statement === TIME) return succeeded(request, [known.now()]);
  return INDEXES.test(String(request.statement)) ? indexes(request, known) : keys(request, known);
}

/** Every collection has the same. */
function indexes(request: Record<string, unknown>, { managed }: Known): QueryAnswer {
  const { $bucket_name: bucket_id, $scope_name: scope_id, $collection_name: keyspace_id } = request;
  const primary = { ...{ bucket_id, scope_id, keyspace_id }, is_primary: true, using: 'gsi', index_key: [] };
  return succeeded(
    request,
    managed().indexes.map((state, n) => ({ ...primary, name: `#primary${n === 0 ? '' : n}`, state })),
  );
}

function keys(request: Record<string, unknown>, { buckets, managed }: Known): QueryAnswer {
  const shape = KEYS.exec(String(request.statement));
  if (shape === null)
    return failed(400, 3000, `syntax error - the embedded server does not know: ${request.statement}`);
  const [, bucketName = '', scopeName = '', collectionName = '', after, , upTo] = shape;
  const bucket = buckets.get(bucketName);
  const collection = bucket?.scopes.get(scopeName)?.collections.get(collectionName);
  if (bucket === undefined || collection === undefined)
    return failed(
      404,
      12003,
      `Keyspace not found in CB datastore: ${bucketName}.${scopeName}.${collectionName}`,
    );
  if (!managed().indexes.includes('online'))
    return failed(
      404,
      4000,
      `No index available on keyspace ${bucketName}:${bucketName}.${scopeName}.${collectionName}`,
    );
  const bounds = { after: after && request.$after, upTo: upTo && request.$upTo, limit: request.$limit };
  if (![bounds.after, bounds.upTo].every((bound) => bound === undefined || typeof bound === 'string'))
    return failed(400, 5010, 'Error evaluating a bound: $after and $upTo must be strings');
  if (!Number.isInteger(bounds.limit))
    return failed(400, 5010, 'Error evaluating LIMIT: $limit must be a number');
  return succeeded(request, page(bucket, collection, bounds as Bounds));
}

interface Bounds {
  readonly after: string | undefined;
  readonly upTo: string | undefined;
  readonly limit: number;
}

function page(bucket: Bucket, collection: number, { after, upTo, limit }: Bounds): string[] {
  const bytes = (bound: string | undefined) => (bound === undefined ? null : Buffer.from(bound));
  const range = { after: bytes(after), upTo: bytes(upTo), limit: Math.max(0, limit) };
  return bucket.keys(collection, range).map((key) => key.toString('utf8'));
}

function parsed(text: string): Record<string, unknown> | null {
  try {
    const request: unknown = JSON.parse(text);
    return typeof request === 'object' && request !== null ? (request as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

function succeeded(request: Record<string, unknown>, results: readonly unknown[]): QueryAnswer {
  // Without the two times the C++ drivers end their process.
  const times = { elapsedTime: '1ms', executionTime: '1ms' };
  const metrics = { ...times, resultCount: results.length, resultSize: JSON.stringify(results).length };
  const ids = { requestID: 'embedded', clientContextID: request.client_context_id };
  return { status: 200, body: { ...ids, signature: 'json', results, status: 'success', metrics } };
}

const FAILED = { elapsedTime: '1ms', executionTime: '1ms', resultCount: 0, resultSize: 0, errorCount: 1 };

function failed(status: number, code: number, msg: string): QueryAnswer {
  return {
    status,
    body: { requestID: 'embedded', errors: [{ code, msg }], status: 'fatal', metrics: FAILED },
  };
}
