/** Holds a game day, and says what came of it. */
import type { Fault } from '../../infra/demo/book.ts';
import { CLOCK } from '../../infra/demo/patience.ts';
import { alarmsOf, type Day } from './day.ts';
import type { Field } from './field.ts';

export interface Held {
  readonly name: string;
  readonly provoked: boolean;
  readonly remedied: boolean;
  /** What clients saw that must not be. */
  readonly wrong: readonly string[];
  readonly seconds: number;
  /** Commands that were given. */
  readonly given: readonly string[];
  /** Why it has not come to its end; null where it has. */
  readonly broken: string | null;
}

/** @param tell is told how far it is. */
export async function hold(day: Day, field: Field, tell: (line: string) => void): Promise<Held> {
  const [given, caught] = [field.given.length, field.caught.length];
  let [provoked, remedied]: [boolean, boolean] = [false, false];
  const ended = await timed(async () => {
    try {
      await goOff(day, field, tell);
      provoked = true;
      await heal(day, field, tell);
      remedied = true;
    } finally {
      await calm(field);
    }
    return field.caught.slice(caught);
  });
  return { ...ended, name: day.name, provoked, remedied, given: field.given.slice(given) };
}

/** Compares what clients were told with what stores hold, once all days of a stack are over. */
export async function compare(name: string, field: Field, which: 'both' | 'couchbase'): Promise<Held> {
  const ended = await timed(() => compared(field, which));
  return { ...ended, name, provoked: true, remedied: true, given: [] };
}

async function timed(act: () => Promise<Fault[]>): Promise<Pick<Held, 'wrong' | 'seconds' | 'broken'>> {
  const began = performance.now();
  const seconds = () => Math.round((performance.now() - began) / 1000);
  try {
    const found = await act();
    const wrong = found.map(({ kind, key, detail }) => `${kind}: ${key}: ${detail}`);
    return { wrong, seconds: seconds(), broken: null };
  } catch (error) {
    return { wrong: [], seconds: seconds(), broken: error instanceof Error ? error.message : String(error) };
  }
}

/** What is wrong with what stores hold, once clients rest and receipts are settled. */
async function compared(field: Field, which: 'both' | 'couchbase'): Promise<Fault[]> {
  await field.crowd.stop();
  await field.settled();
  return field.crowd.check(which);
}

/** Provokes it, until it shows. */
export async function goOff(day: Day, field: Field, tell: (line: string) => void): Promise<void> {
  const alarms = alarmsOf(day);
  const silent = () => alarms.filter((name) => !field.watch.goesOff(name));
  await field.until('alarms go off before', silent, (names) => names.length === alarms.length);
  field.begin();
  if (!day.isQuiet) field.crowd.start();
  await day.provoke(field);
  await field.until('these alarms do not go off', silent, (names) => names.length === 0);
  await day.expect?.(field);
  tell(`${day.name}: ${alarms.length === 0 ? day.row.signs[0] : alarms.join(', ')}`);
}

/** Does what the page says, until it is over. */
export async function heal(day: Day, field: Field, tell: (line: string) => void): Promise<void> {
  await day.remedy(field);
  const off = () => alarmsOf(day).filter((name) => field.watch.goesOff(name));
  await field.until('these alarms still go off', off, (names) => names.length === 0);
  await day.healed?.(field);
  tell(`${day.name}: healed`);
}

/** Nothing is broken any more, whatever the day has left behind. */
async function calm(field: Field): Promise<void> {
  const { stack } = field;
  stack.parameters.isAway = false;
  stack.logs.away = false;
  stack.queues.refuse(0);
  stack.held.queue = null;
  await stack.stores.oracle.calm();
  await stack.stores.couchbase.calm();
  await Promise.race([field.crowd.stop(), CLOCK.sleep(30_000)]);
}
