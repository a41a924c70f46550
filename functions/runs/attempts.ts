/**
 * Finds the document that ends the process of its worker. A worker leaves a mark when it begins, and takes it away when it stops in good
 * order: a mark that is still there belongs to a worker that has died. After two deaths the keys of the next two batches are worked on one
 * by one, and each is written down before it is touched. A key at which two workers in a row die then is set aside. One such death is not enough: a
 * worker that is ended from outside has some key in hand, too, but the next worker gets past that key.
 */
import { byUtf8 } from '../protocol/order.ts';
import type { Attempt } from '../records/attempt.ts';
import type { ShardRow } from '../records/run.ts';
import { BATCH } from './batches.ts';

const BEGINNING: Omit<Attempt, 'epoch'> = {
  ...{ working: false, deaths: 0, suspected: false, at: null, touching: null, alone: 0, row: 0, lost: 0 },
};

/** Deaths after which keys are worked on one by one. */
const DEATHS = 2;
/** A worker reads the next batch while one is applied, so it has died of a key of two batches. */
export const ALONE = 2 * BATCH.documents;
/** Of so many documents in a row, or of one shard, no more are set aside: then it is not the documents that the workers die of. */
export const [MOST_IN_ROW, MOST_LOST] = [5, 100];

/** What a worker that begins is to do. */
export interface Begun {
  readonly attempt: Attempt;
  readonly died: boolean;
  /** The key that the last worker has died of; null for none. */
  readonly killer: string | null;
  /** Why no more documents of this shard are set aside; null where it goes on. */
  readonly stop: string | null;
}

/** @param handedOn whether the worker before has handed the shard on: it has not died, although its mark may be there still. */
export function beginAttempt(
  before: Attempt | null,
  { doneKey }: Pick<ShardRow, 'doneKey'>,
  epoch: number,
  handedOn: boolean,
): Begun {
  const last = before ?? { ...BEGINNING, epoch: 0, at: doneKey };
  const here = last.at === doneKey;
  const suspected = here && last.suspected;
  const next = { ...last, epoch, suspected, working: true, at: doneKey, row: here ? last.row : 0 };
  if (!last.working || handedOn) {
    const attempt = { ...next, deaths: here ? last.deaths : 0, touching: null };
    return { attempt, died: false, killer: null, stop: null };
  }
  const { touching } = last;
  if (touching === null || (doneKey !== null && byUtf8(touching, doneKey) <= 0)) {
    const deaths = (here ? last.deaths : Math.min(last.deaths, DEATHS)) + 1;
    const alone = deaths < DEATHS ? last.alone : ALONE;
    return { attempt: { ...next, deaths, alone, touching: null }, died: true, killer: null, stop: null };
  }
  if (!suspected) {
    const attempt = { ...next, deaths: DEATHS, suspected: true, alone: ALONE, touching: null };
    return { attempt, died: true, killer: null, stop: null };
  }
  const [row, lost] = [next.row + 1, last.lost + 1];
  const stop = stopFor(row, lost, touching);
  // What comes of a run that is gone on with begins anew.
  const attempt =
    stop === null
      ? { ...next, row, lost, deaths: 0, suspected: false, alone: ALONE, at: touching }
      : { ...BEGINNING, epoch, at: doneKey };
  return { attempt, died: true, killer: stop === null ? touching : null, stop };
}

function stopFor(row: number, lost: number, touching: string): string | null {
  if (row <= MOST_IN_ROW && lost <= MOST_LOST) return null;
  const found =
    row > MOST_IN_ROW ? `${MOST_IN_ROW} documents in a row` : `${MOST_LOST} documents of this shard`;
  return (
    `The workers have died of ${found}, which were set aside, and now of the key ${JSON.stringify(touching)}. It may not be the documents: ` +
    "read the workers' log (memory, time-outs, a deployment). Then resume the run, and redrive the dead letters"
  );
}
