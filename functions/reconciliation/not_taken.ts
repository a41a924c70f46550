/** Receipts of keys that the collection does not take: nothing is done about them. */
import { isProbe } from '../stores/feed_probe.ts';
import type { Receipt } from '../stores/receipt.ts';
import type { Selects } from '../stores/selection.ts';

/**
 * Whether the receipt asks for nothing: nobody is to have an ignored key, and a change feed tells of all documents that Couchbase has, and no write of ours rests on
 * it. Any other receipt of such a key stands for a write of before the settings were changed: it is set aside by `settle`, for an operator to see.
 */
export function asksForNothing({ key }: Receipt, feed: boolean, { selection }: Selects): boolean {
  const taking = selection?.of(key) ?? 'taken';
  return (taking === 'ignored' || (taking === 'elsewhere' && feed)) && !isProbe(key);
}
