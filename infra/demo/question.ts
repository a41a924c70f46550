/**
 * A question that nobody could ask of the JSON before, answered by one join of the tables into which documents of five types went; and the same answer
 * worked out from the documents, to compare.
 */
import type { Place } from './places.ts';

export const QUESTION =
  'Which cities have the most flights a week from abroad, and what does a night there cost at least?';

/** Rows of the answer. */
const MOST = 5;

export const SQL = `SELECT d.CITY, TO_CHAR(COUNT(*)), TO_CHAR((SELECT MIN(h.PRICE) FROM HOTELS h WHERE h.CITY = d.CITY))
  FROM FLIGHTS f
  JOIN ROUTES r ON r.DOC_KEY = f.DOC_KEY
  JOIN AIRPORTS o ON o.CODE = r.ORIGIN
  JOIN AIRPORTS d ON d.CODE = r.DESTINATION
  WHERE o.COUNTRY <> d.COUNTRY
  GROUP BY d.CITY
  ORDER BY COUNT(*) DESC, d.CITY
  FETCH FIRST ${MOST} ROWS ONLY`;

export interface Answer {
  readonly city: string;
  readonly flights: number;
  /** Null where it has no hotel, or none with a price. */
  readonly cheapest: number | null;
}

/** @param rows as `SQL` gives them, of texts. */
export function answerOf(rows: readonly (readonly (string | null)[])[]): Answer[] {
  return rows.map(([city, flights, cheapest = null]) => ({
    ...{ city: city ?? '', flights: Number(flights) },
    cheapest: cheapest === null ? null : Number(cheapest),
  }));
}

interface Travel {
  readonly type: string;
  readonly city?: string;
  readonly country?: string;
  readonly from?: string;
  readonly to?: string;
  readonly price?: string | number;
  readonly schedule?: readonly unknown[];
}

/** The answer that the documents themselves give. */
export function reckoned(documents: readonly Place[]): Answer[] {
  const all = documents.map(({ key, body }) => ({ key, ...(JSON.parse(body) as Travel) }));
  const of = (type: string) => all.filter((document) => document.type === type);
  const airports = new Map(of('airport').map((airport) => [airport.key.split('::')[1], airport]));
  const flights = new Map<string, number>();
  for (const { from = '', to = '', schedule = [] } of of('route')) {
    const [origin, destination] = [airports.get(from), airports.get(to)];
    if (origin === undefined || destination?.city === undefined || origin.country === destination.country)
      continue;
    if (schedule.length > 0)
      flights.set(destination.city, (flights.get(destination.city) ?? 0) + schedule.length);
  }
  const pricesIn = (city: string) =>
    of('hotel').flatMap((hotel) =>
      hotel.city === city && hotel.price !== undefined ? [Number(hotel.price)] : [],
    );
  return [...flights]
    .sort(([a, most], [b, least]) => least - most || Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .slice(0, MOST)
    .map(([city, count]) => {
      const prices = pricesIn(city);
      return { city, flights: count, cheapest: prices.length === 0 ? null : Math.min(...prices) };
    });
}

export function answerLines(answer: readonly Answer[]): string[] {
  return [
    `Asked in SQL: ${QUESTION}`,
    'city            flights  from',
    ...answer.map(
      ({ city, flights, cheapest }) =>
        `${city.padEnd(14)}${String(flights).padStart(9)}  ${cheapest === null ? 'no hotel' : cheapest.toFixed(2)}`,
    ),
  ];
}
