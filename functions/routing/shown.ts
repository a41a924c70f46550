/** What a phase shows of a document. */
import { call, perform, type Steps } from '../protocol/call.ts';
import type { Phase } from '../protocol/phase.ts';
import { read } from '../protocol/read.ts';
import type { Versioned } from '../protocol/state.ts';
import { PoisonDocument } from '../stores/failure.ts';
import type { Port } from './guard.ts';

/**
 * A read in `seal` carries what Couchbase alone has to Oracle first. Where Oracle can never take it, a forced move or a change of the table has
 * skipped the gate before `seal`; nobody gets to `switch` while it differs, so nobody reads Oracle instead, and it is shown as it is.
 */
export async function shown(phase: Phase, port: Port): Promise<Versioned> {
  try {
    return await perform(read(phase), port);
  } catch (error) {
    if (!(error instanceof PoisonDocument)) throw error;
    return perform(held(), port);
  }
}

/** Where Oracle orders the key, its row counts. */
function* held(): Steps<Versioned> {
  const found = yield* call('couchbase.read', {});
  const row = yield* call('oracle.read', {});
  return row.handoff === null ? found : row;
}
