/** What was set aside of a collection, for operators: entries page by page, and what they hold. */
import { type Entry, UnknownEntry, type Wanted } from '../stores/oracle/set_aside.ts';
import { BadOperation } from './request.ts';

export interface SetAsidePorts {
  count(wanted: Wanted): Promise<number>;
  /** @param after the id of the last entry of the page before, or null. */
  list(wanted: Wanted, after: string | null, most: number): Promise<readonly Entry[]>;
  /** Null where there is no such entry. */
  body(id: string): Promise<Buffer | null>;
  timely(): boolean;
}

export interface Asked extends Omit<Wanted, 'id'> {
  readonly after: string | null;
  readonly limit: number;
  readonly bodies: boolean;
}

export interface Held extends Entry {
  /** Base64. Null where nobody asked for it, or where it is too large for a page: it is read in pieces then. */
  readonly body: string | null;
}

export interface SetAsidePage {
  /** How many entries there are on all pages. Only the first page tells it, else null. */
  readonly total: number | null;
  readonly entries: readonly Held[];
  /** Where the next page begins; null where this is the last one. */
  readonly next: string | null;
}

export interface Piece {
  /** Of the whole body. */
  readonly bytes: number;
  /** Base64 of the bytes from the place that was asked for. */
  readonly body: string;
}

/**
 * Bytes of the bodies of one page, or of one piece of a body. Lambda answers with 6 MB at most; base64 makes 4/3 of it, and keys of
 * 500 entries take 1 MB at most.
 */
export const MOST_BYTES = 3_000_000;

/** Throws `BadOperation` where `after` names no entry. */
export async function setAsidePage(
  { key, prefix, reasons, open, after, limit, bodies }: Asked,
  ports: SetAsidePorts,
): Promise<SetAsidePage> {
  const wanted = { key, prefix, reasons, open };
  const total = after === null ? await ports.count(wanted) : null;
  const found = await ports.list(wanted, after, limit + 1).catch((error: unknown) => {
    throw error instanceof UnknownEntry ? new BadOperation(error.message) : error;
  });
  const entries: Held[] = [];
  let bytes = 0;
  for (const entry of found.slice(0, limit)) {
    const fits = bodies && entry.bytes <= MOST_BYTES;
    // The first entry is always answered, so every page goes on.
    if (fits && entries.length > 0 && (bytes + entry.bytes > MOST_BYTES || !ports.timely())) break;
    const body = fits ? await ports.body(entry.id) : null;
    bytes += body?.length ?? 0;
    entries.push({ ...entry, body: body?.toString('base64') ?? null });
  }
  const next = entries.length < found.length ? (entries.at(-1)?.id ?? null) : null;
  return { total, entries, next };
}

/** Throws `BadOperation` where there is no such entry. @param from the place of the first byte. */
export async function setAsidePiece(
  id: string,
  from: number,
  ports: Pick<SetAsidePorts, 'body'>,
): Promise<Piece> {
  const body = await ports.body(id);
  if (body === null) throw new BadOperation(new UnknownEntry(id).message);
  return { bytes: body.length, body: body.subarray(from, from + MOST_BYTES).toString('base64') };
}
