/** Clients of the service that is moved. Each keeps a book of what it was told, and sends its next request when the last was answered. */
import { setTimeout } from 'node:timers/promises';
import type { App, Place, Reply } from './app.ts';
import type { Book, Fault, Mark, Outcome } from './book.ts';
import type { Tally } from './tally.ts';

export interface Surroundings {
  readonly app: App;
  readonly book: Book;
  readonly tally: Pick<Tally, 'count'>;
  /** Is told of what a client sees that must not be. */
  readonly caught: (fault: Fault) => void;
  /** 0 to 1, from a seed. */
  readonly random: () => number;
}

/** One request, or a few that belong together. */
export type Act = () => Promise<void>;

/** How a key is named in books: keys of other collections may be the same. */
export const nameOf = ({ collection, key }: Place): string => `${collection}/${key}`;

/** Writes its own keys, and deletes some of them: one key has one writer. */
export function writer(
  { app, book, tally, random }: Surroundings,
  places: readonly Place[],
  number: number,
): Act {
  return async () => {
    const place = pick(places, random);
    const mark = random() < 0.2 ? null : book.next(nameOf(place));
    const end = book.begin(nameOf(place), mark);
    const reply = await (mark === null ? app.delete(place) : app.put(place, bodyOf(number, mark)));
    count(tally, reply, mark === null ? [204, 404] : [204]);
    end(outcomeOf(reply, mark === null ? [204, 404] : [204]));
  };
}

/** Raises a number that others raise too, with If-Match: none of the steps may be lost. */
export function counter({ app, book, tally }: Surroundings, place: Place, number: number): Act {
  const steps = stepsOf(place, number);
  return async () => {
    const read = await app.get(place);
    count(tally, read, [200, 404]);
    if (read.status !== 200 && read.status !== 404) return;
    const held = read.status === 200 ? (JSON.parse(read.body) as Counted) : { steps: {} };
    const own = (held.steps[number] ?? 0) + 1;
    const end = book.begin(steps, own);
    const next = JSON.stringify({ steps: { ...held.steps, [number]: own } });
    const condition: Record<string, string> =
      read.status === 200 ? { 'if-match': read.etag } : { 'if-none-match': '*' };
    const reply = await app.put(place, next, condition);
    count(tally, reply, [204, 412]);
    end(outcomeOf(reply, [204]));
  };
}

export interface Counted {
  readonly steps: Readonly<Record<string, number>>;
}

/** The name in the book of what one client has counted. */
export const stepsOf = (place: Place, number: number): string => `${nameOf(place)} of ${number}`;

/** Reads what others write, and what nobody does: nothing may go back in time, and nothing may be missing. */
export function reader(
  { app, book, tally, caught, random }: Surroundings,
  written: readonly Place[],
  untouched: ReadonlyMap<Place, string>,
): Act {
  const still = [...untouched.keys()];
  return async () => {
    const isStill = random() < 0.5;
    const place = pick(isStill ? still : written, random);
    const judge = book.reading(nameOf(place));
    const reply = await app.get(place);
    count(tally, reply, [200, 404]);
    if (reply.status !== 200 && reply.status !== 404) return;
    const fault = isStill ? missing(place, reply, untouched.get(place) ?? '') : judge(markIn(reply));
    if (fault !== null) caught({ ...fault, detail: `${fault.detail}, in ${reply.phase}` });
  };
}

function missing(place: Place, { status, body }: Reply, whole: string): Fault | null {
  if (status === 200 && body === whole) return null;
  return {
    key: nameOf(place),
    kind: 'lost',
    detail: `nobody has changed it, and it reads ${body.slice(0, 80)}`,
  };
}

/** Goes on until it is told to stop. @param pause milliseconds between the beginnings of two requests. @param first before the first one. */
export async function goOn(act: Act, pause: () => number, stopped: () => boolean, first = 0): Promise<void> {
  await setTimeout(first);
  while (!stopped()) {
    const began = performance.now();
    await act();
    await setTimeout(Math.max(0, pause() - (performance.now() - began)));
  }
}

/** As writers write it. */
export function bodyOf(writer: number, mark: number): string {
  return JSON.stringify({ name: 'Ürümqi 乌鲁木齐', writer, mark, at: [43.82, 87.6], note: 'x'.repeat(200) });
}

/** Which write a document is from; 0 for one that was there before. */
export function markOf(body: string): number {
  return (JSON.parse(body) as { mark?: number }).mark ?? 0;
}

function markIn({ status, body }: Reply): Mark {
  return status === 404 ? null : markOf(body);
}

/** As the API's page says it. */
const NOTHING_WAS_DONE = ['unavailable', 'phase-unknown', 'durability-impossible'];

function outcomeOf({ status, problem }: Reply, done: readonly number[]): Outcome {
  if (done.includes(status)) return 'acknowledged';
  const doubtful = status === 0 || status >= 500;
  return doubtful && !NOTHING_WAS_DONE.includes(problem ?? '') ? 'unknown' : 'refused';
}

function count(
  tally: Pick<Tally, 'count'>,
  { phase, took, status, problem }: Reply,
  well: readonly number[],
): void {
  tally.count(phase, took, well.includes(status) ? null : `${status} ${problem ?? ''}`.trim());
}

function pick<T>(all: readonly T[], random: () => number): T {
  return all[Math.floor(random() * all.length)] as T;
}
