/**
 * A collection with documents of five types goes into tables, and the demo asks them by SQL once Oracle decides: before and after an app has written a document
 * through the API. What SQL answers is what the documents say.
 */
import type { Place } from './app.ts';
import type { Place as Document } from './places.ts';
import { type Answer, answerLines, answerOf, reckoned, SQL } from './question.ts';
import type { Screen } from './screen.ts';
import { seeded } from './seeded.ts';
import type { Stage } from './stage.ts';
import { documentOf, travelOf } from './travel.ts';

const COLLECTION = 'travel';
/** Flights of a route that an app adds: more than any city has. */
const ADDED = 200;

interface Town {
  readonly city: string;
  readonly country: string;
}

/** The documents of the travel agency, as they lie in Couchbase. */
export function travelPlaces(seed: number): ReadonlyMap<Place, string> {
  return new Map(travelOf(seeded(seed)).map(({ key, body }) => [{ collection: COLLECTION, key }, body]));
}

/**
 * What SQL answers is told, and is a fault where the documents say something else. Throws `Stuck`.
 * @param places of `travelPlaces`; where there are none, nothing is asked.
 */
export async function askTables(
  stage: Stage,
  screen: Screen,
  places: ReadonlyMap<Place, string>,
): Promise<void> {
  if (places.size === 0) return;
  const documents = [...places].map(([{ key }, body]) => ({ key, body }));
  await compared(stage, documents);
  const route = addedTo(documents);
  await stage.patience.again('the document is not written', async () => {
    const { status, problem } = await stage.app.put({ collection: COLLECTION, key: route.key }, route.body);
    if (status !== 204) throw new Error(`${status} ${problem ?? ''}`);
  });
  stage.answer.push(...answerLines(await compared(stage, [...documents, route])));
  screen.tell(`An app has added a route with ${ADDED} flights a week, and the tables tell of it at once:`);
  for (const line of stage.answer) screen.tell(line);
}

async function compared(stage: Stage, documents: readonly Document[]): Promise<readonly Answer[]> {
  const answer = answerOf(await stage.stores.rows(SQL));
  const expected = reckoned(documents);
  if (JSON.stringify(answer) !== JSON.stringify(expected))
    stage.caught.push({
      ...{ key: COLLECTION, kind: 'diverged' },
      detail: `SQL answers ${JSON.stringify(answer)}, and the documents say ${JSON.stringify(expected)}`,
    });
  return answer;
}

/** A route from the first airport to the first one of another country whose city has a hotel. */
function addedTo(documents: readonly Document[]): Document {
  const of = (type: string) =>
    documents
      .filter(({ key }) => key.startsWith(`${type}::`))
      .map(({ key, body }) => ({ code: key.slice(type.length + 2), ...(JSON.parse(body) as Town) }));
  const hotels = new Set(of('hotel').map(({ city }) => city));
  const [from, ...others] = of('airport');
  const to = others.find(({ city, country }) => country !== from?.country && hotels.has(city));
  const schedule = Array.from({ length: ADDED }, (_, n) => ({
    day: n % 7,
    departs: '10:00',
    flight: `X9${n}`,
  }));
  return documentOf('route', 'added', {
    airline: 'X0',
    from: from?.code,
    to: to?.code,
    distance: 300,
    schedule,
  });
}
