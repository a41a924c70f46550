/** Where most game days begin: both collections are in `expand`, and Oracle has everything. */
import type { Field } from './field.ts';
import { COLLECTIONS } from './operator.ts';

export async function ready(field: Field): Promise<void> {
  field.put('/crossfade/backfill-pace', '100000');
  await field.place('expand', 60_000, 'expand');
  for (const collection of COLLECTIONS)
    await field.until(
      `the backfill of ${collection} is not clean`,
      () => field.crossfade('backfill', 'start', collection),
      ({ code }) => code === 0,
    );
}
