/** Which stores a collection was migrated with, and which answer now, as people read it. */

import type { Sight } from '../../../functions/identity/sight.ts';
import { marksText } from '../../../functions/records/marks.ts';

const NAMES = { couchbase: 'Couchbase', oracle: 'Oracle' } as const;

/** Nothing for a store that is the one it was. @param sights functions of the version before tell none. */
export function identityLines(sights: readonly Sight[] = []): string[] {
  return sights.flatMap(({ store, remembered, problem }) => {
    if (problem !== null) return [`  ${problem}`];
    if (remembered !== null && Object.keys(remembered).length > 0) return [];
    return [
      `  identity of ${NAMES[store]}: not known yet, so another store in its place would not be noticed`,
    ];
  });
}

/** @param before what each store was and is. */
export function acceptedLines(collection: string, before: readonly Sight[]): string[] {
  const lines = before.map(({ store, seen, remembered }) => {
    const was = remembered === null ? 'nothing was remembered' : `it was ${marksText(remembered)}`;
    const is = seen === null ? 'it does not answer: what it tells next is accepted' : marksText(seen);
    return `  ${NAMES[store]}: ${is}; ${was}`;
  });
  return [
    `The stores of ${collection} are those of now:`,
    ...lines,
    'Repairs and runs go on within a minute. No gate opens until all of it has been compared: ' +
      `npx crossfade verify start ${collection} --mode content`,
  ];
}
