/** Real documents with real names, of any script, as an app would key them. */
import { cities, countries, placeOf } from '../../infra/demo/places.ts';

/** Countries, and every n-th city: bodies by key. */
export function realPlaces(every: number): Map<string, string> {
  const found = new Map(countries().map(({ key, body }) => [`country/${key}`, body]));
  for (const [n, city] of cities().entries()) {
    if (n % every !== 0) continue;
    const { key, body } = placeOf(city, n);
    found.set(key, body);
  }
  return found;
}
