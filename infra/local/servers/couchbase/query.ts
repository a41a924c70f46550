/**
 * The query service, for the shapes of SQL++ that Crossfade sends: the keys of a collection, page by page, in the order of their bytes; their versions, where an operator
 * has made the index of them; the indexes of a collection, as drivers ask for them; and the time. Any other statement is refused as the server refuses what it cannot parse.
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

/** Of the one attribute that a statement names. */
const MARK = ['version', 'cas', 'marker'];
const MEMBERS = MARK.map((member) => `META\\(d\\)\\.xattrs\\.crossfade\\.${member}`).join(', ');
const VERSIONS = new RegExp(
  `^SELECT RAW \\[${ID}, TO_STRING\\(META\\(d\\)\\.cas\\), META\\(d\\)\\.expiration, ${MEMBERS}\\] FROM ${NAME}\\.${NAME}\\.${NAME} AS d ` +
    `USE INDEX \\(${NAME} USING GSI\\) WHERE (${ID} > \\$after)( AND )?(${ID} <= \\$upTo)? ORDER BY ${ID} LIMIT \\$limit$`,
);
const EXPLAIN = 'EXPLAIN ';
const VERSIONS_KEYS = [
  ...['META().id', 'META().cas', 'META().expiration'],
  ...MARK.map((member) => `META().xattrs.crossfade.${member}`),
].join(', ');
const CREATE = new RegExp(`^CREATE INDEX ${NAME} ON ${NAME}\\.${NAME}\\.${NAME}\\(([^]*)\\);?$`);
const DROP = new RegExp(`^DROP INDEX ${NAME} ON ${NAME}\\.${NAME}\\.${NAME};?$`);

const INDEXES = /^SELECT `idx`\.\* FROM system:indexes AS idx WHERE /;
const TIME = 'SELECT RAW CLOCK_MILLIS()';

export function answerQuery(text: string, known: Known): QueryAnswer {
  const request = parsed(text);
  if (request === null) return failed(400, 1065, 'Unrecognizable request: a JSON object is wanted');
  const statement = String(request.statement);
  if (statement === TIME) return succeeded(request, [known.now()]);
  if (INDEXES.test(statement)) return indexes(request, known);
  const versions = VERSIONS.exec(statement);
  if (versions !== null) return listed(request, versions, known, versionsBy(versions, known));
  const explained = statement.startsWith(EXPLAIN) ? VERSIONS.exec(statement.slice(EXPLAIN.length)) : null;
  if (explained !== null) return listed(request, explained, known, () => [planOf(explained, known)]);
  const keys = KEYS.exec(statement);
  if (keys !== null) return listed(request, keys, known, keysIn);
  const created = CREATE.exec(statement);
  const made = created ?? DROP.exec(statement);
  return made === null
    ? failed(400, 3000, `syntax error - the embedded server does not know: ${statement}`)
    : indexed(request, made, created !== null, known);
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

/** Makes or drops an index. There is one kind, and one of it for a collection. */
function indexed(
  request: Record<string, unknown>,
  [, name = '', bucket = '', scope = '', collection = '', on]: readonly string[],
  isMade: boolean,
  { buckets, versionsIndexes }: Known,
): QueryAnswer {
  const place = [bucket, scope, collection].join('.');
  if (!buckets.get(bucket)?.scopes.get(scope)?.collections.has(collection))
    return failed(404, 12003, `Keyspace not found in CB datastore: ${place}`);
  const keys = (on ?? '').replaceAll(/\s+/g, ' ');
  if (isMade && !VERSIONS_KEYS.startsWith(keys))
    return failed(400, 3000, `syntax error - the embedded server knows an index on (${VERSIONS_KEYS}) alone`);
  if (isMade && versionsIndexes.has(place)) return failed(409, 4300, `The index ${name} already exists.`);
  if (!isMade && versionsIndexes.get(place)?.name !== name)
    return failed(404, 12004, `GSI index ${name} not found.`);
  if (isMade) versionsIndexes.set(place, { name, keys });
  else versionsIndexes.delete(place);
  return succeeded(request, []);
}

type List = (bucket: Bucket, collection: number, bounds: Bounds) => readonly unknown[];

function listed(
  request: Record<string, unknown>,
  shape: readonly string[],
  { buckets, managed }: Known,
  list: List,
): QueryAnswer {
  const [, bucketName = '', scopeName = '', collectionName = ''] = shape;
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
  const [after, upTo] = ['$after', '$upTo'].map((name) => shape[0]?.includes(name));
  const [from, to] = [after ? request.$after : undefined, upTo ? request.$upTo : undefined];
  const bounds = { after: from, upTo: to, limit: request.$limit };
  if (![bounds.after, bounds.upTo].every((bound) => bound === undefined || typeof bound === 'string'))
    return failed(400, 5010, 'Error evaluating a bound: $after and $upTo must be strings');
  if (!Number.isInteger(bounds.limit))
    return failed(400, 5010, 'Error evaluating LIMIT: $limit must be a number');
  return succeeded(request, list(bucket, collection, bounds as Bounds));
}

interface Bounds {
  readonly after: string | undefined;
  readonly upTo: string | undefined;
  readonly limit: number;
}

function page(bucket: Bucket, collection: number, { after, upTo, limit }: Bounds): Buffer[] {
  const bytes = (bound: string | undefined) => (bound === undefined ? null : Buffer.from(bound));
  return bucket.keys(collection, { after: bytes(after), upTo: bytes(upTo), limit: Math.max(0, limit) });
}

const keysIn: List = (bucket, collection, bounds) =>
  page(bucket, collection, bounds).map((key) => key.toString('utf8'));

/** A hint that names no index is passed over. `whole`: the index alone answers; otherwise the documents are fetched. */
function scanOf([, ...names]: readonly string[], { versionsIndexes }: Known): 'whole' | 'part' | 'none' {
  const index = versionsIndexes.get(names.slice(0, 3).join('.'));
  if (index?.name !== names[3]) return 'none';
  return index?.keys === VERSIONS_KEYS ? 'whole' : 'part';
}

function planOf(shape: readonly string[], known: Known): object {
  const [fetch, scan] = [{ '#operator': 'Fetch' }, { '#operator': 'IndexScan3', index: shape[4] }];
  const steps = {
    whole: [{ ...scan, covers: ['cover ((meta(`d`).`id`))'] }],
    part: [scan, fetch],
    none: [{ '#operator': 'PrimaryScan3', index: '#primary' }, fetch],
  };
  return { plan: { '#operator': 'Sequence', '~children': steps[scanOf(shape, known)] } };
}

/** Nothing of a document that was fetched tells its expiry. What is no JSON is in no index but the primary one. */
function versionsBy(shape: readonly string[], known: Known): List {
  const isWhole = scanOf(shape, known) === 'whole';
  return (bucket, collection, bounds) =>
    page(bucket, collection, bounds).flatMap((key) => {
      const document = bucket.get(collection, key);
      if (document === undefined || (isWhole && !isJson(document.value))) return [];
      const attribute: unknown = JSON.parse(document.xattrs.get('crossfade') ?? '{}');
      // What is missing is null within an array.
      const mark = MARK.map((member) => Object(attribute)[member] ?? null);
      return [[key.toString('utf8'), String(document.cas), isWhole ? document.expiry : 0, ...mark]];
    });
}

function isJson(value: Buffer): boolean {
  try {
    JSON.parse(value.toString('utf8'));
    return true;
  } catch {
    return false;
  }
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
