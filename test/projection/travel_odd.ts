/** Documents as buckets of many years have them, beside those of `travel.ts`: with parts that are missing, of another kind, too long, too many, or spelt otherwise. */
import type { Place } from '../../infra/demo/places.ts';
import { documentOf } from '../../infra/demo/travel.ts';

export interface Odd {
  /** What is odd about it. */
  readonly what: string;
  readonly document: Place;
  /** How many rows it gives to each table; or what its refusal says. */
  readonly gives: Readonly<Record<string, number>> | RegExp;
  /** Columns whose policy has made something NULL or rounded, each as often as it has. */
  readonly lenient?: readonly string[];
}

const flight = (n: number) => ({ day: n % 7, departs: '10:00', flight: `X1${n}` });
const review = (n: number) => ({ author: `A${n}`, written: 1_700_000_000 + n, stars: 3, text: 'x' });
const route = { airline: 'X1', from: 'QAA', to: 'QAB', distance: 100 };
const many = <T>(count: number, make: (n: number) => T) => Array.from({ length: count }, (_, n) => make(n));

export const ODD: readonly Odd[] = [
  { what: 'a type alone', document: documentOf('airline', 'X1', {}), gives: { AIRLINES: 1 } },
  { what: 'no type', document: { key: 'airline::X2', body: '{"name":"x"}' }, gives: {} },
  {
    what: 'a type of another kind',
    document: { key: 'airline::X3', body: '{"type":["airline"]}' },
    gives: {},
  },
  { what: 'no JSON', document: { key: 'airline::X4', body: 'airline' }, gives: {} },
  { what: 'a scalar', document: { key: 'counter', body: '42' }, gives: {} },
  {
    what: 'a key without the part that is its code',
    document: { key: 'airline', body: '{"type":"airline"}' },
    gives: /there is nothing at part 1 of the key, for the column CODE of AIRLINES/,
  },
  {
    what: 'a time with a fraction for a date',
    document: documentOf('airline', 'X5', { founded: '1999-12-31T23:59:59.9Z' }),
    ...{ gives: { AIRLINES: 1 }, lenient: ['FOUNDED'] },
  },
  {
    what: 'a day that no calendar has',
    document: documentOf('airline', 'X6', { founded: '1999-02-29' }),
    gives:
      /there is a text of 10 characters, not a time as iso or seconds or milliseconds, at founded, for the column FOUNDED/,
  },
  {
    what: 'a name that is a number',
    document: documentOf('airport', 'QAA', { name: 7 }),
    gives: /there is a number, not a text, at name, for the column NAME of AIRPORTS/,
  },
  {
    what: 'a text where there are members',
    document: documentOf('airport', 'QAB', { geo: '51.5, 0.1' }),
    gives: { AIRPORTS: 1 },
  },
  {
    what: 'numbers as texts, and one that is unknown',
    document: documentOf('airport', 'QAC', {
      geo: { 'lat.deg': '51.5', 'lon.deg': '-0.10', alt: 'unknown' },
    }),
    ...{ gives: { AIRPORTS: 1 }, lenient: ['ALTITUDE'] },
  },
  {
    what: 'an integer that no double holds',
    document: { key: 'airport::QAD', body: '{"type":"airport","geo":{"lat.deg":9007199254740993}}' },
    gives:
      /there is a number of 16 digits, which no double holds, at geo\["lat\.deg"\], for the column LATITUDE/,
  },
  {
    what: 'a number of 38 digits',
    document: { key: 'airport::QAE', body: `{"type":"airport","geo":{"alt":${'7'.repeat(38)}}}` },
    gives: { AIRPORTS: 1 },
  },
  {
    what: 'a name of 81 characters',
    document: documentOf('hotel', '1', { name: 'é'.repeat(81) }),
    gives: /there is a text of 81 characters at name, for the column NAME of HOTELS/,
  },
  {
    what: 'a sum of doubles',
    document: documentOf('route', '1', { ...route, distance: 0.1 + 0.2 }),
    ...{ gives: { ROUTES: 1 }, lenient: ['DISTANCE'] },
  },
  {
    what: 'no schedule, and null for one',
    document: documentOf('route', '2', { ...route, schedule: null }),
    gives: { ROUTES: 1 },
  },
  {
    what: 'a schedule that is an object',
    document: documentOf('route', '3', { ...route, schedule: { 0: flight(0) } }),
    gives: /there is an object of 1 members, and no array at schedule, for the table FLIGHTS/,
  },
  {
    what: 'an element that is null',
    document: documentOf('route', '4', { ...route, schedule: [flight(0), null] }),
    gives: /there is nothing at schedule\[1\]\.flight, for the column FLIGHT of FLIGHTS/,
  },
  {
    what: 'a thousand flights',
    document: documentOf('route', '5', { ...route, schedule: many(1000, flight) }),
    gives: { ROUTES: 1, FLIGHTS: 1000 },
  },
  {
    what: 'a hundred thousand flights',
    document: documentOf('route', '6', { ...route, schedule: many(100_000, () => 0) }),
    gives: /there is an array of 100000 elements, above the 10000 that may be there at schedule/,
  },
  {
    what: 'reviews of all kinds',
    document: documentOf('hotel', '2', {
      price: '99.90',
      reviews: [review(1), {}, 'good', { ...review(2), stars: 'five', written: 'yesterday' }, { stars: 10 }],
    }),
    ...{ gives: { HOTELS: 1, REVIEWS: 5 }, lenient: ['WRITTEN', 'STARS', 'STARS'] },
  },
  {
    what: 'empty texts',
    document: documentOf('hotel', '3', { name: '', currency: '', price: null }),
    gives: { HOTELS: 1 },
  },
  {
    what: 'a price with a comma',
    document: documentOf('hotel', '4', { price: '1,200.00' }),
    gives: /there is a text of 8 characters, not a number, at price, for the column PRICE of HOTELS/,
  },
  {
    what: 'tags that are a text, and an image that is no hex',
    document: documentOf('landmark', '1', { tags: 'old', image: 'none' }),
    ...{ gives: { LANDMARKS: 1 }, lenient: ['IMAGE'] },
  },
];

/** One document before and after it has become of another type. */
export const CHANGED: readonly [Place, Place] = [
  documentOf('hotel', '9', { name: 'Hotel Or', price: 80, reviews: many(3, review) }),
  { ...documentOf('landmark', '9', { name: 'Or', tags: ['old'] }), key: 'hotel::9' },
];
