/** A request that a second operator has to confirm, as people read it. */
import type { Asked } from '../../../functions/operations/four_eyes.ts';

export function askedLines({ id, by, why, from, to }: Asked): string[] {
  const what = from === to ? `to retire it in ${from}` : `to go from ${from} to ${to}`;
  return [
    `${id}: ${by} asks ${what}: ${why}`,
    `Nothing was done. Within an hour another person does it by: npx crossfade confirm ${id}`,
  ];
}
