/** The places of a certification: nobody else's documents may be in them, and nothing of ours is left. */
import pMap from 'p-map';
import type { StoreName } from '../protocol/phase.ts';
import type { Shard } from '../protocol/shard.ts';
import { type Finding, OWN, type Ports } from './check.ts';

const STORES: readonly StoreName[] = ['couchbase', 'oracle'];
/** Above every key of our own. */
export const ABOVE = `${OWN}\u{10ffff}`;
const OTHERS: readonly Shard[] = [
  { after: null, upTo: OWN },
  { after: ABOVE, upTo: null },
];
const PAGE = 200;

/** Fails where a place has a document that no certification has made. */
export async function onlyOurOwn({ keys }: Ports): Promise<Finding> {
  for (const store of STORES)
    for (const shard of OTHERS)
      if ((await keys[store](shard, 1)).length > 0)
        return {
          ...{ state: 'failed', figures: {} },
          why: `CERTIFY_NOT_SCRATCH: the scratch ${store === 'couchbase' ? 'collection' : 'table'} has documents that no certification has made. No other check was run, and nothing was changed`,
          next: 'Name another place for the certification, which nobody uses; or empty this one, if nobody needs what is there',
        };
  return { state: 'passed', figures: {} };
}

/** Removes what checks have left in Couchbase. @returns whether all is gone; else call it again. */
export async function clearOwn({ couchbase, keys, timeLeft, call }: Ports): Promise<boolean> {
  while (timeLeft() > 2 * call) {
    const page = await keys.couchbase({ after: OWN, upTo: ABOVE }, PAGE);
    await pMap(page, (key) => couchbase.remove(key, {}), { concurrency: 16 });
    if (page.length < PAGE) return true;
  }
  return false;
}
