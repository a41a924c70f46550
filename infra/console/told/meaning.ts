/** What each phase means, as people read it. */
import type { Phase } from '../../../functions/protocol/phase.ts';

export const MEANING: Readonly<Record<Phase, string>> = {
  legacy: 'Couchbase alone is written and read',
  expand: 'both are written, Couchbase first; Couchbase is read',
  seal: 'no write is answered before both stores have it; either could be read',
  switch: 'Oracle is read',
  settle: 'Oracle decides, and Couchbase follows',
  contract: 'Oracle alone is written and read',
};
