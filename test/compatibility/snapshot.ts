/** What lies in the stores, as it is, without the product's code. */
import { connect, LookupInSpec } from 'couchbase';
import oracledb from 'oracledb';
import type { Logins } from '../../infra/local/stores.ts';
import { SETTINGS } from './configuration.ts';

/** A document in Couchbase. */
export interface RawDocument {
  readonly key: string;
  readonly cas: string;
  /** Seconds since the epoch; 0 for never. */
  readonly expiry: number;
  /** The extended attribute `crossfade`; null for none. */
  readonly attribute: unknown;
  readonly body: string;
}

export interface RawTable {
  readonly columns: readonly string[];
  /** Values as texts: LOBs as base64, numbers in decimal. */
  readonly rows: readonly (readonly (string | null)[])[];
}

interface Place {
  readonly bucket: string;
  readonly scope: string;
  readonly collection: string;
}

/** The documents of these keys that there are. */
export async function rawDocuments(
  { couchbase: { connectionString, username, password } }: Logins,
  { bucket, scope, collection }: Place,
  keys: readonly string[],
): Promise<RawDocument[]> {
  const cluster = await connect(connectionString, { username, password });
  try {
    const place = cluster.bucket(bucket).scope(scope).collection(collection);
    const specs = [
      LookupInSpec.get('crossfade', { xattr: true }),
      LookupInSpec.get('$document.exptime', { xattr: true }),
    ];
    const found: RawDocument[] = [];
    for (const key of keys) {
      const looked = await place.lookupIn(key, specs).catch(() => null);
      if (looked === null) continue;
      const [attribute, expiry] = looked.content.map(({ value }) => value);
      const { content } = await place.get(key, { transcoder: BYTES });
      const body = (content as Buffer).toString('utf8');
      found.push({
        key,
        cas: looked.cas.toString(),
        expiry: expiry ?? 0,
        attribute: attribute ?? null,
        body,
      });
    }
    return found;
  } finally {
    await cluster.close();
  }
}

/** Writes to `orders` as a program does that knows nothing of Crossfade. */
export async function foreignWrite({ couchbase }: Logins, key: string, body: string): Promise<void> {
  const { connectionString, username, password } = couchbase;
  const cluster = await connect(connectionString, { username, password });
  try {
    const { bucket, scope, collection } = SETTINGS.collections.orders.couchbase;
    await cluster.bucket(bucket).scope(scope).collection(collection).upsert(key, JSON.parse(body));
  } finally {
    await cluster.close();
  }
}

const BYTES = {
  encode: (value: Buffer): [Buffer, number] => [value, 0],
  decode: (bytes: Buffer) => bytes,
};

/** All tables of the user whose names these are. */
export async function rawTables(
  { oracle: { connectString, user, password } }: Logins,
  tables: Readonly<Record<string, readonly string[]>>,
): Promise<Record<string, RawTable>> {
  const session = await oracledb.getConnection({ connectString, user, password });
  try {
    const found: Record<string, RawTable> = {};
    for (const [name, columns] of Object.entries(tables)) {
      const whole = { fetchTypeHandler: bodiesAsBuffers };
      const sql = `SELECT ${columns.map(selected).join(', ')} FROM ${name} ORDER BY 1, 2`;
      const { rows = [] } = await session.execute<unknown[]>(sql, [], whole);
      found[name] = { columns, rows: rows.map((row) => row.map(textOf)) };
    }
    return found;
  } finally {
    await session.close();
  }
}

/** A version has more digits than a number of JavaScript. */
function selected(column: string): string {
  return /^(version|handoff|handback)$/i.test(column) ? `TO_CHAR(${column})` : column;
}

function bodiesAsBuffers({ dbType }: { readonly dbType?: unknown }) {
  return dbType === oracledb.DB_TYPE_BLOB ? { type: oracledb.DB_TYPE_RAW } : undefined;
}

function textOf(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  return Buffer.isBuffer(value) ? value.toString('base64') : String(value);
}
