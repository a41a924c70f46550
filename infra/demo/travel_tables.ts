/** The tables into which documents of `travel.ts` go: one for each type, and one for each array that has rows of its own. */
import type { Settings } from '../settings.ts';

type Projections = NonNullable<Settings['collections'][string]['oracle']['projections']>;

const NAME = { name: 'NAME', path: 'name', type: 'VARCHAR2(80 CHAR)' } as const;
const PLACE = [
  { name: 'CITY', path: 'city', type: 'VARCHAR2(60 CHAR)' },
  { name: 'COUNTRY', path: 'country', type: 'VARCHAR2(60 CHAR)' },
] as const;
/** The second part of a key, `airport::QAB`. */
const ID = { key: { separator: '::', part: 1 }, missing: 'refuse' } as const;
const is = (type: string) => ({ equals: { type } });
/** Oldest programs first: a time as a text, then seconds, then milliseconds. */
const formats = ['iso', 'seconds', 'milliseconds'] as const;

export const TRAVEL_TABLES = [
  {
    table: 'AIRLINES',
    where: is('airline'),
    columns: [
      { name: 'CODE', ...ID, type: 'VARCHAR2(10 CHAR)' },
      NAME,
      { name: 'COUNTRY', path: 'country', type: 'VARCHAR2(60 CHAR)' },
      { name: 'ACTIVE', path: 'active', type: { kind: 'boolean' } },
      { name: 'FOUNDED', path: 'founded', type: { kind: 'date', formats: [...formats] }, misfit: 'down' },
    ],
    indexes: [['CODE']],
  },
  {
    table: 'AIRPORTS',
    where: is('airport'),
    columns: [
      { name: 'CODE', ...ID, type: 'VARCHAR2(10 CHAR)' },
      NAME,
      ...PLACE,
      { name: 'LATITUDE', path: 'geo["lat.deg"]', type: 'BINARY_DOUBLE' },
      { name: 'LONGITUDE', path: 'geo["lon.deg"]', type: 'BINARY_DOUBLE' },
      { name: 'ALTITUDE', path: 'geo.alt', type: 'NUMBER', misfit: 'null' },
    ],
    indexes: [['CODE'], ['CITY']],
  },
  {
    table: 'ROUTES',
    where: is('route'),
    columns: [
      { name: 'AIRLINE', path: 'airline', type: 'VARCHAR2(10 CHAR)', missing: 'refuse' },
      { name: 'ORIGIN', path: 'from', type: 'VARCHAR2(10 CHAR)', missing: 'refuse' },
      { name: 'DESTINATION', path: 'to', type: 'VARCHAR2(10 CHAR)', missing: 'refuse' },
      { name: 'DISTANCE', path: 'distance', type: 'NUMBER(8, 2)', misfit: 'half-even' },
    ],
    indexes: [['AIRLINE']],
  },
  {
    table: 'FLIGHTS',
    where: is('route'),
    each: 'schedule',
    columns: [
      { name: 'FLIGHT', element: 'flight', type: 'VARCHAR2(20 CHAR)', missing: 'refuse' },
      { name: 'WEEKDAY', element: 'day', type: 'NUMBER(1)' },
      { name: 'DEPARTS', element: 'departs', type: 'VARCHAR2(5 BYTE)' },
    ],
    foreignKey: true,
  },
  {
    table: 'HOTELS',
    where: is('hotel'),
    columns: [
      NAME,
      ...PLACE,
      { name: 'PRICE', path: 'price', type: 'NUMBER(10, 2)' },
      { name: 'CURRENCY', path: 'currency', type: 'VARCHAR2(3 BYTE)', missing: { default: 'EUR' } },
      { name: 'PETS', path: 'pets', type: { kind: 'boolean' }, misfit: 'null' },
    ],
    indexes: [['CITY']],
  },
  {
    table: 'REVIEWS',
    where: is('hotel'),
    each: 'reviews',
    columns: [
      { name: 'AUTHOR', element: 'author', type: 'VARCHAR2(60 CHAR)' },
      {
        name: 'WRITTEN',
        element: 'written',
        type: { kind: 'timestamp', fraction: 3, formats: [...formats] },
        misfit: 'null',
      },
      { name: 'STARS', element: 'stars', type: 'NUMBER(1)', misfit: 'null' },
      { name: 'TEXT', element: 'text', type: 'CLOB' },
    ],
    foreignKey: true,
  },
  {
    table: 'LANDMARKS',
    where: is('landmark'),
    columns: [
      NAME,
      ...PLACE,
      { name: 'KIND', path: 'kind', type: 'VARCHAR2(20 CHAR)', missing: { default: 'unknown' } },
      { name: 'FIRST_TAG', path: 'tags[0]', type: 'VARCHAR2(20 CHAR)' },
      { name: 'LAST_TAG', path: 'tags[-1]', type: 'VARCHAR2(20 CHAR)' },
      { name: 'TAGS', path: 'tags', type: { kind: 'json' } },
      { name: 'IMAGE', path: 'image', type: 'RAW(16)', misfit: 'null' },
    ],
  },
] satisfies Projections;
