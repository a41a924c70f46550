/** Keys of sample documents: each collection has those that it takes. */
import { type Keys, Selection } from '../../functions/stores/selection.ts';

/** After the first pattern that allows it. @param name what is to stand in the place of the first star; it is the key where no pattern has one that is taken. */
export function sampleKey(keys: Keys, name: string): string {
  const selection = new Selection(keys);
  return keys.include.map((pattern) => filled(pattern, name)).find((key) => selection.takes(key)) ?? name;
}

/** A star stands for no characters, too, so all but the first one are left out. */
function filled(pattern: string, name: string): string {
  let isFirst = true;
  return pattern.replace(/\\(.)|\*/gs, (_, escaped?: string) => {
    if (escaped !== undefined) return escaped;
    const text = isFirst ? name : '';
    isFirst = false;
    return text;
  });
}
