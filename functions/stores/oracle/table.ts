/** The table of a collection, and how a document lies in its row. */
import { canonicalJson } from '../../protocol/canonical.ts';
import { documentFrom } from '../../protocol/fingerprint.ts';
import { type Content, NO_ROW, type OracleState } from '../../protocol/state.ts';

/** Name of a table, in capitals, as Oracle keeps it. */
export type TableName = string;

/**
 * How the content of a row is to be read: JSON in `body`, other bytes in `raw`, or deleted. A column of its own, since an
 * empty body and none are the same to Oracle.
 */
export type Kind = 'json' | 'raw' | 'gone';

/** Versions travel as text: no JavaScript number holds them. */
export interface Row {
  readonly version: string;
  readonly handoff: string | null;
  readonly handback: string;
  readonly kind: Kind;
  readonly body: Buffer | null;
  readonly raw: Buffer | null;
  /** Seconds since the epoch. */
  readonly expires: number | null;
}

export type ContentColumns = Pick<Row, 'kind' | 'body' | 'raw' | 'expires'>;

/** The columns that hold a content. JSON is stored as the bytes that the app sent: no number or name is spelt anew. */
export function columnsOf(content: Content): ContentColumns {
  if (content === null) return { kind: 'gone', body: null, raw: null, expires: null };
  const bytes = Buffer.from(content.body.buffer, content.body.byteOffset, content.body.byteLength);
  const expires = content.expiresAt === null ? null : content.expiresAt / 1000;
  return canonicalJson(bytes) === null
    ? { kind: 'raw', body: null, raw: bytes, expires }
    : { kind: 'json', body: bytes, raw: null, expires };
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

function contentOf({ kind, body, raw, expires }: Row, now: number): Content {
  const expiresAt = expires === null ? null : expires * 1000;
  if (kind === 'gone' || (expiresAt !== null && expiresAt <= now)) return null;
  return documentFrom((kind === 'json' ? body : raw) ?? Buffer.alloc(0), expiresAt);
}
