/** Which documents a projection takes. */
import { keyPattern, matches } from '../parsing/key_pattern.ts';
import type { Json } from '../protocol/json.ts';
import { foundAt, stepsFrom } from './path.ts';
import type { Predicate } from './projection.ts';
import { jsonOfSetting } from './types/value.ts';

/** Whether a document meets all of them. @param json undefined for a document that is no JSON. */
export function takes(where: readonly Predicate[], key: string, json: Json | undefined): boolean {
  return where.every((predicate) => isMet(predicate, key, json));
}

/** Whether some document of this key may meet them: no document of another key ever does. */
export function mayTake(where: readonly Predicate[], key: string): boolean {
  return where.every((predicate) => predicate.kind !== 'key' || isMet(predicate, key, undefined));
}

function isMet(predicate: Predicate, key: string, json: Json | undefined): boolean {
  if (predicate.kind === 'key') return matches(keyPattern(predicate.pattern), key);
  const found = foundAt(json, stepsFrom(predicate.path) ?? []);
  if (predicate.kind === 'equals') return found === jsonOfSetting(predicate.value);
  return found !== undefined && found !== 'null';
}
