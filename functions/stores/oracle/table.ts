/** The table of a collection, and how a document lies in its row. */
import { MOST_ELEMENTS, project } from '../../projection/project.ts';
import { type Projected, type Projection, Unprojectable } from '../../projection/projection.ts';
import { documentFrom } from '../../protocol/fingerprint.ts';
import { payloadOf } from '../../protocol/payload.ts';
import { type Content, NO_ROW, type OracleState } from '../../protocol/state.ts';
import { PoisonDocument, type Target } from '../failure.ts';
import { requireContent } from '../storable.ts';
import { type Column, valuesOf } from './column.ts';
import { goneSince } from './gone_since.ts';

/** The table of a collection. */
export interface Table {
  /** In capitals, as Oracle keeps it. */
  readonly name: string;
  /** Columns filled from the documents, none by default. */
  readonly columns: readonly Column[];
  /** Tables of their own that are filled from the documents, none by default. */
  readonly projections: readonly Projection[];
}

/**
 * How the content of a row is to be read: from `body`, which the table requires to be JSON, or from `bytes`, or deleted. A column
 * of its own, since an empty body and none are the same to Oracle. Rows that an earlier version wrote to a database with COMPATIBLE
 * 20 or above may hold a JSON scalar in `body`: the kind says where a document is, and never whether it is JSON.
 */
export type Kind = 'json' | 'other' | 'gone';

/** Versions travel as text: no JavaScript number holds them. */
export interface Row {
  readonly version: string;
  readonly handoff: string | null;
  readonly handback: string;
  readonly kind: Kind;
  readonly body: Buffer | null;
  readonly bytes: Buffer | null;
  /** Seconds since the epoch; of a tombstone, since when its document is gone: see `gone_since.ts`. */
  readonly expires: number | null;
  /** Which request wrote the document, if it said so. */
  readonly request: string | null;
}

/** A content, as the columns of its row take it: those that hold it, and those that are filled from it; and what it gives to each projection. */
export interface Filled {
  readonly held: Pick<Row, 'kind' | 'body' | 'bytes' | 'expires' | 'request'>;
  readonly copied: Readonly<Record<string, string | null>>;
  /** In the order of the table's projections. */
  readonly projected: readonly Projected[];
}

/** Where a document goes. */
type Place = Target & { readonly key: string };

/** Throws `PoisonDocument` for what the table, or one of its projections, cannot take. @param now milliseconds since the epoch, which dates a tombstone. */
export function fill(table: Table, content: Content, target: Place, now: number): Filled {
  const fitted = requireFit(table, content, target);
  return { held: heldIn(content, now), ...fitted };
}

/** Throws as `fill` does, without working out how the content would lie in its row. @returns the values of the columns, and the rows of projections. */
export function requireFit(
  { columns, projections }: Table,
  content: Content,
  target: Place,
): Pick<Filled, 'copied' | 'projected'> {
  requireContent(content, target);
  return {
    copied: valuesOf(columns, content, target),
    projected: projectedFrom(projections, content, target),
  };
}

/** Rows that a document may give to all projections together, at most: an array has no more elements than there are commas, and one. Nothing is parsed for it. */
export function mostRows({ projections }: Pick<Table, 'projections'>, content: Content): number {
  if (content === null || projections.length === 0) return 0;
  const lists = projections.filter(({ each }) => each !== null);
  const elements = lists.length === 0 ? 0 : commasIn(content.body) + 1;
  const inLists = lists.map(({ most = MOST_ELEMENTS }) => Math.min(most, elements));
  return projections.length - lists.length + inLists.reduce((sum, each) => sum + each, 0);
}

const COMMA = 0x2c;

function commasIn(body: Uint8Array): number {
  let count = 0;
  for (let at = body.indexOf(COMMA); at >= 0; at = body.indexOf(COMMA, at + 1)) count++;
  return count;
}

function projectedFrom(
  projections: readonly Projection[],
  content: Content,
  target: Place,
): readonly Projected[] {
  try {
    return project(projections, target.key, content);
  } catch (error) {
    if (error instanceof Unprojectable) throw new PoisonDocument(target, error.message);
    throw error;
  }
}

/**
 * JSON is stored as the bytes that the app sent: no number or name is spelt anew. A scalar at the top level is no JSON to Oracle
 * before 21c, nor later with COMPATIBLE below 20, so no scalar goes into `body`, whatever the version.
 */
function heldIn(content: Content, now: number): Filled['held'] {
  if (content === null)
    return { kind: 'gone', body: null, bytes: null, expires: goneSince(now), request: null };
  const bytes = Buffer.from(content.body.buffer, content.body.byteOffset, content.body.byteLength);
  const expires = content.expiresAt === null ? null : content.expiresAt / 1000;
  const request = content.request ?? null;
  const { json } = payloadOf(content);
  return json !== null && typeof json !== 'string'
    ? { kind: 'json', body: bytes, bytes: null, expires, request }
    : { kind: 'other', body: null, bytes, expires, request };
}

/** From the columns in the order of `readRow`. */
export function rowOf(row: readonly unknown[]): Row {
  const [version, handoff, handback, kind, body, bytes, expires, request] = row;
  return {
    version: version as string,
    handoff: handoff as string | null,
    handback: handback as string,
    kind: kind as Kind,
    body: body as Buffer | null,
    bytes: bytes as Buffer | null,
    expires: expires as number | null,
    request: request as string | null,
  };
}

/** What a row says. @param now milliseconds since the epoch: what has expired by then reads as absent. */
export function stateOf(row: Row | null, now: number): OracleState {
  if (row === null) return NO_ROW;
  return {
    content: contentOf(row, now),
    version: BigInt(row.version),
    handoff: row.handoff === null ? null : BigInt(row.handoff),
    handback: BigInt(row.handback),
  };
}

function contentOf({ kind, body, bytes, expires, request }: Row, now: number): Content {
  const expiresAt = expires === null ? null : expires * 1000;
  if (kind === 'gone' || (expiresAt !== null && expiresAt <= now)) return null;
  return documentFrom((kind === 'json' ? body : bytes) ?? Buffer.alloc(0), expiresAt, request ?? undefined);
}
