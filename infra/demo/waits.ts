/** Where each collection is, and what its next move waits for, in a line. */
import type { Overview } from '../../functions/operations/overview.ts';

export function waitsOf(all: readonly Overview[]): string {
  return all
    .map(({ collection, effective, decision }) => {
      const missing = 'conditions' in decision ? decision.conditions.filter(({ holds }) => !holds) : [];
      const waits = missing.map(({ name, measured }) => `${name} (${measured})`).join(', ');
      return `${collection} is in ${effective.phase}${waits === '' ? '' : `, and waits for ${waits}`}`;
    })
    .join('; ');
}
