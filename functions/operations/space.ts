/** The operation `space`: what the tables of a collection will need in a month, from what was measured. The manual has the formula. */
import { type Measured, MONTH, type Own } from '../books/space.ts';
import { LIFE } from '../control/droppable.ts';

export interface SpacePorts {
  measure(): Promise<Measured>;
}

/** Bytes of a row beside its body, with its entry in the index of its keys; of a tombstone, with that in the index on `expires` too. */
const [ROW, TOMBSTONE, ASIDE] = [160, 180, 400] as const;
/** Bytes of a row with its entries in indexes, about. */
const OWN_ROWS: Readonly<Record<Own, number>> = {
  ...{ CROSSFADE_RUNS: 500, CROSSFADE_SHARDS: 400, CROSSFADE_FINDINGS: 600 },
  ...{ CROSSFADE_REPAIRS: 600, CROSSFADE_LETTERS: 800, CROSSFADE_AUDIT: 600 },
  ...{ CROSSFADE_ATTEMPTS: 300, CROSSFADE_SUSPECTS: 150 },
};
/** What blocks keep free (PCTFREE 10), their heads, and indexes that are not full. */
const ROOM = 1.3;
const DAY = 86_400_000;

/** All in bytes. */
export interface Month {
  /** By how much documents grow; null where no two verifications a day or more apart have counted them. */
  readonly documents: number | null;
  /** By how much tombstones grow while none is dropped. */
  readonly tombstones: number;
  /** What tombstones take in the end where they are dropped once a week after their life. */
  readonly tombstonesDropped: number;
  readonly setAside: number;
  /** Of our own tables, over all collections. */
  readonly ours: number;
}

export async function space({ measure }: SpacePorts) {
  const measured = await measure();
  return { measured, month: monthOf(measured) };
}

export function monthOf(measured: Measured): Month {
  const { sample, tombstones, expiring, aside, ours } = measured;
  const body = sample.documents === 0 ? 0 : sample.bytes / sample.documents;
  const daily = newKeysADay(measured);
  // What expired yesterday is among the tombstones of yesterday. Where more expires today, it counts.
  const deaths = Math.max(tombstones.day, expiring);
  const own = (Object.entries(OWN_ROWS) as [Own, number][]).map(([name, bytes]) => ours[name] * bytes);
  return {
    documents: daily === null ? null : inTables(Math.max(0, daily) * MONTH * (body + ROW)),
    tombstones: inTables(deaths * MONTH * TOMBSTONE),
    tombstonesDropped: inTables(deaths * (LIFE + 7) * TOMBSTONE),
    setAside: inTables(aside.bytes + aside.rows * ASIDE),
    ours: inTables(own.reduce((sum, bytes) => sum + bytes, 0)),
  };
}

/** By the first and the last count. */
function newKeysADay({ counted }: Measured): number | null {
  const [first, last] = [counted[0], counted.at(-1)];
  if (first === undefined || last === undefined || last.at - first.at < DAY) return null;
  return ((last.keys - first.keys) * DAY) / (last.at - first.at);
}

/** Of so many documents with so many bytes of bodies, with the index of their keys. */
export function tableBytes(documents: number, bytes: number): number {
  return inTables(bytes + documents * ROW);
}

function inTables(bytes: number): number {
  return Math.round(bytes * ROOM);
}
