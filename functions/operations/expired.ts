/** Documents that have expired lose their bodies in Oracle: nobody reads them any more. */
import { OutOfTime } from '../stores/reach.ts';

export interface ExpiredPorts {
  readonly collections: readonly string[];
  /** Makes tombstones of some documents that have expired, in one transaction. @returns of how many: fewer than `most` where no more are left. */
  sweepDocuments(collection: string, most: number): Promise<number>;
  /** Whether Oracle is known not to answer in this round. */
  oracleIsAway(): boolean;
  /** Milliseconds until the function is ended from outside. */
  remaining(): number;
  count(metric: string, value: number): void;
  warn(message: string, about: Readonly<Record<string, unknown>>): void;
}

/** Rows of one transaction. A client's write of one of them waits until it is committed. */
const [LEAST, FIRST, MOST] = [64, 512, 4096];
/** Milliseconds of one transaction: below the first bound the next one is twice as large, above the second half as large. */
const [QUICK, SLOW] = [200, 500];
/** The part of its remaining time that a round has for this. */
const SHARE = 2;

interface Left {
  readonly collection: string;
  rows: number;
  swept: number;
}

/**
 * Sweeps all collections in turns, batch by batch, until nothing is left or time is up. The next round goes on.
 * @param others collections behind which a store is another one: nothing of them is changed.
 */
export async function sweepExpired(ports: ExpiredPorts, others: ReadonlySet<string>): Promise<void> {
  const until = ports.remaining() * (1 - 1 / SHARE);
  const all: Left[] = ports.collections
    .filter((collection) => !others.has(collection))
    .map((collection) => ({ collection, rows: FIRST, swept: 0 }));
  // The first in the queue is swept next, and goes to its end where it has more.
  const queue = [...all];
  for (let batches = 0; queue.length > 0; batches++) {
    const timely = batches < all.length || ports.remaining() > until;
    const [next] = queue;
    if (!timely || next === undefined || ports.oracleIsAway()) break;
    const outcome = await sweepBatch(next, ports);
    if (outcome === 'out of time') break;
    queue.shift();
    if (outcome === 'more') queue.push(next);
  }
  const swept = all.reduce((sum, each) => sum + each.swept, 0);
  ports.count('DocumentsSwept', swept);
  ports.count('SweepsUnfinished', ports.oracleIsAway() ? 0 : queue.length);
}

async function sweepBatch(each: Left, ports: ExpiredPorts): Promise<'more' | 'done' | 'out of time'> {
  const { collection, rows } = each;
  const begun = ports.remaining();
  try {
    const swept = await ports.sweepDocuments(collection, rows);
    each.swept += swept;
    const took = begun - ports.remaining();
    if (took < QUICK) each.rows = Math.min(MOST, rows * 2);
    if (took > SLOW) each.rows = Math.max(LEAST, rows / 2);
    return swept < rows ? 'done' : 'more';
  } catch (error) {
    if (error instanceof OutOfTime) return 'out of time';
    ports.warn(`${collection} was not swept`, { cause: String(error) });
    return 'done';
  }
}
