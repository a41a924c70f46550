/** Settles a receipt: looks at its key again, and makes both stores agree about it. */
import { type Call, CallFailed, perform, type Reply } from '../protocol/call.ts';
import { converge } from '../protocol/converge.ts';
import type { Phase, StoreName } from '../protocol/phase.ts';
import { sameState } from '../protocol/state.ts';
import type { Version } from '../protocol/version.ts';
import { keepingChanged } from '../stores/changed_by_sql.ts';
import { type Answers, type Measures, type NotesChanges, portOf } from '../stores/port.ts';
import type { Receipt, SendReceipt } from '../stores/receipt.ts';
import { requireTaken, type Selects } from '../stores/selection.ts';
import { Unversioned } from './unversioned.ts';

export interface Stores extends Selects {
  readonly couchbase: Answers<'couchbase'> & Measures<'couchbase'>;
  readonly oracle: Answers<'oracle'> & NotesChanges;
}

/** Both stores agree, or will once another receipt has been handled. `busy`: others keep writing; deliver it again. */
export type Settled = 'settled' | 'busy';

/** The one that is being settled: it is delivered again for as long as anything is left. */
const THIS_RECEIPT: Answers<'receipt'> = {
  send: async () => null,
  sent: async () => true,
};

/**
 * Throws `CallFailed` for what should be delivered again, and `PoisonDocument` for what never will be settled. A row that somebody has changed by SQL without
 * a new version is left as it is, and so is Couchbase: it is written down, and an operator decides.
 * @param timely whether a call that begins now ends before the function does.
 * @param changed is told of each change that was made, as people read it.
 */
export async function settle(
  receipt: Receipt,
  phase: Phase,
  stores: Stores,
  send: SendReceipt,
  timely: () => boolean,
  changed: (change: Change) => void = () => {},
): Promise<Settled> {
  const { key } = receipt;
  requireTaken(receipt.collection, key, stores);
  const port = keepingChanged(key, stores.oracle, portOf(key, { ...stores, receipt: THIS_RECEIPT }), timely);
  const seen = new Unversioned(phase);
  const converged = await perform(converge(phase, receipt.expired), async (call) => {
    if (!timely()) throw new CallFailed(`No time is left for ${call.name}`);
    if (stores.oracle.noteChanged !== undefined) seen.requireNone(call);
    const reply = await port(call);
    seen.answered(call, reply);
    const change = changeIn(call, reply);
    if (change !== null) changed(change);
    return reply;
  }).catch(async (error: unknown) => {
    if (error !== seen.found) throw error;
    await stores.oracle.noteChanged?.(key, 'unversioned', seen.row);
    return { kind: 'equal' } as const;
  });
  if (converged.kind !== 'marker') return converged.kind === 'equal' ? 'settled' : 'busy';
  // The marker may go once nothing that was on its way before it was seen can still arrive: a bake from now.
  const { collection } = receipt;
  if (await send({ collection, key, phase, cause: 'marker', expired: converged.cas })) return 'settled';
  throw new CallFailed('The receipt for a marker could not be sent');
}

/** A change in a store that was behind, or that somebody has written to just now. */
export interface Change {
  readonly store: StoreName;
  readonly what: string;
  readonly version: Version;
}

/** Null for none. A marker that goes is no repair. */
function changeIn(call: Call, reply: Reply): Change | null {
  switch (call.name) {
    case 'couchbase.swap': {
      const { content, version } = call;
      if (reply === null || version === null) return null;
      return {
        store: 'couchbase',
        what: `Couchbase was given ${what(content)} in version ${version}`,
        version,
      };
    }
    case 'oracle.apply': {
      const { content, version } = call;
      return reply === true
        ? { store: 'oracle', what: `Oracle was given ${what(content)} in version ${version}`, version }
        : null;
    }
    case 'oracle.swap': {
      const { from, to } = call;
      // A key that is given back holds what it held: only who orders it has changed.
      if (reply !== true || sameState(from, to)) return null;
      return {
        store: 'oracle',
        what: `Oracle’s row went from version ${from.version} to ${to.version}`,
        version: to.version,
      };
    }
    default:
      return null;
  }
}

function what(content: unknown): string {
  return content === null ? 'a deletion' : 'a document';
}
