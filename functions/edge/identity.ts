/** Remembers which stores a collection leaves `legacy` with. */

import type { Move } from '../control/publish.ts';
import { storesOf } from '../identity/sight.ts';
import type { Container } from './container.ts';

/**
 * From there on repairs depend on both stores, so what they are now is what they have to be, whatever was remembered of an earlier migration.
 * A forced move may be made while Oracle is away, and is not kept from it: then what was remembered stays, and the next look compares.
 */
export async function rememberStores(
  { stores, logger }: Pick<Container, 'logger'> & { readonly stores: Pick<Container['stores'], 'identity'> },
  collection: string,
  { from, to }: Pick<Move, 'from' | 'to'>,
): Promise<void> {
  if (from !== 'legacy') return;
  try {
    await stores.identity.accept(collection, storesOf(to));
  } catch (error) {
    logger.warn('What the stores are could not be noted: the next look notes or compares it', {
      collection,
      cause: String(error),
    });
  }
}
